// Command campaign runs hundreds of trials on this machine or on a Kubernetes cluster, and makes one run of them that is
// judged, reported and gated like any other. It can be killed at any moment; the same command goes on where it was.
//
//	go run ./support/campaign -name nightly -labels S03 -trials 299 -p 2
//	go run ./support/campaign -name nightly -labels S03 -trials 299 -engine kubernetes -image registry.example/failover:1 -p 50
//
// README.md beside it says the rest.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/crossdc/failover/support/campaign/engine"
	"github.com/crossdc/failover/support/campaign/local"
	"github.com/crossdc/failover/support/campaign/plan"
	"github.com/crossdc/failover/support/campaign/programs"
	"github.com/crossdc/failover/support/campaign/state"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/scenario/refusal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	green, err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "campaign:", err)
		os.Exit(2)
	case !green:
		os.Exit(1)
	}
}

// options of the command line.
type options struct {
	name, labels, suites, engine, state, leaveOut string
	trials, perShard, parallel, retries           int
	seed                                          int64
	limit, every                                  time.Duration
	mergeOnly                                     bool
	given                                         map[string]bool
	cluster                                       clusterOptions
}

func parse(arguments []string, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("campaign", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.name, "name", "campaign", "of the campaign; the same name goes on with it")
	flags.StringVar(&o.labels, "labels", "S03", "label filter: which scenarios")
	flags.StringVar(&o.suites, "suites", "", "families to look for them in, comma separated; empty = all that the filter selects something of")
	flags.IntVar(&o.trials, "trials", 29, "of each scenario; 29 carry a P90, 59 a P95, 299 a P99 at 95 %")
	flags.IntVar(&o.perShard, "per-shard", 1, "trials that one shard runs, one after another in one environment")
	flags.Int64Var(&o.seed, "seed", 0, "repeats a campaign; 0 = drawn at random and printed")
	flags.StringVar(&o.engine, "engine", "local", "local or kubernetes")
	flags.IntVar(&o.parallel, "p", max(1, runtime.NumCPU()/2), "shards at once; a remote environment takes one")
	flags.IntVar(&o.retries, "retries", 2, "how often a shard that was lost is run again")
	flags.DurationVar(&o.limit, "limit", 30*time.Minute, "wall time of one shard")
	flags.DurationVar(&o.every, "progress", 5*time.Second, "between two lines of progress")
	flags.StringVar(&o.state, "state", "", "folder that the campaign is kept in; empty = $XDG_STATE_HOME/crossdc-failover/campaigns/<name>, or below ~/.local/state")
	flags.StringVar(&o.leaveOut, "leave-out", "", "shards that the run shall do without, such as 3,17-19")
	flags.BoolVar(&o.mergeOnly, "merge-only", false, "run nothing: report what has been delivered so far")
	o.cluster.flags(flags)
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("%q is not understood; everything is said by flags, see -help", flags.Arg(0))
	}
	o.given = map[string]bool{}
	flags.Visit(func(f *flag.Flag) { o.given[f.Name] = true })
	for _, n := range []struct {
		flag  string
		value int
		least int
	}{{"-p", o.parallel, 1}, {"-retries", o.retries, 0}, {"-trials", o.trials, 1}, {"-per-shard", o.perShard, 1}} {
		if n.value < n.least {
			return o, fmt.Errorf("%s %d: want at least %d", n.flag, n.value, n.least)
		}
	}
	if o.engine != "local" && o.engine != "kubernetes" {
		return o, fmt.Errorf("-engine %q: want local or kubernetes", o.engine)
	}
	if o.limit < time.Second {
		return o, fmt.Errorf("-limit %v: want at least 1s", o.limit)
	}
	if o.state == "" {
		if o.state, err = defaultState(o.name); err != nil {
			return o, err
		}
	}
	o.state, err = filepath.Abs(o.state)
	return o, err
}

