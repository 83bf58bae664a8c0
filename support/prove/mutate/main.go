// Command mutate proves that tests and proofs notice faults: it plants slips into the emulated system's machines, the judge,
// the ledger, the faults and the steps, one at a time, by the table in table.go, and runs what must notice each. No file of
// the checkout is changed: the compiler is given an overlay.
//
//	go run ./support/prove/mutate [-parallel n] [-only folder]
//
// It prints what survived, with the reason why that does not matter where one is known, and fails when less than 95 % were
// noticed. The result is mutate.json in the folder for reports.
package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment/process"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), process.EndSignals()...)
	defer stop()
	parallel := flag.Int("parallel", 2, "how many faults are tried at once; those that need data centers are tried one at a time")
	only := flag.String("only", "", "plant only into this folder of the table")
	flag.Parse()
	if err := run(ctx, *parallel, *only); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		stop()
		os.Exit(1)
	}
}

// wanted is the share of the planted faults that must be noticed.
const wanted = 0.95

// survivor is a fault that nothing noticed.
type survivor struct {
	Where  string `json:"where"`
	What   string `json:"what"`
	Reason string `json:"reason,omitempty"` // why it does not matter; empty: none is known
}

// report is mutate.json.
type report struct {
	Planted   int        `json:"planted"`
	Noticed   int        `json:"noticed"`
	Seconds   float64    `json:"seconds"`
	Survivors []survivor `json:"survivors"`
}

func run(ctx context.Context, parallel int, only string) (err error) {
	if parallel < 1 {
		return fmt.Errorf("-parallel %d: give how many faults are tried at once, 1 or more", parallel)
	}
	todo := slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return only != "" && r.folder != only })
	if len(todo) == 0 {
		return fmt.Errorf("-only %q: the table has no such folder", only)
	}
	settings, err := config.Load()
	if err != nil {
		return err
	}
	reports, err := filepath.Abs(settings.Reports)
	if err != nil {
		return fmt.Errorf("find the folder for reports: %w", err)
	}
	temporary, err := process.NewFolder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, temporary.Close()) }()
	field := &field{folder: temporary.Path, reports: filepath.Join(reports, "mutate")}
	began := time.Now()
	var result report
	for _, r := range todo {
		if err := field.sow(ctx, r, parallel, &result); err != nil {
			return err
		}
	}
	result.Seconds = time.Since(began).Seconds()
	return finish(result, reports)
}

// finish writes and prints the result.
func finish(result report, reports string) error {
	if result.Survivors == nil {
		result.Survivors = []survivor{}
	}
	raw, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	if err := os.MkdirAll(reports, 0o755); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	path := filepath.Join(reports, "mutate.json")
	if err := os.WriteFile(path, append(raw, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	share := float64(result.Noticed) / float64(max(1, result.Planted))
	fmt.Printf("\n%d of %d planted faults were noticed (%.1f %%) in %.0f s; %s\n", result.Noticed, result.Planted, 100*share, result.Seconds, path)
	for _, s := range result.Survivors {
		reason := s.Reason
		if reason == "" {
			reason = "no reason is known"
		}
		fmt.Printf("  survived: %s (%s): %s\n", s.Where, s.What, reason)
	}
	if share < wanted {
		return fmt.Errorf("%.1f %% were noticed, less than %.0f %%", 100*share, 100*wanted)
	}
	return nil
}

// sow plants the faults of a row and adds what became of them. A fault that does not compile is none: the next one takes its
// place.
func (f *field) sow(ctx context.Context, r row, parallel int, result *report) error {
	all, err := plants(r.folder, r.functions)
	if err != nil {
		return err
	}
	if len(r.proofs) > 0 {
		parallel = 1
	}
	fmt.Printf("%s %s: %d of %d faults\n", r.folder, strings.Join(r.functions, ", "), min(r.share, len(all)), len(all))
	var mu sync.Mutex
	var running sync.WaitGroup
	next := order(all)
	left := min(r.share, len(all)) // faults that are still to be tried; one that does not compile gives its place back
	var failed error
	take := func() (plant, bool) {
		mu.Lock()
		defer mu.Unlock()
		if failed != nil || left == 0 || len(next) == 0 || ctx.Err() != nil {
			return plant{}, false
		}
		p := next[0]
		next, left = next[1:], left-1
		return p, true
	}
	for range parallel {
		running.Go(func() {
			for p, ok := take(); ok; p, ok = take() {
				became, err := f.grow(ctx, r, p)
				mu.Lock()
				switch {
				case err != nil:
					failed = errors.Join(failed, err)
				case became == notCompiled:
					left++
				default:
					result.Planted++
					if became == noticed {
						result.Noticed++
					} else {
						s := survivor{Where: fmt.Sprintf("%s:%d", filepath.ToSlash(p.file), p.line), What: p.String(), Reason: survivors[p.String()]}
						result.Survivors = append(result.Survivors, s)
						fmt.Printf("  survived: %s: %s\n", s.Where, s.What)
					}
				}
				mu.Unlock()
			}
		})
	}
	running.Wait()
	if ctx.Err() != nil {
		return errors.New("interrupted; nothing is proven")
	}
	return failed
}

// order lists plants in the order in which they are tried: by a hash of what they are. So the choice is spread over
// everything, and it stays the same when other code changes.
func order(all []plant) []plant {
	nth := map[string]int{}
	key := make(map[plant]uint64, len(all))
	for _, p := range all {
		name := p.String()
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", name, nth[name]))
		nth[name]++
		key[p] = binary.BigEndian.Uint64(sum[:])
	}
	return slices.SortedFunc(slices.Values(all), func(a, b plant) int { return cmp.Compare(key[a], key[b]) })
}
