// Command accuracy fails over two embedded data centers again and again and holds what is measured against what really
// happened: the true instants of detection, takeover and restoration, which only the emulator's ground-truth journal
// knows, must lie inside the reported intervals. It is the only reader of that journal.
//
//	go run ./support/prove/accuracy -runs 200 -loaded 40
//
// The table goes to standard output, the numbers to accuracy.json in the reports folder. The exit code is 1 when a true
// instant lies outside of an interval, or a run could not be measured.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment/process"
)

// options is what the command line says.
type options struct {
	runs   int
	loaded int
	seed   int64
	out    string
	truth  string
	levels string
	until  int
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == spinArgument {
		spin(os.Stdin)
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), process.EndSignals()...)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "accuracy:", err)
		}
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) error {
	settings, err := config.Load()
	if err != nil {
		return err
	}
	o := options{seed: settings.Seed}
	flags := flag.NewFlagSet("accuracy", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.runs, "runs", 200, "failovers on the machine as it is, at least 0")
	flags.IntVar(&o.loaded, "loaded", 40, "failovers while every core is kept busy by another process, at least 0")
	flags.StringVar(&o.out, "out", settings.Reports, "folder of accuracy.json")
	flags.StringVar(&o.truth, "truth", "", "`folder` in which the data centers of fixtures/lab keep the truth: failovers are made there, as the settings say, and not between embedded ones")
	flags.StringVar(&o.levels, "levels", "", "`file` (levels.json beside this program) whose row of the level of the application (CROSSDC_APPLICATION_FILE) is written anew, or added to with -until")
	flags.IntVar(&o.until, "until", 0, "with -levels: add to the row, no more than -runs, until it has so many failovers; what an interrupted call measured counts")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() > 0 || o.runs < 0 || o.loaded < 0 || o.runs+o.loaded == 0 {
		return fmt.Errorf("%q: give -runs and -loaded of at least 0, not both 0; see -help", arguments)
	}
	if o.until < 0 || o.until > 0 && (o.levels == "" || o.loaded > 0) {
		return fmt.Errorf("-until %d: give the failovers that the row of -levels shall have, with -loaded 0", o.until)
	}
	if o.truth != "" && settings.Environment != config.Hosts {
		return fmt.Errorf("-truth %s: only data centers on hosts (CROSSDC_ENVIRONMENT=%s) keep it in a folder; this is %s", o.truth, config.Hosts, settings.Environment)
	}
	if o.truth == "" {
		hurry(settings)
	}
	prepare(settings)
	progress := func(format string, values ...any) { fmt.Fprintf(stderr, format+"\n", values...) }
	var had levelRow
	if o.until > 0 {
		if had, err = measured(o.levels, settings); err != nil {
			return err
		}
		if o.runs = min(o.runs, o.until-had.Runs); o.runs <= 0 {
			progress("accuracy: %s has %d failovers already", had.Text, had.Runs)
			return nil
		}
	}
	progress("accuracy: %d failovers, then %d under load, seed %d", o.runs, o.loaded, o.seed)

	bench, err := newBench(settings, o, progress)
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		if err := bench.close(closing); err != nil {
			progress("accuracy: %v", err)
		}
	}()
	quiet, busy := bench.series(ctx, o.runs)
	var loaded []outcome
	var loadedBusy float64
	if o.loaded > 0 && ctx.Err() == nil {
		spinners, err := startSpinners(ctx)
		if err != nil {
			return err
		}
		progress("accuracy: %d processes keep every core busy", len(spinners))
		loaded, loadedBusy = bench.series(ctx, o.loaded)
		stopSpinners(spinners)
	}
	report := summarize(settings, bench.clock.wrong, quiet, loaded)
	report.Busy = busy
	if report.Loaded != nil {
		report.Loaded.Busy = loadedBusy
	}
	report.print(stdout)
	if err := report.write(filepath.Join(o.out, "accuracy.json")); err != nil {
		return err
	}
	if row := rowOf(settings, o.seed, quiet); o.levels != "" && (o.until > 0 || ctx.Err() == nil) && row.Runs+row.Failed > 0 {
		if err := writeLevel(o.levels, had.plus(row)); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("interrupted: %w", err)
	}
	return report.verdict()
}

// hurry makes failovers between embedded data centers follow each other quickly. The widths of intervals depend on the speedup, the
// platform's refresh and the machine, not on how many heartbeats may be missed or how often snapshots are taken.
func hurry(settings *config.Config) {
	settings.Environment = config.Embedded
	settings.Toolkit.Misses = 2
	settings.Toolkit.SnapshotInterval = 60 * time.Second
	settings.Toolkit.InitDelay = 10 * time.Second
}

// prepare sets what all failovers have in common.
func prepare(settings *config.Config) {
	settings.DC1.Name, settings.DC2.Name = "dc1", "dc2" // as the truth calls them
	settings.RTO, settings.RPO = 180*time.Second, 180*time.Second
	settings.Rate = 400
}