func defaultState(name string) (string, error) {
	base := os.Getenv("XDG_STATE_HOME")
	if base == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find a folder for the campaign: %w; name one with -state", err)
		}
		base = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(base, "crossdc-failover", "campaigns", name), nil
}

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) (green bool, err error) {
	o, err := parse(arguments, stderr)
	if err != nil {
		return false, err
	}
	settings, err := config.Load()
	if err != nil {
		return false, err
	}
	settings.Reports = refusal.Folder(settings.Reports)
	request, err := requestOf(ctx, o, stdout)
	if err != nil {
		return false, err
	}
	runner, err := o.engineOf(settings, stdout)
	if err != nil {
		return false, err
	}
	if o.cluster.dryRun {
		return true, printObjects(stdout, runner, request)
	}
	kept, err := state.Open(o.state, request, time.Now)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	leaveOut, err := plan.ParseRanges(o.leaveOut, len(kept.Shards))
	if err != nil {
		return false, fmt.Errorf("-leave-out: %w", err)
	}
	fmt.Fprintf(stdout, "campaign %s: %d shards of %s, trials %d, seed %d, kept in %s\n", request.Name, len(kept.Shards), strings.Join(request.Suites, ", "), request.Trials, request.Seed, o.state)
	fresh := false
	if !o.mergeOnly {
		c := &control{state: kept, engine: runner, retries: o.retries, leaveOut: leaveOut, out: stdout, now: time.Now, every: o.every, atOnce: o.atOnce(settings)}
		if err := c.run(ctx); err != nil {
			if ctx.Err() != nil {
				err = errors.New("interrupted; what was delivered is kept: the same command goes on, -merge-only reports it as it is")
			}
			return false, err
		}
		c.progress(true)
		if text := spent(c.delivered, c.begun, c.now(), min(c.atOnce, len(kept.Shards))); text != "" {
			c.line(text)
		}
		fresh = len(c.delivered) > 0
	}
	return publish(stdout, settings, kept, runner.Name(), leaveOut, fresh)
}

// requestOf is the request of the campaign that is kept, held against the flags, or a new one.
func requestOf(ctx context.Context, o options, stdout io.Writer) (plan.Request, error) {
	kept, err := state.Load(o.state)
	if err == nil {
		return kept, o.fits(kept)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return kept, err
	}
	request := plan.Request{Name: o.name, Labels: o.labels, Trials: o.trials, PerShard: o.perShard, Seed: o.seed}
	var raw [8]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return request, fmt.Errorf("draw a name for the run: %w", err)
	}
	request.Run = o.name + "-" + hex.EncodeToString(raw[:4])
	for request.Seed == 0 {
		request.Seed = int64(raw[0])<<24 | int64(raw[1])<<16 | int64(raw[2])<<8 | int64(raw[3])
		raw[3]++
	}
	if o.suites != "" {
		request.Suites = strings.Split(o.suites, ",")
	}
	if o.engine == "kubernetes" && o.suites != "" {
		return request, request.Check() // the image holds the programs
	}
	known, err := programs.Suites(".")
	if err != nil {
		return request, err
	}
	for _, suite := range request.Suites {
		if !slices.Contains(known, suite) {
			return request, fmt.Errorf("-suites %q: there is no %q; want some of %s", o.suites, suite, strings.Join(known, ", "))
		}
	}
	if o.suites == "" {
		request.Suites = known
	}
	folder := filepath.Join(o.state, "programs")
	fmt.Fprintf(stdout, "building emulator, relay and %d suites into %s\n", len(request.Suites), folder)
	if err := programs.Build(ctx, ".", folder, request.Suites); err != nil {
		return request, err
	}
	if request.Suites, err = programs.Selected(ctx, folder, o.labels); err != nil {
		return request, err
	}
	return request, request.Check()
}

// fits refuses flags that ask for something else than the campaign of this name is.
func (o options) fits(kept plan.Request) error {
	for _, f := range []struct {
		name string
		same bool
		is   any
	}{
		{"labels", o.labels == kept.Labels, kept.Labels}, {"trials", o.trials == kept.Trials, kept.Trials},
		{"per-shard", o.perShard == kept.PerShard, kept.PerShard}, {"seed", o.seed == kept.Seed, kept.Seed},
	} {
		if o.given[f.name] && !f.same {
			return fmt.Errorf("the campaign %s was begun with -%s %v; ask for the same, or give the new one another -name", kept.Name, f.name, f.is)
		}
	}
	return nil
}

// atOnce is how many shards run at once: data centers that exist once take one.
func (o options) atOnce(settings *config.Config) int {
	if !settings.Kind().Emulated {
		return 1
	}
	return o.parallel
}

func (o options) engineOf(settings *config.Config, stdout io.Writer) (engine.Engine, error) {
	parallel := o.atOnce(settings)
	if parallel < o.parallel {
		fmt.Fprintln(stdout, "the data centers exist once: shards run one after another")
	}
	if o.engine == "kubernetes" {
		return o.cluster.engine(settings, parallel, o.retries, o.limit, os.Environ())
	}
	folder := filepath.Join(o.state, "programs")
	return &local.Engine{Shard: []string{filepath.Join(folder, "shard")}, Programs: folder, Work: filepath.Join(o.state, "work"), Parallel: parallel,
		Limit: o.limit, Environ: os.Environ(), Attempt: attemptName}, nil
}

// attemptName is a name that no other attempt has.
func attemptName() string {
	var raw [6]byte
	_, _ = rand.Read(raw[:]) // never fails, see crypto/rand
	return hex.EncodeToString(raw[:])
}
