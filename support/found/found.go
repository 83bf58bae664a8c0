// Package found writes what the exploration in virtual time has found as a file that can be kept and played again: a declared
// scenario (support/declared) where that format has words for everything that was done, else JSON of the same content.
//
// It may import support/declared and toolkit/crossdc.
package found

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/support/declared"
	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/crossdc/explore"
	"github.com/crossdc/failover/toolkit/crossdc/model"
)

// errNoWords says that the format of declared scenarios cannot express a case.
var errNoWords = errors.New("declared scenarios have no words for it")

// File returns the file of a case with its extension, .yaml or .json. id selects the scenario; what is broken is told in a comment.
func File(id string, f explore.Found) (content []byte, extension string, err error) {
	content, err = Scenario(id, f)
	if errors.Is(err, errNoWords) {
		content, err = documentOf(id, f, err.Error())
		return content, ".json", err
	}
	return content, ".yaml", err
}

// Write puts the file into a folder, which is made when it is missing, and returns its path.
func Write(folder, id string, f explore.Found) (string, error) {
	content, extension, err := File(id, f)
	if err != nil {
		return "", fmt.Errorf("write down schedule %s: %w", id, err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("keep a found schedule: %w", err)
	}
	path := filepath.Join(folder, id+extension)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		return "", fmt.Errorf("keep a found schedule: %w", err)
	}
	return path, nil
}

// Scenario is a case as a declared scenario. Its checks are the statuses that the model says will come.
func Scenario(id string, f explore.Found) ([]byte, error) {
	faults, err := faults(f.Case.Schedule)
	if err != nil {
		return nil, err
	}
	toolkit, err := properties(&f.Case)
	if err != nil {
		return nil, err
	}
	checks, err := checks(&f.Case)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Found by exploration in virtual time: seed %d, dc1 starts at %s, dc2 at %s.\n", f.Case.Seed, f.Case.Phase[0], f.Case.Phase[1])
	fmt.Fprintf(&b, "# %s\n", strings.ReplaceAll(f.Finding.String(), "\n", " "))
	fmt.Fprintf(&b, "id: %s\nwords: %q\nlabels: [explored, seed-%d]\n", id, words(f), f.Case.Seed)
	if len(toolkit) > 0 {
		b.WriteString("toolkit:\n")
		for _, p := range toolkit {
			fmt.Fprintf(&b, "  %s: %q\n", p.name, p.value)
		}
	}
	b.WriteString("faults:\n" + faults + "checks:\n")
	for _, check := range checks {
		fmt.Fprintf(&b, "  - %s\n", check)
	}
	content := []byte(b.String())
	if _, err := declared.Parse(id+".yaml", content); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoWords, err)
	}
	return content, nil
}

func words(f explore.Found) string {
	if f.Quirk != "" {
		return "Found in virtual time: " + f.Quirk
	}
	return "Found in virtual time: " + string(f.Finding.Invariant)
}

// faults are the actions in the format's words.
func faults(schedule []model.Action) (string, error) {
	sorted := slices.Clone(schedule)
	slices.SortStableFunc(sorted, func(a, b model.Action) int { return int(a.At - b.At) })
	var b strings.Builder
	var before time.Duration
	for i := 0; i < len(sorted); i++ {
		a := sorted[i]
		lines, err := fault(a)
		if err != nil {
			return "", err
		}
		if i+1 < len(sorted) && bothWays(a, sorted[i+1]) {
			lines = []string{"fault: partition", "mode: refuse"}
			i++
		}
		if after := a.At - before; before > 0 && after > 0 {
			lines = append(lines, "after: "+after.String())
		}
		before = a.At
		if a.For > 0 && a.What != model.Crash && a.What != model.Step {
			lines = append(lines, "for: "+a.For.String())
		}
		fmt.Fprintf(&b, "  - %s\n", strings.Join(lines, "\n    "))
	}
	if b.Len() == 0 {
		return "", fmt.Errorf("%w: nothing is done", errNoWords)
	}
	return b.String(), nil
}

// bothWays says whether two actions are one partition.
func bothWays(a, b model.Action) bool {
	return a.What == model.Refuse && b.What == model.Refuse && a.Target != b.Target && a.At == b.At && a.For == b.For && a.Ports == model.AllPorts && b.Ports == model.AllPorts
}

func fault(a model.Action) ([]string, error) {
	dc := fmt.Sprintf("target: dc%d", a.Target+1)
	if a.Ports != model.AllPorts {
		return nil, fmt.Errorf("%w: %s concerns some ports of one direction", errNoWords, a)
	}
	switch a.What {
	case model.Crash:
		if a.For == 0 {
			return []string{"fault: crash", dc}, nil
		}
		return []string{"fault: kill-pe", dc}, nil // back as soon as the platform is
	case model.Hang:
		return []string{"fault: hang", dc}, nil
	case model.Refuse:
		return []string{"fault: one-way", dc, "mode: refuse"}, nil
	case model.Swallow:
		return []string{"fault: one-way", dc, "mode: hang"}, nil // accepted and never answered; a black hole accepts nothing
	case model.Drop:
		return []string{"fault: drop", dc}, nil
	case model.Step:
		if a.For < 0 { // forwards the toolkit's tick comes at once, which declared scenarios cannot ask for
			return []string{"fault: clock-step", dc, "back: " + (-a.For).String()}, nil
		}
	case model.Special:
		if a.Text == crossdc.OrderlyShutdownText {
			return []string{"fault: orderly-shutdown", dc}, nil
		}
	}
	return nil, fmt.Errorf("%w: %s", errNoWords, a)
}

type property struct{ name, value string }

