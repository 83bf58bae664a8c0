// Command heal takes back what runs that died have left broken: every fault that is open in the journal of the
// environment that CROSSDC_* settings name. It may be repeated, from any checkout, and after a reboot.
//
//	go run ./support/fault/heal [-dry] [journal]
//
// It exits 0 when nothing is open any more (with -dry: when it could look), 1 otherwise.
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

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/process"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario/refusal"
)

const usage = `heal takes back every fault that is open in the journal of the environment that CROSSDC_* settings name.
The journal is found by CROSSDC_JOURNAL and what the settings are aimed at; a journal that is named must be of that environment.

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), process.EndSignals()...)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "heal:", err)
		}
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("heal", flag.ContinueOnError)
	flags.SetOutput(stderr)
	dry := flags.Bool("dry", false, "only tell what is open and what would be done")
	flags.Usage = func() { fmt.Fprint(stderr, usage); flags.PrintDefaults() }
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() > 1 {
		return fmt.Errorf("want one journal at most, have %q", flags.Args())
	}
	settings, err := config.Load()
	if err != nil {
		return err
	}
	journals, err := refusal.Journals(settings)
	if err != nil {
		return err
	}
	h := &healer{journals: journals, dry: *dry, named: flags.Arg(0), out: stdout}
	if settings.Kind().Emulated {
		return h.embedded()
	}
	env, err := environment.Attach(settings)
	if err != nil {
		return err
	}
	defer func() { _ = env.Close(context.WithoutCancel(ctx)) }() // what was healed is told already
	return h.remote(ctx, env)
}

// healer heals one environment and tells of the others.
type healer struct {
	journals fault.Journals
	dry      bool
	named    string // journal on the command line; empty: found by the environment
	out      io.Writer
}

func (h *healer) say(format string, values ...any) { _, _ = fmt.Fprintf(h.out, format+"\n", values...) }

// embedded closes what is left of emulated data centers: they ended with their run.
func (h *healer) embedded() error {
	if h.named != "" {
		return fmt.Errorf("%s: emulated data centers end with their run; aim CROSSDC_* at the environment of this journal to heal it", h.named)
	}
	if !h.dry {
		if err := environment.Bury(h.journals, h.say); err != nil {
			return err
		}
	}
	h.say("emulated data centers end with their run; to heal others aim CROSSDC_ENVIRONMENT=remote and CROSSDC_DCn_* at them")
	return h.others("")
}

func (h *healer) remote(ctx context.Context, env *environment.Environment) error {
	where := env.Where()
	path := h.journals.Path(where)
	if h.named != "" {
		named, err := filepath.Abs(h.named)
		if err != nil {
			return fmt.Errorf("find the journal %s: %w", h.named, err)
		}
		if _, err := os.Stat(named); err != nil {
			return fmt.Errorf("read the journal of faults: %w", err)
		}
		path = named
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		h.say("nothing is open: no run from here has left a fault in %s", where)
		return h.others(path)
	}
	journal, err := fault.OpenJournal(path, where.String())
	if err != nil {
		return err
	}
	defer func() { _ = journal.Close() }()
	before, err := fault.Recover(path)
	if err != nil {
		return err
	}
	for _, damage := range before.Damage {
		h.say("%s; it is left out", damage)
	}
	if len(before.Open) == 0 {
		h.say("nothing is open in %s", where)
	}
	if len(before.Open) > 0 && !h.dry {
		if err := env.Claim(ctx, h.say); err != nil {
			return err
		}
	}
	if err := fault.HealAll(ctx, env, journal, h.dry, h.say); err != nil {
		return err
	}
	return h.others(path)
}

// others tells of faults in other environments, which need other settings.
func (h *healer) others(own string) error {
	paths, err := h.journals.Paths("")
	if err != nil {
		return err
	}
	for _, path := range paths {
		if path == own {
			continue
		}
		recovery, err := fault.Recover(path)
		if err != nil {
			return err
		}
		for _, o := range recovery.Open {
			h.say("open elsewhere: %s, in %s; aim CROSSDC_* there to heal it", o, o.Where)
		}
	}
	return nil
}
