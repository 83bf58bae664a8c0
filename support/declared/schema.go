package declared

import (
	"encoding/json"
	"strings"

	"github.com/crossdc/failover/support/fault"
)

// Schema is the JSON schema of a file, for editors. It is made from the same tables that files are held against; schema.json in
// this folder is a copy, and a test compares them.
func Schema() ([]byte, error) {
	type object = map[string]any
	length := object{"type": "string", "pattern": `^\s*([0-9.]+(ns|us|µs|ms|s|m|h))+\s*$|^\s*[0-9.]+\s*I\s*$`, "description": "toolkit time such as 90s, or heartbeat intervals such as 2.5 I"}
	var names []any
	for _, c := range checks {
		if c.Sided {
			names = append(names, c.Name+" "+First, c.Name+" "+Second)
		} else {
			names = append(names, c.Name)
		}
	}
	faults := object{
		"fault":    object{"enum": kinds()},
		"target":   object{"enum": []string{First, Second}, "description": "for " + strings.Join(aims, ", ")},
		"measured": object{"type": "boolean", "description": "its instant is the zero of detection and recovery; by default the first fault's"},
		"after":    length, "for": length, "delay": length, "jitter": length, "down": length, "up": length, "back": length,
		"mode":             object{"enum": []string{string(fault.Refuse), string(fault.Reset), string(fault.HangUp), string(fault.Blackhole)}},
		"ports":            object{"enum": []string{string(fault.HeartbeatPort), string(fault.SnapshotPorts)}},
		"bytes_per_second": object{"type": "integer", "minimum": 0},
		"fragment":         object{"type": "integer", "minimum": 0},
		"share":            object{"type": "number", "exclusiveMinimum": 0, "maximum": 1},
		"corruption":       object{"enum": corruptions()},
		"lost":             object{"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
	}
	return json.MarshalIndent(object{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Scenario of the failover suite", "type": "object", "additionalProperties": false,
		"required": []string{"id", "words", "faults", "checks"},
		"properties": object{
			"id":         object{"type": "string", "pattern": identifier.String()},
			"words":      object{"type": "string", "maxLength": 200},
			"topology":   object{"enum": []string{"active/active"}},
			"labels":     object{"type": "array", "items": object{"type": "string", "pattern": identifier.String()}},
			"toolkit":    object{"type": "object", "additionalProperties": object{"type": "string"}, "description": "properties of the toolkit that it is meant for"},
			"traffic":    object{"type": "object", "additionalProperties": false, "properties": object{"rate": object{"type": "number", "minimum": 0}}},
			"objectives": object{"type": "object", "additionalProperties": false, "properties": object{"rto": length, "rpo": length}},
			"faults":     object{"type": "array", "minItems": 1, "items": object{"type": "object", "additionalProperties": false, "required": []string{"fault"}, "properties": faults}},
			"checks":     object{"type": "array", "minItems": 1, "uniqueItems": true, "items": object{"enum": names}},
		},
	}, "", "  ")
}
