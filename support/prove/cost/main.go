// Command cost measures what being observed costs the application: throughput and CPU time of two embedded data
// centers under load, with the monitor watching at its slow pace and without it, in pairs of windows whose order
// is drawn from the seed. It reports paired ratios with their confidence intervals.
//
//	go run ./support/prove/cost -pairs 12 -window 5s
//
// The table goes to standard output, the numbers to cost.json in the reports folder. A cost above the aim is reported,
// not an error; the exit code is 1 when nothing could be measured.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment/process"
)

// options is what the command line says.
type options struct {
	pairs  int
	window time.Duration // wall time that is measured of each half of a pair
	out    string
}

// fewestPairs give a finite confidence interval of the median at 95 %: the extremes of 6 pairs.
const fewestPairs = 6

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), process.EndSignals()...)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "cost:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) (err error) {
	settings, err := config.Load()
	if err != nil {
		return err
	}
	o := options{}
	flags := flag.NewFlagSet("cost", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.pairs, "pairs", 12, fmt.Sprintf("pairs of windows, at least %d", fewestPairs))
	flags.DurationVar(&o.window, "window", 5*time.Second, "wall time of each window, at least 1s")
	flags.StringVar(&o.out, "out", settings.Reports, "folder of cost.json")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() > 0 || o.pairs < fewestPairs || o.window < time.Second {
		return fmt.Errorf("%q: give at least -pairs %d and -window 1s; see -help", arguments, fewestPairs)
	}
	settings.Environment = config.Embedded
	progress := func(format string, values ...any) { fmt.Fprintf(stderr, format+"\n", values...) }
	progress("cost: %d pairs of %s at %g events/s, seed %d", o.pairs, o.window, settings.Rate, settings.Seed)
	bench, err := newBench(ctx, settings, progress)
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		err = errors.Join(err, bench.close(closing))
	}()
	random := rand.New(rand.NewPCG(uint64(settings.Seed), 0))
	pairs, err := bench.pairs(ctx, o, random)
	if err != nil {
		return err
	}
	report := summarize(pairs, settings, o.window, bench.session.Traffic.Lateness().P99)
	report.print(stdout)
	return report.write(filepath.Join(o.out, "cost.json"))
}