// properties are what the case's toolkit is configured with beyond what it ships with, where both data centers agree.
func properties(c *explore.Case) (list []property, err error) {
	if c.Bug != nil {
		return nil, fmt.Errorf("%w: bug %s", errNoWords, c.Bug.Name)
	}
	setup, plain := c.Setup(), model.Shipped()
	for i := range setup.Centers {
		if s, p := &setup.Centers[i], &plain.Centers[i]; s.Order != p.Order || s.Place != p.Place || s.Persist != p.Persist {
			return nil, fmt.Errorf("%w: how the operators run", errNoWords)
		}
	}
	for _, key := range crossdc.Keys() {
		if key.Secret {
			continue
		}
		one, other := key.Get(&setup.Centers[0].Config), key.Get(&setup.Centers[1].Config)
		shipped := [2]string{key.Get(&plain.Centers[0].Config), key.Get(&plain.Centers[1].Config)}
		switch {
		case one == shipped[0] && other == shipped[1]:
		case one == other:
			list = append(list, property{key.Name, one})
		default:
			return nil, fmt.Errorf("%w: the data centers differ in %s", errNoWords, key.Name)
		}
	}
	return list, nil
}

// checks are what the model says of the statuses after the first fault.
func checks(c *explore.Case) (list []string, err error) {
	setup := c.Setup()
	var first time.Duration
	for i, a := range c.Schedule {
		if i == 0 || a.At < first {
			first = a.At
		}
	}
	var down, given [2]bool
	w, err := model.New(setup, c.Schedule, func(o model.Observation) {
		if o.At >= first && o.What == model.Down {
			down[o.Side] = true
		}
		if o.At >= first && (o.What == model.TakenOver || o.What == model.Returned) {
			given[o.Side] = true
		}
	})
	if err != nil {
		return nil, err
	}
	w.Run(c.Until())
	for side, is := range down {
		if is {
			list = append(list, fmt.Sprintf("declares-down dc%d", side+1))
		}
	}
	restarts := slices.ContainsFunc(c.Schedule, func(a model.Action) bool { return a.What == model.Crash && a.For > 0 })
	switch {
	case len(list) > 0:
	case given[0] || given[1] || restarts: // what restarts has processes that are new, and says UP once more: that is a change
		list = []string{"never-declares-down dc1", "never-declares-down dc2"}
		for side, is := range given {
			if !is {
				list = append(list, fmt.Sprintf("takes-over-nothing dc%d", side+1))
			}
		}
	default:
		list = []string{"nothing-changes"}
	}
	return list, nil
}

// Odds is the share of phases in which the model says the same of the statuses as in the case itself: the phase of the fault and those of
// both data centers' heartbeats are drawn anew that often, from the case's seed. Real processes have a phase of their own.
func Odds(c explore.Case, draws int) (float64, error) {
	want, err := checks(&c)
	if err != nil || draws < 1 {
		return 0, err
	}
	random := rand.New(rand.NewPCG(c.Seed, oddsStream))
	same := 0
	for range draws {
		one := c
		setup := one.Setup()
		interval := int64(setup.Centers[0].Config.Timing().Interval)
		for i := range one.Phase {
			one.Phase[i] = time.Duration(random.Int64N(interval))
		}
		shift := time.Duration(random.Int64N(interval))
		one.Schedule = slices.Clone(c.Schedule)
		for i := range one.Schedule {
			one.Schedule[i].At += shift
		}
		has, err := checks(&one)
		if err != nil {
			return 0, err
		}
		if slices.Equal(has, want) {
			same++
		}
	}
	return float64(same) / float64(draws), nil
}

// oddsStream keeps these draws apart from those that made the case.
const oddsStream = 0x0dd5

// document is a case as JSON.
type document struct {
	ID      string    `json:"id"`
	Words   string    `json:"words"`
	Seed    uint64    `json:"seed"`
	Starts  [2]string `json:"starts"`
	Traits  []string  `json:"traits,omitempty"`
	Bug     string    `json:"bug,omitempty"`
	Actions []action  `json:"actions"`
	Broken  string    `json:"broken"`

	Wordless string `json:"wordless,omitempty"` // why it is no declared scenario
}

type action struct {
	At       string  `json:"at"`
	What     string  `json:"what"`
	Target   string  `json:"target"`
	For      string  `json:"for,omitempty"`
	Ports    string  `json:"ports,omitempty"`
	Operator string  `json:"operator,omitempty"`
	Text     string  `json:"text,omitempty"`
	Share    float64 `json:"share,omitempty"`
}

// documentOf is a case as JSON, with the reason why it is no declared scenario.
func documentOf(id string, f explore.Found, wordless string) ([]byte, error) {
	doc := document{ID: id, Words: words(f), Seed: f.Case.Seed, Starts: [2]string{f.Case.Phase[0].String(), f.Case.Phase[1].String()}, Broken: f.Finding.String(), Wordless: wordless}
	for _, t := range f.Case.Traits {
		doc.Traits = append(doc.Traits, t.String())
	}
	if f.Case.Bug != nil {
		doc.Bug = f.Case.Bug.Name
	}
	for _, a := range f.Case.Schedule {
		one := action{At: a.At.String(), What: string(a.What), Target: fmt.Sprintf("dc%d", a.Target+1), Operator: string(a.Operator), Text: a.Text, Share: a.Share,
			Ports: [...]string{"", "heartbeat", "snapshot"}[a.Ports]}
		if a.For != 0 {
			one.For = a.For.String()
		}
		doc.Actions = append(doc.Actions, one)
	}
	content, err := json.MarshalIndent(doc, "", "  ")
	return append(content, '\n'), err
}
