// Command witness asks whether the model tells the truth: it does the same things to the model in virtual time and to two emulated
// data centers in real processes, and compares what each side declares of the other. The statuses must be among the orders that the
// model gives over all phases, and each must come within the span that it gives.
//
//	go run ./support/prove/witness ["crash dc1" ...]
//
// A row that differs is a defect of one of the two. The exit code is 1 then, or when a row could not be measured.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/process"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), process.EndSignals()...)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "witness:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("witness", flag.ContinueOnError)
	if err := flags.Parse(args); err != nil {
		return err
	}
	rows, err := selected(flags.Args())
	if err != nil {
		return err
	}
	settings, err := config.Load()
	if err != nil {
		return err
	}
	if settings.Environment != "embedded" {
		return fmt.Errorf("CROSSDC_ENVIRONMENT=%s: the witness is two emulated data centers; unset it", settings.Environment)
	}
	programs, err := environment.Build(environment.Programs{Emulator: settings.Emulator.Path, Relay: settings.Emulator.Relay})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, programs.Close()) }()
	settings.Emulator.Path, settings.Emulator.Relay = programs.Emulator, programs.Relay
	differ := 0
	for _, r := range rows {
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted: %w", ctx.Err())
		}
		said, err := predict(settings, r)
		if err != nil {
			return fmt.Errorf("%s in the model: %w", r.name, err)
		}
		seen, err := measure(ctx, settings, r)
		if err != nil {
			differ++
			fmt.Printf("%-28s not measured: %v\n", r.name, err)
			continue
		}
		why := said.differs(seen)
		if why != "" {
			differ++
			fmt.Printf("%-28s DIFFERS: %s\n", r.name, why)
		}
		for side := range 2 {
			fmt.Printf("%-28s dc%d: processes %s; model %s\n", r.name, side+1, seen[side], said.spans(side, seen[side].order()))
		}
	}
	fmt.Printf("\n%d of %d schedules are the same in the model and in processes\n", len(rows)-differ, len(rows))
	if differ > 0 {
		return fmt.Errorf("%d of %d schedules differ", differ, len(rows))
	}
	return nil
}

func selected(names []string) ([]row, error) {
	all := rows()
	if len(names) == 0 {
		return all, nil
	}
	var chosen []row
	for _, name := range names {
		i := slices.IndexFunc(all, func(r row) bool { return r.name == name })
		if i < 0 {
			var known []string
			for _, r := range all {
				known = append(known, r.name)
			}
			return nil, fmt.Errorf("%q is no row: give any of %s", name, strings.Join(known, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// slack is what a busy machine may add to an instant, wall time.
const slack = 100 * time.Millisecond
