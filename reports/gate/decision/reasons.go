package decision

import (
	"fmt"
	"slices"

	"github.com/crossdc/failover/reports/plain"
)

// Bounds on what a decision says: thousands of reasons help nobody, and nothing is decided by their number.
const (
	perGroup   = 3   // texts of one code and scenario
	maxReasons = 200 // texts altogether
	maxText    = 500 // bytes of one
	maxNotes   = 60
)

// Reason is one reason for no-go.
type Reason struct {
	Code     string `json:"code"`               // stable, for machines: "missing", "stale", "objective", ...
	Scenario string `json:"scenario,omitempty"` // catalogue number
	Text     string `json:"text"`
	More     int    `json:"more,omitempty"` // how many more of the same code and scenario there are
}

type groupKey struct{ scenario, code string }

// reasons collects the reasons against go, grouped by scenario and code.
type reasons struct {
	groups map[groupKey]*group
	order  []groupKey
	total  int
}

type group struct {
	texts []string
	said  map[string]bool
	more  int
}

// add adds a reason. The same text of the same code and scenario counts once as long as it is kept.
func (r *reasons) add(code, scenario, text string) {
	if r.groups == nil {
		r.groups = map[groupKey]*group{}
	}
	key := groupKey{scenario, code}
	g := r.groups[key]
	if g == nil {
		g = &group{said: map[string]bool{}}
		r.groups[key] = g
		r.order = append(r.order, key)
	}
	text = plain.Clip(text, maxText)
	if g.said[text] {
		return
	}
	r.total++
	if len(g.texts) == perGroup {
		g.more++
		return
	}
	g.said[text] = true
	g.texts = append(g.texts, text)
}

// against reports whether there is a reason against the scenario.
func (r *reasons) against() map[string]bool {
	out := map[string]bool{}
	for _, key := range r.order {
		out[key.scenario] = true
	}
	return out
}

// list is what is told: what concerns all first, then the required scenarios, then the others, each scenario's together.
func (r *reasons) list(required []string) []Reason {
	place := map[string]int{"": -1, control: 0}
	for i, id := range required {
		if _, known := place[id]; !known {
			place[id] = i + 1
		}
	}
	at := func(scenario string) int {
		if i, known := place[scenario]; known {
			return i
		}
		return len(required) + 1
	}
	order := slices.Clone(r.order)
	slices.SortStableFunc(order, func(a, b groupKey) int {
		if d := at(a.scenario) - at(b.scenario); d != 0 {
			return d
		}
		switch {
		case a.scenario < b.scenario:
			return -1
		case a.scenario > b.scenario:
			return 1
		}
		return 0
	})
	out := []Reason{}
	told := 0
	for _, key := range order {
		g := r.groups[key]
		if len(out)+len(g.texts) > maxReasons {
			break
		}
		for _, text := range g.texts {
			out = append(out, Reason{Code: key.code, Scenario: key.scenario, Text: text})
		}
		out[len(out)-1].More = g.more
		told += len(g.texts) + g.more
	}
	if left := r.total - told; left > 0 {
		out = append(out, Reason{Code: "more", Text: fmt.Sprintf("%d more reasons are left out here", left)})
	}
	return out
}
