// Command dc starts two emulated data centers to try by hand, prints how they are reached, and stays until Ctrl-C. It
// leaves nothing.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/process"
)

const usage = `dc starts two emulated data centers, prints how they are reached, and stays until Ctrl-C.
CROSSDC_* variables apply (speedup, toolkit, application); those that name a remote environment do not.

`

// options is what the command line says.
type options struct {
	json         bool
	showPassword bool
	untilEOF     bool
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "dc:", err)
		}
		os.Exit(1)
	}
}

// closeTimeout bounds the teardown, in wall time.
const closeTimeout = 30 * time.Second

func run(arguments []string, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	var o options
	flags := flag.NewFlagSet("dc", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&o.json, "json", false, "print one line of JSON when ready, for programs, and nothing else")
	flags.BoolVar(&o.showPassword, "show-password", false, "print the passwords too, not only the files that hold them")
	flags.BoolVar(&o.untilEOF, "until-eof", false, "end when standard input ends as well")
	flags.Usage = func() { fmt.Fprint(stderr, usage); flags.PrintDefaults() }
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; see -help", flags.Arg(0))
	}
	ctx, stop := signal.NotifyContext(context.Background(), process.EndSignals()...)
	defer stop()
	if o.untilEOF {
		go func() {
			_, _ = io.Copy(io.Discard, stdin) // any end will do
			stop()
		}()
	}
	settings, err := embeddedSettings()
	if err != nil {
		return err
	}
	progress := func(format string, values ...any) { fmt.Fprintf(stderr, format+"\n", values...) }
	if o.json {
		progress = nil
	} else {
		progress("starting two emulated data centers (the first time their programs are compiled)")
	}
	env, err := environment.Open(ctx, settings, environment.Options{Progress: progress})
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		defer cancel()
		err = errors.Join(err, env.Close(closing))
	}()
	doors, err := env.Doors()
	if err != nil {
		return err
	}
	exports, err := env.RemoteSettings()
	if err != nil {
		return err
	}
	if o.json {
		err = printLine(stdout, exports)
	} else {
		err = printPage(stdout, doors, exports, o.showPassword)
	}
	if err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// embeddedSettings reads the settings, except for what aims a run at data centers that exist: somebody may have exported
// what an earlier dc printed.
func embeddedSettings() (*config.Config, error) {
	for _, name := range []string{"CROSSDC_ENVIRONMENT", "CROSSDC_DC1_PASSWORD_FILE", "CROSSDC_DC2_PASSWORD_FILE", "CROSSDC_RELAY_TOKEN_FILE"} {
		if err := os.Unsetenv(name); err != nil {
			return nil, fmt.Errorf("leave %s out: %w", name, err)
		}
	}
	return config.Load()
}

// printLine is the page for programs: one object with the variables of a remote run.
func printLine(w io.Writer, exports []environment.Setting) error {
	values := map[string]string{}
	for _, e := range exports {
		values[e.Name] = e.Value
	}
	if err := json.NewEncoder(w).Encode(map[string]any{"ready": true, "pid": os.Getpid(), "settings": values}); err != nil {
		return fmt.Errorf("print the ready line: %w", err)
	}
	return nil
}
