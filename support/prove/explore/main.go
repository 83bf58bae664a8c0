// Command explore proves that the exploration in virtual time finds what it is meant to find: for each quirk of the toolkit
// that the model can show it switches the quirk's recognizer off, draws schedules until one fails that nothing else explains,
// and shrinks it; and it plants bugs in the machines, each of which must be found by what it does. It writes the record beside
// itself, and each smallest case into the folder cases.
//
//	go run ./support/prove/explore [-seed 1] [-limit 60s] [-out support/prove/explore] [Q1 ...]
//	go run ./support/prove/explore -replay [Q1 ...]    plays the recorded cases on real processes, and adds that to the record
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/crossdc/failover/support/found"
	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/crossdc/explore"
)

// row is one quirk in record.json.
type row struct {
	Quirk       string   `json:"quirk"` // or the bug
	Title       string   `json:"title"`
	Bug         bool     `json:"bug,omitempty"`
	Found       bool     `json:"found"`
	Schedules   uint64   `json:"schedules,omitempty"` // drawn until it was found
	Seconds     float64  `json:"seconds"`             // on one core: of its own time where that is known (CPU), else wall time
	CPU         bool     `json:"cpu,omitempty"`       // Seconds is the time that the core worked for it, not the wall's
	Actions     int      `json:"actions"`             // of the smallest schedule
	Smallest    []string `json:"smallest,omitempty"`
	Broken      string   `json:"broken,omitempty"`       // the invariant, with the evidence
	Replayed    bool     `json:"replayed"`               // on real processes, by the suite of declared scenarios
	Agrees      bool     `json:"agrees,omitempty"`       // what happened there is what the model says
	Processes   string   `json:"processes,omitempty"`    // what happened there
	NotReplayed string   `json:"not_replayed,omitempty"` // why it was not
	Odds        float64  `json:"odds,omitempty"`         // share of phases in which the model says the same of the statuses; 0: not asked
	Plays       int      `json:"plays,omitempty"`        // on real processes, until one was as in the model
	File        string   `json:"file,omitempty"`         // the smallest case, to be played
	Seed        uint64   `json:"seed"`
	Commit      string   `json:"commit"`
	Why         string   `json:"why,omitempty"` // it was not found

	smallest explore.Found
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := prove(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "explore:", err)
		stop()
		os.Exit(1)
	}
}

func prove(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("explore", flag.ContinueOnError)
	seed := flags.Uint64("seed", 1, "of the cases that are drawn")
	limit := flags.Duration("limit", time.Minute, "how long each quirk is looked for, wall time")
	out := flags.String("out", filepath.Join("support", "prove", "explore"), "folder of record.json and README.md; - writes neither")
	again := flags.Bool("replay", false, "play the recorded cases on two emulated data centers, and add what happened to the record")
	if err := flags.Parse(args); err != nil {
		return err
	}
	quirks, err := selected(flags.Args())
	if err != nil {
		return err
	}
	if *again {
		return replay(ctx, *out, flags.Args())
	}
	rows := search(ctx, quirks, *seed, *limit)
	if ctx.Err() != nil {
		return errors.New("interrupted; nothing is recorded")
	}
	found := 0
	for _, r := range rows {
		if r.Found {
			found++
		}
	}
	fmt.Printf("\n%d of %d quirks and bugs found from nothing\n", found, len(rows))
	if *out != "-" {
		if err := record(*out, rows); err != nil {
			return err
		}
	}
	if found < len(rows) {
		return fmt.Errorf("%d of %d were not found within %s each", len(rows)-found, len(rows), *limit)
	}
	return nil
}

func selected(names []string) ([]string, error) {
	var known []string
	for _, r := range explore.Recognizers() {
		known = append(known, r.Quirk)
	}
	for _, b := range explore.Bugs() {
		known = append(known, b.Name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("%q is recognized by nothing: give any of %s", name, strings.Join(known, ", "))
		}
	}
	if len(names) > 0 {
		return names, nil
	}
	return known, nil
}

