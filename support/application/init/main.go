// Command init asks two live data centers for their jobs and proposes an application file: what was seen, what was guessed, what could
// not be found, and what would raise the level. It changes nothing in them.
//
//	go run ./support/application/init [-job name] [-o orders.yaml [-force]] [-wait 3s]
//
// How they are reached is set by CROSSDC_DC1_* and CROSSDC_DC2_*, as for a run. It exits 0 with a proposal, 1 where there is none, and 2
// when it was called wrongly.
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

	"golang.org/x/sync/errgroup"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/application/propose"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/process"
	"github.com/crossdc/failover/support/scenario/refusal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), process.EndSignals()...)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// longestWait bounds the pause between two readings of counters.
const longestWait = 10 * time.Minute

func run(ctx context.Context, arguments []string, out, complaints io.Writer) int {
	flags := flag.NewFlagSet("init", flag.ContinueOnError)
	flags.SetOutput(complaints)
	job := flags.String("job", "", "the job, or application, that is meant where several have the toolkit in them")
	path := flags.String("o", "", "the file to write; without it the proposal is printed")
	force := flags.Bool("force", false, "write over a file that exists")
	wait := flags.Duration("wait", 3*time.Second, "how long counters are watched to tell which of them move")
	if err := flags.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	switch {
	case flags.NArg() > 0:
		fmt.Fprintf(complaints, "init: unexpected argument %q; the file is named by -o, the job by -job\n", flags.Arg(0))
		return 2
	case *wait < 0 || *wait > longestWait:
		fmt.Fprintf(complaints, "init: -wait %s; want 0s to %s\n", *wait, longestWait)
		return 2
	case *force && *path == "":
		fmt.Fprintln(complaints, "init: -force needs -o, the file to write")
		return 2
	}
	text, err := draft(ctx, *job, *wait)
	if err == nil {
		err = write(out, *path, *force, text)
	}
	if err != nil {
		fmt.Fprintln(complaints, "init:", err)
		return 1
	}
	return 0
}

// draft asks both data centers and makes the proposal, which is read as a run would read it.
func draft(ctx context.Context, job string, wait time.Duration) (string, error) {
	settings, causes := refusal.Check()
	if settings == nil {
		return "", errors.New(causes[0].Sentence())
	}
	if settings.Kind().Emulated {
		return "", errors.New("CROSSDC_ENVIRONMENT is embedded, whose data centers live no longer than a run: set it to remote, and how two live ones are reached (README, your own data centers); " +
			"go run ./support/environment/dc starts two to try it with, and prints these settings")
	}
	env, err := environment.Attach(settings)
	if err != nil {
		return "", err
	}
	defer env.CloseIdle()
	var sides [2]environment.Inventory
	asking, ctx := errgroup.WithContext(ctx)
	for i, dc := range []*environment.DataCenter{env.DC1, env.DC2} {
		asking.Go(func() (err error) {
			sides[i], err = dc.Inventory(ctx, wait)
			return err
		})
	}
	if err := asking.Wait(); err != nil {
		return "", err
	}
	text, err := propose.Draft(sides, job)
	if err != nil {
		return "", err
	}
	if _, err := application.Parse("the proposal", []byte(text)); err != nil {
		return "", fmt.Errorf("the proposal would be refused, which is a mistake of ours: %w", err)
	}
	return text, nil
}

// write prints the proposal, or writes it to a file that must be new.
func write(out io.Writer, path string, force bool, text string) error {
	if path == "" {
		_, err := io.WriteString(out, text)
		return err
	}
	how := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		how = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	file, err := os.OpenFile(path, how, 0o644)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s exists; -force writes over it, or name another file by -o", path)
	}
	if err != nil {
		return fmt.Errorf("write the proposal: %w", err)
	}
	_, err = io.WriteString(file, text)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write the proposal: %w", err)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		absolute = path
	}
	_, err = fmt.Fprintf(out, "%s was written. Read it, then: CROSSDC_APPLICATION_FILE=%q make doctor\n", path, absolute)
	return err
}
