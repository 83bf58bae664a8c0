// Package built compiles suites once, with the programs of emulated data centers, and runs them as programs of their own: what proves the
// suites runs them many times.
//
// It may import support/config and support/environment; the programs in support/prove import it.
package built

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/process"
)

// Suites are compiled suites. They are safe for concurrent use.
type Suites struct {
	folder   *process.Folder
	programs *environment.Programs
}

// stopLimit bounds the teardown of a run that is interrupted, wall time.
const stopLimit = 45 * time.Second

// Compile compiles suites (the names of folders below suites) in the module's folder, which the process works in: all by one call, so that
// they are linked beside each other. What only debuggers read is left out, which is a third of what linking costs. Programs that the
// settings name are used as they are.
func Compile(ctx context.Context, settings *config.Config, suites ...string) (_ *Suites, err error) {
	s := &Suites{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.folder, err = process.NewFolder(); err != nil {
		return nil, err
	}
	if s.programs, err = environment.Build(environment.Programs{Emulator: settings.Emulator.Path, Relay: settings.Emulator.Relay}); err != nil {
		return nil, err
	}
	arguments := []string{"test", "-c", "-ldflags=-s -w", "-o", s.folder.Path + string(filepath.Separator)}
	for _, suite := range suites {
		arguments = append(arguments, "./suites/"+suite)
	}
	if output, err := exec.CommandContext(ctx, "go", arguments...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the suites %q (run this in the module's folder): %w\n%s", suites, err, output)
	}
	return s, nil
}

// Close removes what was compiled, and whatever else is in Folder.
func (s *Suites) Close() error {
	var problems []error
	if s.programs != nil {
		problems = append(problems, s.programs.Close())
	}
	if s.folder != nil {
		problems = append(problems, s.folder.Close())
	}
	return errors.Join(problems...)
}

// Folder is a folder for what may be forgotten with the suites.
func (s *Suites) Folder() string { return s.folder.Path }

// Run is one run of a suite.
type Run struct {
	Suite    string
	Filter   string        // of labels
	Reports  string        // folder that the results go to, which exists
	Environ  []string      // NAME=value; nil: that of this process
	Settings []string      // more of them, which win
	Limit    time.Duration // after which the run is interrupted, wall time
}

// OutputFile is what a run says, in its folder for reports.
const OutputFile = "output.txt"

// Run runs a suite and says whether it was green. A run that ctx or its limit ends is interrupted, so that it takes its data centers away.
// The error says that it could not be run.
func (s *Suites) Run(ctx context.Context, r Run) (green bool, err error) {
	log, err := os.Create(filepath.Join(r.Reports, OutputFile))
	if err != nil {
		return false, fmt.Errorf("keep the output of the suite %s: %w", r.Suite, err)
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	ctx, cancel := context.WithTimeout(ctx, r.Limit)
	defer cancel()
	spec := exec.CommandContext(ctx, filepath.Join(s.folder.Path, r.Suite+".test"), "--ginkgo.no-color", "--ginkgo.label-filter="+r.Filter)
	spec.Dir, spec.Env = filepath.Join("suites", r.Suite), r.Environ
	if spec.Env == nil {
		spec.Env = os.Environ()
	}
	spec.Stdout, spec.Stderr = log, log
	prefix := config.Prefix + "_"
	spec.Env = append(spec.Env[:len(spec.Env):len(spec.Env)], prefix+"REPORTS="+r.Reports, prefix+"JOURNAL="+filepath.Join(s.folder.Path, "journal"),
		prefix+"EMULATOR_PATH="+s.programs.Emulator, prefix+"EMULATOR_RELAY="+s.programs.Relay)
	spec.Env = append(spec.Env, r.Settings...)
	spec.Cancel = func() error { return spec.Process.Signal(syscall.SIGINT) }
	spec.WaitDelay = stopLimit
	ended := spec.Run()
	var exit *exec.ExitError
	if ended != nil && !errors.As(ended, &exit) {
		return false, fmt.Errorf("run the suite %s: %w", r.Suite, ended)
	}
	return ended == nil, nil
}
