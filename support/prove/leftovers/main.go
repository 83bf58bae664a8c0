// Command leftovers proves that nothing stays broken when a run dies: it starts two data centers, aims a remote run at
// them by URL, kills it with SIGKILL at a random moment after a fault was opened in the journal, and expects that the next
// run or the heal command brings both sides back. Every fault that is available by URL has its turns.
//
//	go run ./support/prove/leftovers [-kills 20] [-seed 1]
//	go run ./support/prove/leftovers -busy 20    every fault through a proxy that refuses every tenth call
//
// It exits 1 when any side stays broken. The data centers of every kill are new: two sides that declared each other DOWN
// stay so after the link is back (Q1), which is no leftover.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/process"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), process.EndSignals()...)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "leftovers:", err)
		}
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) (err error) {
	flags := flag.NewFlagSet("leftovers", flag.ContinueOnError)
	kills := flags.Int("kills", 20, "how many runs to kill")
	seed := flags.Uint64("seed", 0, "repeats the moments; 0 = drawn")
	busyRuns := flags.Int("busy", 0, "instead: how many faults to inject and heal through a proxy that refuses every tenth call")
	inject := flags.String("inject", "", "used by the program itself: be the run that injects this fault")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *inject != "" {
		return injectOnce(ctx, *inject)
	}
	if *kills < 1 {
		return fmt.Errorf("-kills is %d; want at least 1", *kills)
	}
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	b, err := build(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.folder.Close(), b.programs.Close()) }()
	if *busyRuns > 0 {
		return b.busy(ctx, *busyRuns)
	}
	random := rand.New(rand.NewPCG(*seed, 1))
	fmt.Printf("seed %d\n%-3s %-18s %-10s %8s  %-11s %-9s %s\n", *seed, "n", "fault", "run", "killed", "last event", "healed by", "both sides")
	broken := 0
	for n := 1; n <= *kills; n++ {
		victim := victims[(n-1)%len(victims)]
		by := healers[(n-1)/len(victims)%len(healers)]
		if n%2 == 0 {
			by = healers[((n-1)/len(victims)+1)%len(healers)]
		}
		part := random.Float64() // cubed: half of the kills fall into the first eighth, where the fault acts and is verified
		moment := time.Duration(part * part * part * float64(victim.window))
		o, err := b.once(ctx, n, victim, by, moment)
		if ctx.Err() != nil {
			return errors.New("interrupted; nothing is proven")
		}
		state := "back"
		if err != nil {
			state, broken = err.Error(), broken+1
		}
		fmt.Printf("%-3d %-18s %-10s %8v  %-11s %-9s %s\n", n, victim.fault, victim.run(), moment.Round(time.Millisecond), o.last, by, state)
	}
	fmt.Printf("\n%d of %d came back\n", *kills-broken, *kills)
	if broken > 0 {
		return fmt.Errorf("%d of %d killed runs left something broken", broken, *kills)
	}
	return nil
}

// victim is a run that is killed. Faults that no scenario injects are injected by this program itself.
type victim struct {
	fault  string
	suite  string // empty: this program
	label  string
	window time.Duration // how long after the fault was opened it is killed at the latest, wall time
}

func (v victim) run() string {
	if v.suite == "" {
		return "program"
	}
	return v.suite + " " + v.label
}

// victims are all faults that are available by URL.
var victims = []victim{
	{"cancel-job", "outage", "S08", 4 * time.Second},
	{"stop-instance", "outage", "S07", 4 * time.Second},
	{"orderly-shutdown", "planned", "S11", 3 * time.Second},
	{"partition", "partition", "S15", 2 * time.Second},
	{"degrade", "degradation", "S20 && fast", 3 * time.Second},
	{"restart-pe", "", "", 1500 * time.Millisecond},
	{"one-way", "", "", 1500 * time.Millisecond},
	{"block", "", "", 1500 * time.Millisecond},
	{"drop", "", "", 1500 * time.Millisecond},
	{"lose", "", "", 1500 * time.Millisecond},
	{"flap", "", "", 1500 * time.Millisecond},
	{"cancel-job", "", "", 1500 * time.Millisecond},
}

// Who brings the sides back.
const (
	byCommand = "heal"
	byNextRun = "next run"
)

var healers = []string{byCommand, byNextRun}

// bench has everything built once.
type bench struct {
	folder   *process.Folder
	programs *environment.Programs
}

func build(ctx context.Context) (b *bench, err error) {
	b = &bench{}
	if b.folder, err = process.NewFolder(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.folder.Close())
		}
	}()
	if b.programs, err = environment.Build(environment.Programs{}); err != nil {
		return nil, err
	}
	builds := [][]string{
		{"build", "-o", b.path("dc"), "./support/environment/dc"}, {"build", "-o", b.path("heal"), "./support/fault/heal"},
		{"build", "-o", b.path("leftovers"), "./support/prove/leftovers"},
	}
	for _, suite := range []string{"outage", "planned", "partition", "degradation"} {
		builds = append(builds, []string{"test", "-c", "-o", b.path(suite + ".test"), "./suites/" + suite})
	}
	for _, arguments := range builds {
		if output, err := exec.CommandContext(ctx, "go", arguments...).CombinedOutput(); err != nil {
			return nil, errors.Join(fmt.Errorf("go %q (run this in the module's folder): %w\n%s", arguments, err, output), b.programs.Close())
		}
	}
	return b, nil
}

func (b *bench) path(name string) string { return filepath.Join(b.folder.Path, name) }
