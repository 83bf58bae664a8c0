package explore

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Budget says how much is explored: as many cases, or for as long; the other one is 0.
type Budget struct {
	Cases uint64
	Time  time.Duration // wall time
}

// ParseBudget reads "30s" or "10000".
func ParseBudget(text string) (Budget, error) {
	text = strings.TrimSpace(text)
	if cases, err := strconv.ParseUint(text, 10, 64); err == nil && cases > 0 {
		return Budget{Cases: cases}, nil
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return Budget{Time: d}, nil
	}
	return Budget{}, fmt.Errorf("budget of the exploration: %q: give a time above 0 such as 30s, or a number of schedules such as 10000", text)
}

// Report is what a search came to.
type Report struct {
	Seed       uint64
	From, Next uint64         // the cases [From, Next) of the seed were judged; another search goes on from Next
	Explained  map[string]int // by quirk: findings that it explains
	Unknown    []Found        // one for each invariant that failed without explanation, as small as it could be made
}

// chunk is how many cases are judged before the search looks whether it is over; all of them count, so that a report does not
// depend on the number of cores.
const chunk = 64

// Search judges the cases of a seed from number from on, on all cores, until it has judged that many (0: no limit) or ctx ends,
// which is no error. The same seed, from and number give the same report.
func Search(ctx context.Context, seed, from, cases uint64) (Report, error) {
	r := Report{Seed: seed, From: from, Next: from, Explained: map[string]int{}}
	for ctx.Err() == nil && (cases == 0 || r.Next < from+cases) {
		n := uint64(chunk)
		if cases > 0 {
			n = min(n, from+cases-r.Next)
		}
		if err := r.judge(r.Next, n, func(i uint64) Case { return Draw(seed, i) }); err != nil {
			return r, err
		}
		r.Next += n
	}
	return r, nil
}

// judge adds the findings of n cases, in their order.
func (r *Report) judge(from, n uint64, draw func(i uint64) Case) error {
	judged, err := judgeAll(from, n, draw)
	if err != nil {
		return err
	}
	for i, findings := range judged {
		r.add(from+uint64(i), draw(from+uint64(i)), findings)
	}
	return nil
}

// add counts the findings of one case, and shrinks the first unknown one of its kind.
func (r *Report) add(n uint64, c Case, findings []Finding) {
	for _, f := range findings {
		for _, quirk := range f.Quirks {
			r.Explained[quirk]++
		}
	}
	f, ok := Unexplained(findings, "")
	if !ok || slices.ContainsFunc(r.Unknown, func(u Found) bool { return u.Finding.Invariant == f.Invariant }) {
		return
	}
	small := Shrink(c, func(c *Case) bool {
		u, ok, err := unknown(c)
		return err == nil && ok && u.Invariant == f.Invariant
	})
	if again, ok, err := unknown(&small); err == nil && ok {
		f = again
	}
	r.Unknown = append(r.Unknown, Found{Cases: n, Case: small, Finding: f})
}

func judgeAll(from, n uint64, draw func(i uint64) Case) ([][]Finding, error) {
	judged := make([][]Finding, n)
	errs := make([]error, n)
	var all sync.WaitGroup
	workers := uint64(runtime.GOMAXPROCS(0))
	for worker := range workers {
		all.Go(func() {
			for i := worker; i < n; i += workers {
				c := draw(from + i)
				judged[i], errs[i] = Judge(&c)
			}
		})
	}
	all.Wait()
	return judged, errors.Join(errs...)
}
