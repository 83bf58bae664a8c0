// Command lab proves that data centers are broken over SSH and by kernels as they are when emulated: it brings up the lab of fixtures/lab, lets
// the doctor look at it, runs scenarios of five suites on its hosts, and compares the hosts, and this machine, before and after.
//
//	go run ./support/prove/lab [-out folder] [-suites outage] [-only S03]
//
// It needs root and an SSH server (openssh-server), writes lab.json into the folder, and the stored scenarios beside it. It exits 0 when every
// scenario ended as it does between emulated data centers and nothing was left.
//
// It may import support/environment and what is below it, support/scenario/record and reports/model.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crossdc/failover/support/environment/process"
)

const module = "github.com/crossdc/failover/"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), process.EndSignals()...)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "lab:", err)
		}
		os.Exit(1)
	}
}

// options is what the command line says.
type options struct {
	out       string
	only      string
	suites    []string
	failovers int
	kills     int
	built     string
	maker     string // set in the process that fires a fault and is killed
	programs  string // set in the part that runs at the desk of the lab
}

func run(ctx context.Context, arguments []string) error {
	var o options
	flags := flag.NewFlagSet("lab", flag.ContinueOnError)
	flags.StringVar(&o.out, "out", "", "`folder` of lab.json; without it that of CROSSDC_REPORTS, or reports/out")
	flags.StringVar(&o.only, "only", "", "`label` that scenarios must have, such as S03")
	some := flags.String("suites", strings.Join(suites, ","), "`list` of the suites that run, comma separated; empty: none, only what makers of faults leave")
	flags.IntVar(&o.failovers, "failovers", 8, "how many failovers are held against what really happened, at least 0")
	flags.IntVar(&o.kills, "kills", 1, "how often the makers of each class of faults die each death, at least 0")
	flags.StringVar(&o.built, "built", "", "`folder` in which programs that an earlier run has built there are used as they are, and others are built; without it all are built anew")
	flags.StringVar(&o.programs, "at-desk", "", "`folder` of built programs; given by the command itself for its part in the lab")
	flags.StringVar(&o.maker, "make", "", "`class` of a fault that is fired at the desk of the lab; given by the command itself to a process that it kills")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; see -help", flags.Arg(0))
	}
	for _, name := range strings.FieldsFunc(*some, func(r rune) bool { return r == ',' }) {
		if !slices.Contains(suites, name) {
			return fmt.Errorf("-suites has %q; want some of %s", name, strings.Join(suites, ","))
		}
		o.suites = append(o.suites, name)
	}
	if o.out == "" {
		if o.out = os.Getenv("CROSSDC_REPORTS"); o.out == "" {
			o.out = filepath.Join("reports", "out")
		}
	}
	var err error
	if o.out, err = filepath.Abs(o.out); err != nil {
		return fmt.Errorf("find the folder of lab.json: %w", err)
	}
	if o.built != "" {
		if o.built, err = filepath.Abs(o.built); err != nil { // suites run elsewhere
			return fmt.Errorf("find the folder of built programs: %w", err)
		}
	}
	if o.maker != "" {
		return makeAndStay(ctx, o.maker)
	}
	if o.programs != "" {
		return atDesk(ctx, o)
	}
	return around(ctx, o)
}

// around builds everything, brings up the lab with the part of this command in it that runs at its desk, and looks for what the lab left.
func around(ctx context.Context, o options) (err error) {
	if os.Geteuid() != 0 {
		return errors.New("needs root: the lab makes network namespaces and mounts; nothing was proven")
	}
	if _, err := exec.LookPath("sshd"); err != nil {
		return fmt.Errorf("needs an SSH server (openssh-server); nothing was proven: %w", err)
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return fmt.Errorf("make the folder of lab.json: %w", err)
	}
	programs := o.built
	if programs == "" {
		folder, failed := process.NewFolder()
		if failed != nil {
			return fmt.Errorf("make a folder for programs: %w", failed)
		}
		defer func() { err = errors.Join(err, folder.Close()) }()
		programs = folder.Path
	}
	if err := build(ctx, programs, o); err != nil {
		return err
	}
	before, err := machine(programs)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	desk := exec.CommandContext(ctx, filepath.Join(programs, "lab"), "-emulator", filepath.Join(programs, "emulator"), "--",
		self, "-at-desk", programs, "-out", o.out, "-only", o.only, "-suites", strings.Join(o.suites, ","), "-kills", strconv.Itoa(o.kills))
	desk.Stdout, desk.Stderr = os.Stdout, os.Stderr
	desk.Cancel = func() error { return desk.Process.Signal(os.Interrupt) }
	desk.WaitDelay = time.Minute
	ended := desk.Run()
	found, err := readReport(o.out)
	if err != nil {
		return errors.Join(ended, err)
	}
	if o.failovers > 0 && ended == nil {
		if found.Accuracy, err = accuracy(ctx, o, programs); err != nil {
			found.Problems = append(found.Problems, err.Error())
		}
	}
	after, err := machine(programs)
	if err != nil {
		return err
	}
	found.Machine = difference(before, after)
	if err := found.write(o.out); err != nil {
		return err
	}
	found.print(os.Stdout)
	if ended != nil {
		return fmt.Errorf("the part at the desk of the lab failed: %w", ended)
	}
	return found.verdict()
}

