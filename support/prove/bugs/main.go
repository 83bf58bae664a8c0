// Command proof proves that the specs can fail: it switches on every known bug, one by one, runs the one spec that must
// catch it, and shows what that spec said. A bug that nothing catches, or a spec that finds something where nothing is
// broken, fails it with exit code 1.
//
//	go run ./support/prove/bugs [-parallel n] [name ...]    all of them, or the named ones without the controls
//	go run ./support/prove/bugs -record support/prove/README.md   writes the table of the last run
//	go run ./support/prove/bugs -catalogue  writes suites/CATALOGUE.md and the list of labels
//
// Specs run several at once, each with an environment of its own. What a busy machine kept from a verdict is run again
// with fewer beside it, and in the end alone.
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
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment/process"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), process.EndSignals()...)
	defer stop()
	parallel := flag.Int("parallel", defaultParallel, "how many specs run at once, each with an environment of its own")
	attempts := flag.Int("attempts", defaultAttempts, "how often a spec may try before its bug counts as not caught")
	recorded := flag.String("record", "", "run nothing: write the results of the last run as a table into this file, between its marks")
	lists := flag.Bool("catalogue", false, "run nothing: write the catalogue of scenarios, with what each is proven to catch")
	flag.Parse()
	if *lists {
		if err := catalogued("."); err != nil {
			fmt.Fprintln(os.Stderr, "catalogue:", err)
			stop()
			os.Exit(1)
		}
		return
	}
	if err := run(ctx, *recorded, *parallel, *attempts, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "proof:", err)
		stop()
		os.Exit(1)
	}
}

// run records the last run, or makes one.
func run(ctx context.Context, recorded string, parallel, attempts int, names []string) error {
	if recorded == "" {
		return prove(ctx, parallel, attempts, names)
	}
	settings, err := config.Load()
	if err != nil {
		return err
	}
	return record(recorded, filepath.Join(settings.Reports, resultsFile))
}

// resultsFile is where the results are, in the folder for reports.
const resultsFile = "prove.json"

// defaultParallel suits two cores: a spec waits most of the time, and one that was starved is repeated.
const defaultParallel = 2

// prove runs the controls and the proofs.
func prove(ctx context.Context, parallel, attempts int, names []string) (err error) {
	if parallel < 1 {
		return fmt.Errorf("-parallel %d: give how many specs run at once, 1 or more", parallel)
	}
	if attempts < 1 {
		return fmt.Errorf("-attempts %d: give how often a spec may try, 1 or more", attempts)
	}
	todo, err := selected(names)
	if err != nil {
		return err
	}
	settings, err := config.Load()
	if err != nil {
		return err
	}
	reports, err := filepath.Abs(settings.Reports)
	if err != nil {
		return fmt.Errorf("find the folder for reports: %w", err)
	}
	began := time.Now()
	fmt.Println("building the suites, the emulator and the relay")
	bench, err := newBench(ctx, settings, reports, todo)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bench.suites.Close()) }()

	table := newTable(os.Stdout, todo)
	results := rounds(ctx, todo, parallel, attempts, bench.once, table.row)
	if ctx.Err() != nil {
		return errors.New("interrupted; nothing is proven")
	}
	file := filepath.Join(reports, resultsFile)
	if err := write(file, results); err != nil {
		return err
	}
	fmt.Printf("\n%s in %s; %s\n", count(results), time.Since(began).Round(time.Second), file)
	return failures(results)
}

// selected is what is to be run: everything, or what is named: a bug, a bug and a scenario as in stays-down@S16, or the
// control of a scenario as in nothing@S16; nothing alone is all controls.
func selected(names []string) ([]proof, error) {
	if len(names) == 0 {
		return slices.Concat(controls, proofs), nil
	}
	var todo []proof
	for _, name := range names {
		before := len(todo)
		for _, p := range slices.Concat(controls, proofs) {
			if p.named(name) {
				todo = append(todo, p)
			}
		}
		if len(todo) == before {
			known := make([]string, len(proofs))
			for i, p := range proofs {
				known[i] = p.bug
			}
			return nil, fmt.Errorf("%q is not known: give any of %s", name, strings.Join(known, ", "))
		}
	}
	return todo, nil
}
