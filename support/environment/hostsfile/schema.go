package hostsfile

import (
	"encoding/json"
	"maps"
)

type object = map[string]any

// Schema is the JSON schema of a file, for editors. schema.json in this folder is a copy, and a test compares the two, and its keys with
// those of the struct.
func Schema() ([]byte, error) {
	text := func(description string) object {
		return object{"type": "string", "minLength": 1, "description": description}
	}
	list := func(description string) object {
		return object{"type": "array", "minItems": 1, "items": object{"type": "string"}, "description": description}
	}
	closed := func(required []string, properties object) object {
		return object{"type": "object", "additionalProperties": false, "required": required, "properties": properties}
	}
	login := object{
		"address":     text("host or host:port as seen from here, or from the jump host; without a port 22"),
		"user":        text("account on the machine"),
		"keys":        list("private key files without a passphrase, absolute or relative to this file"),
		"agent":       object{"type": "boolean", "description": "keys of the agent at SSH_AUTH_SOCK as well"},
		"known_hosts": text("file with the machine's key; an unknown host is refused"),
	}
	required := []string{"address", "user", "known_hosts"}
	command := list("argument vector; the first is the absolute path of the program, no shell is involved")
	command["maxItems"] = maxArguments
	stopped := object{"type": "array", "minItems": 1, "items": object{"type": "integer", "minimum": 1, "maximum": 125},
		"description": "exit codes of status that say that the service does not run; 3 where none is named; any other code but 0 says neither"}
	host := maps.Clone(login)
	maps.Copy(host, object{
		"jump":                closed(required, login),
		"privilege":           object{"enum": Privileges(), "description": "how a command gets the rights of root"},
		"install_folder":      text("of the product: only processes below it are struck"),
		"replica_folder":      text("of the toolkit's replicas"),
		"application_network": text("prefix such as 10.1.0.0/16 that a partition cuts"),
		"service":             closed([]string{"stop", "start", "status"}, object{"stop": command, "start": command, "status": command, "stopped": stopped}),
	})
	top := closed([]string{"name", "hosts"}, object{
		"name":  text("the data center's name"),
		"hosts": object{"type": "array", "minItems": 1, "maxItems": MaxHosts, "items": closed(required, host)},
	})
	top["$schema"], top["title"] = "https://json-schema.org/draft/2020-12/schema", "Hosts of a data center (CROSSDC_DCn_HOSTS_FILE)"
	return json.MarshalIndent(top, "", "  ")
}
