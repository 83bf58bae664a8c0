package cluster

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// own are settings that a shard decides for itself, or that make no sense away from here.
var own = []string{"CROSSDC_REPORTS", "CROSSDC_HISTORY", "CROSSDC_RUN_ID", "CROSSDC_SEED", "CROSSDC_TRIALS", "CROSSDC_TABLE", "CROSSDC_JOURNAL", "CROSSDC_EVIDENCE_KEY", "CROSSDC_EMULATOR_PATH", "CROSSDC_EMULATOR_RELAY"}

// Carry divides the settings of this process into those that a shard is given as variables and those that it is given as
// files of a secret: passwords, tokens, and the files that settings name. What cannot be carried is an error.
func (o *Options) Carry(environ []string) error {
	o.Environ, o.Secrets, o.SecretFiles = nil, map[string][]byte{}, map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "CROSSDC_") || slices.Contains(own, name) || value == "" {
			continue
		}
		key := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, "CROSSDC_"), "_", "-"))
		switch {
		case strings.HasSuffix(name, "_PASSWORD") || strings.HasSuffix(name, "_TOKEN"):
			o.Secrets[key], o.SecretFiles[name+"_FILE"] = []byte(value), key
		case strings.HasSuffix(name, "_PASSWORD_FILE") || strings.HasSuffix(name, "_TOKEN_FILE") || strings.HasSuffix(name, "_CA_FILE"):
			raw, err := os.ReadFile(value)
			if err != nil {
				return fmt.Errorf("carry %s to the cluster: %w", name, err)
			}
			o.Secrets[key], o.SecretFiles[name] = raw, key
		case strings.HasSuffix(name, "_BUNDLE") || name == "CROSSDC_SCENARIOS":
			return fmt.Errorf("%s names files of this machine, which shards on a cluster do not have; unset it, or use the engine local", name)
		default:
			o.Environ = append(o.Environ, entry)
		}
	}
	return nil
}
