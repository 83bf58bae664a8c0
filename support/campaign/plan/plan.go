// Package plan divides a campaign into shards: which suite, which trials, which seed. The same request gives the same
// shards everywhere, so that a machine that runs one of them needs the request and a number, never a list.
//
// It imports nothing of ours.
package plan

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// MaxShards bounds a campaign: one more would not fit into one Indexed Job.
const MaxShards = 100000

// Request is what somebody wants to be run.
type Request struct {
	Name     string   `json:"name"`      // of the campaign; it becomes part of names of objects and files
	Run      string   `json:"run"`       // ID of the run that it becomes; every shard carries it
	Labels   string   `json:"labels"`    // label filter of ginkgo
	Suites   []string `json:"suites"`    // families that the filter selects something of, e.g. "outage"
	Trials   int      `json:"trials"`    // of each scenario
	PerShard int      `json:"per_shard"` // trials that one shard runs, one after another in one environment
	Seed     int64    `json:"seed"`      // every shard's seed follows from it
}

// Shard is the smallest piece that is run, delivered and counted.
type Shard struct {
	Index int    `json:"index"` // from 0
	Suite string `json:"suite"`
	First int    `json:"first"` // trial, from 1
	Last  int    `json:"last"`
	Seed  int64  `json:"seed"` // positive
}

// Trials is how many trials the shard runs.
func (s Shard) Trials() int { return s.Last - s.First + 1 }

// String names the shard as reports do.
func (s Shard) String() string {
	if s.First == s.Last {
		return fmt.Sprintf("shard %d (%s, trial %d)", s.Index, s.Suite, s.First)
	}
	return fmt.Sprintf("shard %d (%s, trials %d to %d)", s.Index, s.Suite, s.First, s.Last)
}

var (
	nameOf  = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$`)
	runOf   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	suiteOf = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
)

// Check says everything that is wrong with the request.
func (r Request) Check() error {
	var problems []error
	wrong := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	wrong(nameOf.MatchString(r.Name), "name %q: want at most 40 lower-case letters, digits and hyphens, a letter first", r.Name)
	wrong(runOf.MatchString(r.Run), "run %q: want one word of letters, digits and hyphens", r.Run)
	wrong(r.Trials >= 1 && r.Trials <= MaxShards, "trials %d: want a whole number from 1 to %d", r.Trials, MaxShards)
	wrong(r.PerShard >= 1 && r.PerShard <= MaxShards, "trials per shard %d: want a whole number from 1 to %d", r.PerShard, MaxShards)
	wrong(len(r.Suites) > 0, "labels %q select no scenario of any suite; ginkgo labels <folder> lists the labels of a suite", r.Labels)
	for i, suite := range r.Suites {
		wrong(suiteOf.MatchString(suite), "suite %q: want letters, digits, - and _", suite)
		wrong(!slices.Contains(r.Suites[:i], suite), "suite %q: named twice", suite)
	}
	if len(problems) == 0 {
		n := r.Count()
		wrong(n <= MaxShards, "%d shards: more than %d; let each run more trials (per shard)", n, MaxShards)
	}
	if len(problems) > 0 {
		return fmt.Errorf("plan the campaign: %w", errors.Join(problems...))
	}
	return nil
}

// Count is how many shards the request has.
func (r Request) Count() int {
	if r.PerShard < 1 || r.Trials < 1 {
		return 0
	}
	return (r.Trials + r.PerShard - 1) / r.PerShard * len(r.Suites)
}

// Shards are all shards in the order in which they are run: the first trials of every suite, then the next, so that a
// campaign that is cut short has something of everything.
func (r Request) Shards() ([]Shard, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	suites := slices.Sorted(slices.Values(r.Suites))
	shards := make([]Shard, 0, r.Count())
	for first := 1; first <= r.Trials; first += r.PerShard {
		for _, suite := range suites {
			last := min(first+r.PerShard-1, r.Trials)
			shards = append(shards, Shard{Index: len(shards), Suite: suite, First: first, Last: last, Seed: seedOf(r.Seed, suite, first)})
		}
	}
	return shards, nil
}

// seedOf mixes rather than counts: neighbouring seeds must not give related phases.
func seedOf(seed int64, suite string, first int) int64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%s/%d", seed, suite, first))
	return int64(binary.BigEndian.Uint64(sum[:8])>>1 | 1) //nolint:gosec // one bit fewer: never negative, never 0
}

// Ranges writes a sorted list of indexes in short: "0-4,7".
func Ranges(indexes []int) string {
	var b strings.Builder
	for i := 0; i < len(indexes); {
		j := i
		for j+1 < len(indexes) && indexes[j+1] == indexes[j]+1 {
			j++
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(indexes[i]))
		if j > i {
			b.WriteString("-" + strconv.Itoa(indexes[j]))
		}
		i = j + 1
	}
	return b.String()
}

// ParseRanges reads what Ranges wrote; every index must be below limit and greater than the one before it.
func ParseRanges(text string, limit int) ([]int, error) {
	var indexes []int
	if text == "" {
		return nil, nil
	}
	for _, part := range strings.Split(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		first, err := strconv.Atoi(from)
		last := first
		if err == nil && isRange {
			last, err = strconv.Atoi(to)
		}
		if err != nil || first < 0 || last < first || last >= limit || len(indexes) > 0 && first <= indexes[len(indexes)-1] {
			return nil, fmt.Errorf("shards %q: %q is no range of growing numbers from 0 to %d, such as 0-4,7", text, part, limit-1)
		}
		for i := first; i <= last; i++ {
			indexes = append(indexes, i)
		}
	}
	return indexes, nil
}

// Text is the request as one argument of a program.
func (r Request) Text() (string, error) {
	raw, err := json.Marshal(r)
	return string(raw), err
}

// Parse reads what Text wrote.
func Parse(text string) (r Request, err error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return r, fmt.Errorf("read the request of a campaign: %w", err)
	}
	return r, r.Check()
}
