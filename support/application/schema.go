package application

import (
	"encoding/json"

	"github.com/crossdc/failover/support/traffic/adapter"
)

type object = map[string]any

// Schema is the JSON schema of a file, for editors. It is made from the tables that files are held against; schema.json in this
// folder is a copy, and a test compares them.
func Schema() ([]byte, error) {
	text := func(description string) object { return object{"type": "string", "description": description} }
	length := func(description string) object {
		return object{"type": "string", "pattern": `^([0-9.]+(ns|us|µs|ms|s|m|h))+$`, "description": description}
	}
	strict := func(properties object, required ...string) object {
		o := object{"type": "object", "additionalProperties": false, "properties": properties}
		if len(required) > 0 {
			o["required"] = required
		}
		return o
	}
	endpoint := "operator of the Data Exchange service, Operator or Operator/Port; leave it out where the application has none: "
	traffic := ways(adapter.WayIn)
	traffic["event"] = text("template of an event: {{number}} {{key}} {{due}} {{due_ms}} {{due_us}} {{payload N}} {{stream}} {{channel}} {{seq}} {{check}}")
	traffic["key"] = text("template of the key; events of one key stay in order")
	results := ways(adapter.WayOut)
	results["number"] = text(`where a result holds the number of its event: json:/order/id, csv:3 or regexp:id=(\d+)`)
	results["by"] = text("where a result says which data center processed it, in the same form")
	results["names"] = strict(object{"dc1": text("what by finds for the first data center"), "dc2": text("what by finds for the second")})
	results["within"] = length("how long after it was due the result of an event may come, wall time; later it is late")
	described := strict(object{
		"name":          text("as reports call the application"),
		"composite":     object{"type": "string", "pattern": composite.String(), "description": "main composite with its namespace"},
		"invocation":    text("name under which it invokes the composite CrossDataCenterFailover"),
		"configuration": text("application configuration that holds the toolkit's properties"),
		"channels":      object{"type": "integer", "minimum": 0, "maximum": MaxChannels, "description": "fragments of its state that the toolkit replicates"},
		"endpoints": strict(object{
			"events": text(endpoint + "takes numbered events"), "control": text(endpoint + "takes state requests and special messages"),
			"results": text(endpoint + "one tuple per processed event"), "status": text(endpoint + "the toolkit's RemoteDataCenterStatus"),
			"takeover": text(endpoint + "one tuple per fragment taken over"), "state": text(endpoint + "answers to state requests"),
		}),
		"traffic":  withAdapters(strict(traffic, "adapter", "event"), adapter.WayIn),
		"results":  withAdapters(strict(results, "adapter"), adapter.WayOut),
		"reroutes": object{"enum": []string{ReroutedByUs, ReroutedByUpstream}, "description": "who sends the events of a lost data center to the other one"},
		"state":    object{"enum": []string{StateOfDrill}, "description": "state that can be asked for"},
		"serving": object{"type": "array", "description": "tuple counters that tell that it serves", "items": strict(object{
			"operator": text("name of an operator"), "input": object{"type": "integer", "minimum": 0, "maximum": 1000}, "output": object{"type": "integer", "minimum": 0, "maximum": 1000},
		}, "operator")},
		"objectives": strict(object{"rto": length("toolkit time until service is back"), "rpo": length("toolkit time of traffic that may be lost")}),
		"embedded": strict(object{"fused": object{"type": "boolean"}, "merge": object{"enum": []string{"keyed", "additive"}},
			"load": object{"type": "integer", "minimum": 0, "maximum": maxLoad, "description": "events per second that the emulated application makes of its own"}}),
	}, "name", "composite")
	described["$schema"], described["title"] = "https://json-schema.org/draft/2020-12/schema", "Description of an application for the failover suite"
	return json.MarshalIndent(described, "", "  ")
}

// ways are the keys that traffic and results share.
func ways(way adapter.Way) object {
	values := object{"type": "object"}
	return object{
		"adapter": object{"enum": adaptersOf(way)}, "with": values, "dc1": values, "dc2": values,
		"shared": object{"type": "boolean", "description": "one way for both data centers"},
	}
}

// withAdapters says for each adapter which parameters its ways take.
func withAdapters(schema object, way adapter.Way) object {
	var rules []object
	for _, a := range adapter.Table() {
		if way == adapter.WayIn && a.In == nil || way == adapter.WayOut && a.Out == nil {
			continue
		}
		parameters := object{}
		for _, p := range a.Parameters {
			if p.Way&way != 0 {
				parameters[p.Name] = parameter(p)
			}
		}
		values := object{"additionalProperties": false, "properties": parameters, "description": a.Summary}
		rules = append(rules, object{
			"if":   object{"properties": object{"adapter": object{"const": a.Name}}},
			"then": object{"properties": object{"with": values, "dc1": values, "dc2": values}},
		})
	}
	schema["allOf"] = rules
	return schema
}

// parameter is one parameter; whatever it is, it may be written as a text.
func parameter(p adapter.Parameter) object {
	o := object{"type": []string{"string", "integer", "boolean"}, "description": p.Doc}
	if p.Default != "" {
		o["default"] = p.Default
	}
	if len(p.Allowed) > 0 {
		o["enum"] = p.Allowed
		delete(o, "type")
	}
	return o
}
