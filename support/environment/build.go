package environment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/onsi/gomega/gexec"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/environment/process"
)

// Packages of the programs that an embedded environment is made of. They are reached as processes over public
// interfaces; this module's import arrows forbid anything closer.
const (
	emulatorPackage = "github.com/crossdc/failover/fixtures/emulator"
	relayPackage    = "github.com/crossdc/failover/fixtures/wan"
)

// Programs are the paths of the built binaries, and the folder that those lie in that were built here.
type Programs struct {
	Emulator string
	Relay    string

	folder *process.Folder
}

// Build builds what is not given yet, once for a process: into a folder that goes away with the process, however it ends.
func Build(given Programs) (*Programs, error) {
	if given.Emulator != "" && given.Relay != "" {
		return &given, nil
	}
	watching, stop := context.WithCancel(context.Background())
	defer stop()
	go process.ExitWithParent(watching, func() { os.Exit(1) }) // a suite whose runner was killed must not go on compiling
	var err error
	if given.folder, err = process.NewFolder(); err != nil {
		return nil, noFolder(err)
	}
	for _, program := range []struct {
		path *string
		name string
	}{{&given.Emulator, emulatorPackage}, {&given.Relay, relayPackage}} {
		if *program.path != "" {
			continue
		}
		if *program.path, err = build(given.folder.Path, program.name); err != nil {
			setting := "CROSSDC_EMULATOR_PATH"
			if program.name == relayPackage {
				setting = "CROSSDC_EMULATOR_RELAY"
			}
			remedy := "see what the go command says, or give a built program with " + setting
			if vendored() {
				remedy = fmt.Sprintf("a vendored module holds only what it imports: go mod edit -tool %s -tool %s && go mod tidy && go mod vendor", emulatorPackage, relayPackage)
			}
			return nil, errors.Join(&Obstacle{model.Cause{Kind: model.CauseBuild, Setting: setting, Problem: "the emulated data centers cannot be built",
				Object: program.name, Remedy: remedy, Detail: err.Error()}, nil}, given.Close())
		}
	}
	return &given, nil
}

// vendored reports whether the module around the working folder has its dependencies in a folder of its own.
func vendored() bool {
	for at, err := os.Getwd(); err == nil; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			_, err = os.Stat(filepath.Join(at, "vendor", "modules.txt"))
			return err == nil
		}
		if filepath.Dir(at) == at {
			break
		}
	}
	return false
}

// noFolder is the obstacle of a machine that has no place for temporary files.
func noFolder(err error) error {
	return &Obstacle{model.Cause{Kind: model.CauseMachine, Setting: "TMPDIR", Problem: "there is no folder for temporary files",
		Object: os.TempDir(), Remedy: "set TMPDIR to a folder that can be written", Detail: err.Error()}, err}
}

// Close removes what was built.
func (p *Programs) Close() error {
	if p.folder == nil {
		return nil
	}
	gexec.CleanupBuildArtifacts() // it remembers its folder; the next build must make a new one
	return p.folder.Close()
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
	built, err := gexec.Build(name, "-ldflags=-s -w") // without what only debuggers read, linking takes two thirds as long
	if err != nil {
		return "", fmt.Errorf("build %s: %w; is the module of the failover suite in the build list, and the Go command in PATH?", name, err)
	}
	return filepath.Clean(built), nil
}
