package environment

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/onsi/gomega/gexec"
)

// Packages of the programs that an embedded environment is made of. They are reached as processes over public
// interfaces; this module's import arrows forbid anything closer.
const (
	emulatorPackage = "github.com/crossdc/failover/fixtures/emulator"
	relayPackage    = "github.com/crossdc/failover/fixtures/wan"
)

// Programs are the paths of the built binaries.
type Programs struct {
	Emulator string
	Relay    string
}

// Build builds what is not given yet, below folder, so that the binaries go away with it.
func Build(folder string, given Programs) (Programs, error) {
	var err error
	if given.Emulator == "" {
		if given.Emulator, err = build(folder, emulatorPackage); err != nil {
			return given, err
		}
	}
	if given.Relay == "" {
		if given.Relay, err = build(folder, relayPackage); err != nil {
			return given, err
		}
	}
	return given, nil
}

func build(folder, name string) (string, error) {
	// gexec builds below the temporary directory of the process; ours is swept however the suite ends.
	previous, had := os.LookupEnv("TMPDIR")
	if err := os.Setenv("TMPDIR", folder); err != nil {
		return "", fmt.Errorf("build %s: %w", name, err)
	}
	defer func() {
		if had {
			_ = os.Setenv("TMPDIR", previous)
		} else {
			_ = os.Unsetenv("TMPDIR")
		}
	}()
	built, err := gexec.Build(name)
	if err != nil {
		return "", fmt.Errorf("build %s: %w; is the module of the failover suite in the build list, and the Go command in PATH?", name, err)
	}
	return filepath.Clean(built), nil
}