// search looks for each quirk on one core, as many at a time as there are cores.
func search(ctx context.Context, quirks []string, seed uint64, limit time.Duration) []row {
	rows := make([]row, len(quirks))
	places := make(chan struct{}, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	var print sync.Mutex
	commit := commit(ctx)
	for i, quirk := range quirks {
		all.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			rows[i] = one(ctx, quirk, seed, limit)
			rows[i].Commit = commit
			print.Lock()
			defer print.Unlock()
			fmt.Println(rows[i])
		})
	}
	all.Wait()
	slices.SortFunc(rows, func(a, b row) int {
		if a.Bug != b.Bug {
			return map[bool]int{false: -1, true: 1}[a.Bug]
		}
		return cmp.Or(cmp.Compare(len(a.Quirk), len(b.Quirk)), cmp.Compare(a.Quirk, b.Quirk))
	})
	return rows
}

func one(ctx context.Context, quirk string, seed uint64, limit time.Duration) row {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	r := row{Quirk: quirk, Seed: seed}
	look := func() (explore.Found, error) { return explore.Find(ctx, quirk, seed) }
	if i := slices.IndexFunc(explore.Bugs(), func(b explore.Bug) bool { return b.Name == quirk }); i >= 0 {
		r.Bug, r.Title = true, "a planted bug"
		look = func() (explore.Found, error) { return explore.FindBug(ctx, explore.Bugs()[i], seed) }
	} else {
		q, _ := crossdc.QuirkOf(quirk)
		r.Title = q.Title
	}
	// What else the machine does must not count: the search keeps to one thread, whose own time is taken.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	began, worked := time.Now(), threadTime()
	smallest, err := look()
	if r.Seconds = time.Since(began).Seconds(); worked > 0 {
		r.Seconds, r.CPU = (threadTime() - worked).Seconds(), true
	}
	if err != nil {
		r.Why = err.Error()
		return r
	}
	r.Found, r.Schedules, r.Actions = true, smallest.Cases, len(smallest.Case.Schedule)
	r.Smallest = strings.Split(strings.TrimSpace(smallest.Case.String()), "\n")
	r.Broken = smallest.Finding.String()
	r.smallest = smallest
	return r
}

// String is the row on the terminal.
func (r row) String() string {
	if !r.Found {
		return fmt.Sprintf("%-4s not found: %s", r.Quirk, r.Why)
	}
	return fmt.Sprintf("%-4s %6d schedules, %5.1f s: %s\n       %s", r.Quirk, r.Schedules, r.Seconds, r.Broken, strings.Join(r.Smallest, "\n       "))
}

func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// oddsDraws is how many phases the model is asked about.
const oddsDraws = 200

func record(folder string, rows []row) error {
	for i := range rows {
		if !rows[i].Found {
			continue
		}
		path, err := found.Write(filepath.Join(folder, "cases"), "found-"+rows[i].Quirk, rows[i].smallest)
		if err != nil {
			return err
		}
		rows[i].File = "cases/" + filepath.Base(path)
		if filepath.Ext(path) == ".yaml" {
			if rows[i].Odds, err = found.Odds(rows[i].smallest.Case, oddsDraws); err != nil {
				return fmt.Errorf("ask the model for the odds of %s: %w", rows[i].Quirk, err)
			}
		}
	}
	if before, err := recorded(folder); err == nil {
		keepReplays(rows, before)
		rows = merge(rows, before)
	}
	return write(folder, rows)
}

// merge keeps the rows of before that were not looked for now, in their places.
func merge(rows, before []row) []row {
	merged := slices.Clone(before)
	for _, r := range rows {
		if at := slices.IndexFunc(merged, func(old row) bool { return old.Quirk == r.Quirk }); at >= 0 {
			merged[at] = r
		} else {
			merged = append(merged, r)
		}
	}
	return merged
}

