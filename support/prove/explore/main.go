// Command explore proves that the exploration in virtual time finds what it is meant to find: for each quirk of the toolkit
// that the model can show it switches the quirk's recognizer off, draws schedules until one fails that nothing else explains,
// and shrinks it. It writes the record beside itself.
//
//	go run ./support/prove/explore [-seed 1] [-limit 60s] [-out support/prove/explore] [Q1 ...]
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

	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/crossdc/explore"
)

// row is one quirk in record.json.
type row struct {
	Quirk     string   `json:"quirk"`
	Title     string   `json:"title"`
	Found     bool     `json:"found"`
	Schedules uint64   `json:"schedules,omitempty"` // drawn until it was found
	Seconds   float64  `json:"seconds"`             // wall time on one core
	Actions   int      `json:"actions"`             // of the smallest schedule
	Smallest  []string `json:"smallest,omitempty"`
	Broken    string   `json:"broken,omitempty"` // the invariant, with the evidence
	Replayed  bool     `json:"replayed"`         // on real processes
	Seed      uint64   `json:"seed"`
	Commit    string   `json:"commit"`
	Why       string   `json:"why,omitempty"` // it was not found
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
	if err := flags.Parse(args); err != nil {
		return err
	}
	quirks, err := selected(flags.Args())
	if err != nil {
		return err
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
	fmt.Printf("\n%d of %d quirks found again from nothing\n", found, len(rows))
	if *out != "-" {
		if err := record(*out, rows); err != nil {
			return err
		}
	}
	if found < len(rows) {
		return fmt.Errorf("%d of %d quirks were not found within %s each", len(rows)-found, len(rows), *limit)
	}
	return nil
}

func selected(names []string) ([]string, error) {
	var known []string
	for _, r := range explore.Recognizers() {
		known = append(known, r.Quirk)
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
		return cmp.Or(cmp.Compare(len(a.Quirk), len(b.Quirk)), cmp.Compare(a.Quirk, b.Quirk))
	})
	return rows
}

func one(ctx context.Context, quirk string, seed uint64, limit time.Duration) row {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	q, _ := crossdc.QuirkOf(quirk)
	r := row{Quirk: quirk, Title: q.Title, Seed: seed}
	began := time.Now()
	found, err := explore.Find(ctx, quirk, seed)
	r.Seconds = time.Since(began).Seconds()
	if err != nil {
		r.Why = err.Error()
		return r
	}
	r.Found, r.Schedules, r.Actions = true, found.Cases, len(found.Case.Schedule)
	r.Smallest = strings.Split(strings.TrimSpace(found.Case.String()), "\n")
	r.Broken = found.Finding.String()
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

func record(folder string, rows []row) error {
	raw, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return fmt.Errorf("write the record: %w", err)
	}
	var b strings.Builder
	b.WriteString(head)
	for _, r := range rows {
		if !r.Found {
			fmt.Fprintf(&b, "| %s | %s | not found: %s | | | |\n", r.Quirk, r.Title, r.Why)
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %.1f | %d | %s |\n", r.Quirk, r.Title, r.Schedules, r.Seconds, r.Actions, strings.Join(trimmed(r.Smallest[1:]), "; "))
	}
	fmt.Fprintf(&b, "\nSeed %d, commit `%s`. None was replayed on real processes yet.\n", rows[0].Seed, rows[0].Commit)
	return errors.Join(
		os.WriteFile(filepath.Join(folder, "record.json"), append(raw, '\n'), 0o644),
		os.WriteFile(filepath.Join(folder, "README.md"), []byte(b.String()), 0o644))
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
time (toolkit/crossdc/explore) find it again from nothing. Both this table and record.json are made by that command.

| quirk | what | schedules until found | seconds, one core | actions | smallest case |
|---|---|---|---|---|---|
`
