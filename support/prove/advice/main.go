// Command advice asks whether advice comes true: for three configurations of the toolkit it lets the ordinary suites crash a data center
// (S03) and break the link for shortly less and shortly more than the toolkit tolerates (S15, S16) on two emulated data centers in real
// processes, again and again, and holds what was measured against what support/advise says of the same: the 95 % intervals of both
// must overlap.
//
//	go run ./support/prove/advice [-trials 8] [-out support/prove/advice] [shipped ...]
//	go run ./support/prove/advice -stored reports/out shipped     trials that were made before with that configuration, by a campaign or by hand
//
// The table and the trials that it rests on are written to README.md and record.json; configurations that are not named keep what is
// known of them. The exit code is 1 when a pair of intervals does not overlap, or nothing could be measured.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment/process"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), process.EndSignals()...)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "advice:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("advice", flag.ContinueOnError)
	trials := flags.Int("trials", 8, "of each scenario with each configuration")
	out := flags.String("out", filepath.Join("support", "prove", "advice"), "folder of record.json and README.md")
	stored := flags.String("stored", "", "`folder` below which stored runs (run.json) are taken instead of making trials; name the configuration they were made with")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *stored != "" && flags.NArg() != 1 {
		return fmt.Errorf("-stored %s: name the one configuration that those runs were made with", *stored)
	}
	if *trials < 1 {
		return fmt.Errorf("-trials %d: give at least 1", *trials)
	}
	chosen, err := selected(flags.Args())
	if err != nil {
		return err
	}
	settings, err := config.Load()
	if err != nil {
		return err
	}
	if settings.Environment != config.Embedded {
		return fmt.Errorf("CROSSDC_ENVIRONMENT=%s: trials are made on two emulated data centers; unset it", settings.Environment)
	}
	known, err := read(*out)
	if err != nil {
		return err
	}
	trialsOf := func(ctx context.Context, c configuration) (result, error) { return fromStored(ctx, c, *stored) }
	if *stored == "" {
		p, err := newPlayer(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, p.suites.Close()) }()
		trialsOf = func(ctx context.Context, c configuration) (result, error) { return p.play(ctx, c, *trials) }
	}
	apart, few := 0, 0
	for _, c := range chosen {
		r, err := trialsOf(ctx, c)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if err := r.compare(ctx); err != nil {
			return fmt.Errorf("advise on %s: %w", c.name, err)
		}
		for _, row := range r.Rows {
			fmt.Println(c.name, row)
			switch {
			case row.TooFew:
				few++
			case !row.Overlap:
				apart++
			}
		}
		known = slices.DeleteFunc(known, func(old result) bool { return old.Name == r.Name })
		known = append(known, r)
		slices.SortFunc(known, func(a, b result) int { return place(a.Name) - place(b.Name) })
		if err := write(*out, known); err != nil { // one at a time: what was measured is kept, whatever comes of the rest
			return err
		}
	}
	if apart+few > 0 {
		return fmt.Errorf("%d times advice and trials are further apart than chance explains, and %d times there were too few trials to tell", apart, few)
	}
	return nil
}

// configuration is one that trials are made with.
type configuration struct {
	name     string
	settings []string // CROSSDC_TOOLKIT_*
}

// configurations: what the toolkit ships with, fewer misses with short timeouts, and a slower heartbeat with more frequent snapshots.
func configurations() []configuration {
	return []configuration{
		{"shipped", nil},
		{"few misses", []string{"CROSSDC_TOOLKIT_MISSES=2", "CROSSDC_TOOLKIT_SNAPSHOT_INTERVAL=120s", "CROSSDC_TOOLKIT_CONNECT_TIMEOUT=10s", "CROSSDC_TOOLKIT_READ_TIMEOUT=30s"}},
		{"slow heartbeat", []string{"CROSSDC_TOOLKIT_HEARTBEAT_INTERVAL=45s", "CROSSDC_TOOLKIT_MISSES=3", "CROSSDC_TOOLKIT_SNAPSHOT_INTERVAL=135s"}},
	}
}

func place(name string) int {
	return slices.IndexFunc(configurations(), func(c configuration) bool { return c.name == name })
}

func selected(names []string) ([]configuration, error) {
	all := configurations()
	if len(names) == 0 {
		return all, nil
	}
	var chosen []configuration
	for _, name := range names {
		i := place(name)
		if i < 0 {
			var known []string
			for _, c := range all {
				known = append(known, c.name)
			}
			return nil, fmt.Errorf("%q is no configuration: give any of %s", name, strings.Join(known, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}