// keepReplays takes over what is known of replays of the very same cases.
func keepReplays(rows, before []row) {
	for i := range rows {
		for _, old := range before {
			if old.Quirk == rows[i].Quirk && slices.Equal(old.Smallest, rows[i].Smallest) {
				rows[i].Replayed, rows[i].Agrees, rows[i].Processes, rows[i].NotReplayed, rows[i].Plays = old.Replayed, old.Agrees, old.Processes, old.NotReplayed, old.Plays
			}
		}
	}
}

// write makes both forms of the record.
func write(folder string, rows []row) error {
	raw, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return fmt.Errorf("write the record: %w", err)
	}
	var b strings.Builder
	b.WriteString(head)
	for _, r := range rows {
		if !r.Found {
			fmt.Fprintf(&b, "| %s | %s | not found: %s | | | | | |\n", r.Quirk, r.Title, r.Why)
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %.1f | %d | %s | [%s](%s) | %s |\n", r.Quirk, r.Title, r.Schedules, r.Seconds, r.Actions,
			strings.Join(trimmed(r.Smallest[1:]), "; "), strings.TrimPrefix(filepath.Ext(r.File), "."), r.File, r.replays())
	}
	fmt.Fprintf(&b, "\nSeed %d, %s. %s\n", rows[0].Seed, commits(rows), replays(rows))
	return errors.Join(
		os.WriteFile(filepath.Join(folder, "record.json"), append(raw, '\n'), 0o644),
		os.WriteFile(filepath.Join(folder, "README.md"), []byte(b.String()), 0o644))
}

// commits names those that the rows were found at.
func commits(rows []row) string {
	var names []string
	for _, r := range rows {
		if name := "`" + r.Commit + "`"; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 1 {
		return "commit " + names[0]
	}
	return "commits " + strings.Join(names, ", ") + " (which is whose: record.json)"
}

// replays says what came of playing the case on real processes.
func (r row) replays() string {
	text := "not replayed"
	switch {
	case r.Replayed && r.Agrees:
		text = "yes, as in the model" + r.played() + ": " + r.Processes
	case r.Replayed:
		text = "yes, otherwise" + r.played() + ": " + r.Processes
	case r.NotReplayed != "":
		text = "no: " + r.NotReplayed
	}
	return strings.ReplaceAll(text, "|", "/")
}

// played says how often it was played, where the outcome hangs on a phase that real processes draw anew.
func (r row) played() string {
	if r.Odds == 0 || r.Odds == 1 && r.Plays <= 1 {
		return ""
	}
	return fmt.Sprintf(" (play %d; in the model %.0f %% of all phases end so)", max(r.Plays, 1), 100*r.Odds)
}

// replays counts them.
func replays(rows []row) string {
	played, agree := 0, 0
	for _, r := range rows {
		if r.Replayed {
			played++
		}
		if r.Agrees {
			agree++
		}
	}
	return fmt.Sprintf("%d cases were replayed on real processes, %d of them as in the model.", played, agree)
}

func trimmed(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = strings.TrimSpace(line)
	}
	if len(out) == 0 {
		return []string{"the shipped configuration does it by itself"}
	}
	return out
}

const head = `# support/prove/explore

` + "`go run ./support/prove/explore`" + ` switches the recognizer of one quirk after the other off and lets the exploration in virtual
time (toolkit/crossdc/explore) find it again from nothing; then it plants one bug after the other in the toolkit of dc1. Both this table and record.json are made by that command.

` + "`go run ./support/prove/explore -replay`" + ` plays every case that is a declared scenario on two emulated data centers, by the ordinary suite, and adds what
happened to both: its checks are the statuses that the model gives. The phase is drawn anew there: where the model says that the outcome hangs
on it, a case is played again until it comes out as found, at most so often that this would happen by chance once in a hundred cases. What cannot be
played says why.

Each smallest case is a file in the folder cases: a declared scenario where that format has words for it, else JSON. Scenarios are
played on real processes by their names: ` + "`CROSSDC_SCENARIOS=support/prove/explore/cases go tool ginkgo --label-filter=found-Q1 ./suites/declared`" + `.

| quirk or bug | what | schedules until found | seconds, one core | actions | smallest case | file | on real processes |
|---|---|---|---|---|---|---|---|
`
