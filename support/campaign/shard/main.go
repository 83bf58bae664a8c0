// Command shard runs one shard of a campaign: the built suite, with the seed and the number of trials that follow from the
// campaign's request. It delivers what the suite stored through its standard output, in lines that package frame describes.
//
//	shard -request '{"name":"nightly",...}' -todo 0-99 -index 7 -attempt <name> -node <name> -programs <folder>
//
// The index counts within todo; it is JOB_COMPLETION_INDEX where it is not given and there is one, else 0. The exit code is 0
// when something was delivered, however the scenarios ended.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/crossdc/failover/support/campaign/delivery"
	"github.com/crossdc/failover/support/campaign/frame"
	"github.com/crossdc/failover/support/campaign/plan"
)

// grace is how long a suite that is asked to end may take to take back what it broke.
const grace = 25 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "shard:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("shard", flag.ContinueOnError)
	flags.SetOutput(stderr)
	request := flags.String("request", "", "request of the campaign, as JSON")
	todo := flags.String("todo", "", "shards of this round, such as 0-4,7")
	index := flags.Int("index", -1, "which of them; -1 = JOB_COMPLETION_INDEX, or the first")
	attempt := flags.String("attempt", "", "name of this attempt")
	node := flags.String("node", "", "name of the machine")
	programs := flags.String("programs", "/programs", "folder of the built suites, emulator and relay")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	asked, err := plan.Parse(*request)
	if err != nil {
		return err
	}
	shards, err := asked.Shards()
	if err != nil {
		return err
	}
	list, err := plan.ParseRanges(*todo, len(shards))
	if err != nil {
		return err
	}
	if text, set := os.LookupEnv("JOB_COMPLETION_INDEX"); *index < 0 && set {
		if *index, err = strconv.Atoi(text); err != nil {
			return fmt.Errorf("JOB_COMPLETION_INDEX=%q is not a number", text)
		}
	}
	*index = max(*index, 0)
	if *index >= len(list) {
		return fmt.Errorf("index %d: the round has %d shards only", *index, len(list))
	}
	one := attemptAt{request: asked, shard: shards[list[*index]], programs: *programs, node: *node,
		id: frame.Identity{Campaign: asked.Run, Shard: list[*index], Attempt: *attempt}}
	return one.run(ctx, stdout, stderr)
}

type attemptAt struct {
	request  plan.Request
	shard    plan.Shard
	id       frame.Identity
	node     string
	programs string
}

func (a attemptAt) run(ctx context.Context, stdout, stderr io.Writer) (err error) {
	if err := frame.Announce(stdout, a.id, a.node); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "shard-")
	if err != nil {
		return fmt.Errorf("run %s: %w; set TMPDIR to a folder that can be written", a.shard, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	reports, temporary := filepath.Join(work, "reports"), filepath.Join(work, "tmp")
	if err := os.Mkdir(temporary, 0o700); err != nil {
		return fmt.Errorf("run %s: %w", a.shard, err)
	}
	started := time.Now()
	exit, err := a.suite(ctx, work, reports, temporary, stderr)
	if err != nil {
		return err
	}
	d := delivery.Delivery{From: a.id, Node: a.node, Started: started, Finished: time.Now(), Exit: exit}
	if d.Run, d.Stored, err = delivery.Gather(reports, a.shard); err != nil {
		return fmt.Errorf("%w; the suite exited with %d", err, exit)
	}
	packed, err := delivery.Pack(d)
	if err != nil {
		return err
	}
	// One write each: lines of others must not stand within ours.
	var lines bytes.Buffer
	if err := frame.Write(&lines, a.id, packed); err != nil {
		return err
	}
	if _, err := stdout.Write(lines.Bytes()); err != nil {
		return fmt.Errorf("deliver %s: %w", a.id, err)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s was asked to end before it was through", a.shard)
	}
	return nil
}

// suite runs the suite's program. How its scenarios end is in what it stores; only a program that cannot be run is an error.
func (a attemptAt) suite(ctx context.Context, work, reports, temporary string, output io.Writer) (exit int, err error) {
	program, err := filepath.Abs(filepath.Join(a.programs, "suites", a.shard.Suite+".test"))
	if err != nil {
		return 0, err
	}
	command := exec.CommandContext(ctx, program, "-test.timeout=0", "-ginkgo.timeout=0", "-ginkgo.no-color", "-ginkgo.label-filter="+a.request.Labels)
	command.Dir = work
	command.Stdout, command.Stderr = output, output
	command.Env = a.environ(reports, temporary)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = grace
	runtime.LockOSThread() // the kernel kills the suite when the thread that started it ends
	defer runtime.UnlockOSThread()
	err = command.Run()
	var exited *exec.ExitError
	if errors.As(err, &exited) {
		return exited.ExitCode(), nil
	}
	if err != nil && ctx.Err() == nil {
		return 0, fmt.Errorf("run %s: %w; was the suite built into %s?", a.shard, err, a.programs)
	}
	return 0, nil
}

// environ are the settings of this process, and those that a shard decides.
func (a attemptAt) environ(reports, temporary string) []string {
	own := map[string]string{
		"CROSSDC_REPORTS": reports, "CROSSDC_HISTORY": "-", "CROSSDC_RUN_ID": a.request.Run, "CROSSDC_SEED": strconv.FormatInt(a.shard.Seed, 10),
		"CROSSDC_TRIALS": strconv.Itoa(a.shard.Trials()), "TMPDIR": temporary,
	}
	if os.Getenv("CROSSDC_JOURNAL") == "" { // a remote environment's must outlive the shard: it is named by whoever runs it
		own["CROSSDC_JOURNAL"] = filepath.Join(temporary, "journal")
	}
	for name, program := range map[string]string{"CROSSDC_EMULATOR_PATH": "emulator", "CROSSDC_EMULATOR_RELAY": "relay"} {
		if path, err := filepath.Abs(filepath.Join(a.programs, program)); err == nil {
			own[name] = path
		}
	}
	var environ []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if _, ours := own[name]; !ours && name != "JOB_COMPLETION_INDEX" {
			environ = append(environ, entry)
		}
	}
	for name, value := range own {
		environ = append(environ, name+"="+value)
	}
	return environ
}
