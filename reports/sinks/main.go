// Sinks sends a stored run to what its users already have:
//
//	go run ./reports/sinks -run reports/out/run.json [-otel] [-textfile f.prom] [-pushgateway url] [-grafana url]
//
// None of them is needed for a verdict and none changes one: a sink that is broken is reported on standard error and leaves
// the exit code at 0. It exits 2 when the run or the arguments are no use, and with -strict 1 when something was not sent.
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

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/sinks/grafana"
	"github.com/crossdc/failover/reports/sinks/otel"
	"github.com/crossdc/failover/reports/sinks/prometheus"
	"github.com/crossdc/failover/reports/store"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// sink is one place to send to, and what to say of it.
type sink struct {
	name string
	send func(context.Context, model.Run) error
}

func run(ctx context.Context, arguments []string, out, problems io.Writer) int {
	flags := flag.NewFlagSet("sinks", flag.ContinueOnError)
	flags.SetOutput(problems)
	path := flags.String("run", filepath.Join("reports", "out", store.RunFile), "the stored run")
	traces := flags.Bool("otel", false, "send traces to where the OTEL_* variables say, if they say so")
	textfile := flags.String("textfile", "", "write metrics to this file, whose name must end in .prom")
	gateway := flags.String("pushgateway", "", "push metrics to the Pushgateway at this URL")
	board := flags.String("grafana", "", "write annotations into the Grafana at this URL; the token is in GRAFANA_TOKEN")
	tokenFile := flags.String("grafana-token-file", "", "file with Grafana's token, instead of GRAFANA_TOKEN")
	within := flags.Duration("timeout", otel.Bound, "how long each sink may take")
	strict := flags.Bool("strict", false, "exit 1 when something was not sent")
	switch err := flags.Parse(arguments); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0 || *within <= 0:
		fmt.Fprintf(problems, "sinks: nothing is known to do with %q and a timeout of %v; see -help\n", flags.Args(), *within)
		return 2
	}
	var sinks []sink
	if *traces {
		sinks = append(sinks, sink{"OpenTelemetry", func(ctx context.Context, run model.Run) error { return otel.Send(ctx, run, *within) }})
	}
	if *textfile != "" {
		sinks = append(sinks, sink{"textfile", func(_ context.Context, run model.Run) error { return prometheus.Textfile(*textfile, run) }})
	}
	if *gateway != "" {
		sinks = append(sinks, sink{"Pushgateway", func(ctx context.Context, run model.Run) error { return prometheus.Push(ctx, *gateway, run) }})
	}
	if *board != "" {
		sinks = append(sinks, sink{"Grafana", func(ctx context.Context, run model.Run) error {
			server, err := grafana.At(*board, *tokenFile)
			if err != nil {
				return err
			}
			return server.Annotate(ctx, run)
		}})
	}
	if len(sinks) == 0 {
		fmt.Fprintln(problems, "sinks: no sink was named; give -otel, -textfile, -pushgateway or -grafana")
		return 2
	}
	stored, err := store.Read(*path)
	if err != nil {
		fmt.Fprintln(problems, "sinks:", err)
		return 2
	}
	return sendAll(ctx, sinks, stored, *within, *strict, out, problems)
}

func sendAll(ctx context.Context, sinks []sink, run model.Run, within time.Duration, strict bool, out, problems io.Writer) int {
	code := 0
	for _, s := range sinks {
		bounded, cancel := context.WithTimeout(ctx, within)
		err := s.send(bounded, run)
		cancel()
		switch {
		case errors.Is(err, otel.ErrOff):
			fmt.Fprintf(out, "%s: not sent, %v\n", s.name, err)
		case err != nil:
			fmt.Fprintf(problems, "%s: not sent, the results are not affected: %v\n", s.name, err)
			if strict {
				code = 1
			}
		default:
			fmt.Fprintf(out, "%s: run %s with %d scenarios\n", s.name, run.ID, len(run.Scenarios))
		}
	}
	return code
}