// suites that run in the lab, and the scenarios of each: those that every change is tested with.
var suites = []string{"preflight", "outage", "partition", "degradation", "planned"}

const quick = "fast"

// build compiles what runs, out of sight of the lab, whose desk has no way to the outside.
func build(ctx context.Context, folder string, o options) error {
	steps := [][]string{
		{"build", "-o", filepath.Join(folder, "lab"), module + "fixtures/lab"},
		{"build", "-o", filepath.Join(folder, "emulator"), module + "fixtures/emulator"},
		{"build", "-o", filepath.Join(folder, "agent"), module + "support/fault/agent"},
		{"build", "-o", filepath.Join(folder, "doctor"), module + "support/doctor"},
	}
	if o.failovers > 0 {
		steps = append(steps, []string{"build", "-o", filepath.Join(folder, "accuracy"), module + "support/prove/accuracy"})
	}
	for _, s := range o.suites {
		steps = append(steps, []string{"test", "-c", "-o", filepath.Join(folder, s+".test"), module + "suites/" + s})
	}
	for _, arguments := range steps {
		if _, err := os.Stat(arguments[len(arguments)-2]); err == nil {
			continue // an earlier run has built it
		}
		command := exec.CommandContext(ctx, "go", arguments...)
		command.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("go %q: %w\n%s", arguments, err, out)
		}
	}
	return nil
}

// accuracy lets a second lab fail over again and again, with a toolkit that makes failovers follow each other quickly, and returns what the
// benchmark says: only that may read what really happened.
func accuracy(ctx context.Context, o options, programs string) (json.RawMessage, error) {
	results := filepath.Join(o.out, "lab")
	desk := exec.CommandContext(ctx, filepath.Join(programs, "lab"), "-emulator", filepath.Join(programs, "emulator"), "-misses", "2", "-snapshots", "60", "-init-delay", "10", "-truth", "--",
		"sh", "-c", `exec "$0" "$@" -truth "$(dirname -- "$CROSSDC_DC1_HOSTS_FILE")/../told"`, filepath.Join(programs, "accuracy"),
		"-runs", strconv.Itoa(o.failovers), "-loaded", "0", "-out", results)
	desk.Env = append(os.Environ(), "CROSSDC_AGENT_PATH="+filepath.Join(programs, "agent"), "CROSSDC_JOURNAL="+filepath.Join(programs, "journal"))
	desk.Stdout, desk.Stderr = os.Stdout, os.Stderr
	desk.Cancel = func() error { return desk.Process.Signal(os.Interrupt) }
	desk.WaitDelay = time.Minute
	ended := desk.Run()
	raw, err := os.ReadFile(filepath.Join(results, "accuracy.json"))
	if ended != nil {
		ended = fmt.Errorf("accuracy in the lab: %w", ended)
	}
	if err != nil {
		return nil, errors.Join(ended, fmt.Errorf("read how accurate it is in the lab: %w", err))
	}
	return raw, ended
}

// readReport is what the part at the desk has found.
func readReport(folder string) (*report, error) {
	raw, err := os.ReadFile(filepath.Join(folder, reportFile))
	if err != nil {
		return nil, fmt.Errorf("read what was found in the lab: %w", err)
	}
	r := &report{}
	if err := json.Unmarshal(raw, r); err != nil {
		return nil, fmt.Errorf("read what was found in the lab: %w", err)
	}
	return r, nil
}
