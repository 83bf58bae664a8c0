// Package roster knows the drills of a suite before any of them runs: what each is called, which steps it declares, and
// which of them a run selects. A drill is the container that scenario.New is called in, whatever stands around it. Every
// one of its steps carries the drill's key as a label, because Ginkgo's account of a suite tells two drills of the same
// text apart by nothing else.
//
// It may import reports and nothing else of ours.
package roster

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
)

// Drill is one drill.
type Drill struct {
	Key    string   // unique within the suite, readable, the same in every run: see KeyLabel
	ID     string   // see ID
	Name   string   // the text of its own container; more only where another drill has the same
	Trial  int      // counted from 1; 0 when the drill is not repeated
	Labels []string // of its container and of those around it
	Steps  []Step

	texts []string // of the containers around it and its own, outermost first
	path  string
}

// Step is one It of a drill.
type Step struct {
	Texts     []string // of all containers, outermost first, and its own
	Labels    []string
	Locations []types.CodeLocation // of all containers
	Pending   bool
}

// Mark registers a drill when it is handed to a node of the drill's container.
type Mark struct{ entry *Drill }

// Key of the drill that was registered with the mark; empty before its node was built.
func (m *Mark) Key() string {
	if m.entry == nil {
		return ""
	}
	return m.entry.Key
}

// Steps is how many steps of the drill are not pending.
func (m *Mark) Steps() int {
	n := 0
	if m.entry != nil {
		for _, s := range m.entry.Steps {
			if !s.Pending {
				n++
			}
		}
	}
	return n
}

// Roster is the list of a suite's drills, filled while Ginkgo builds its tree.
type Roster struct {
	mu      sync.Mutex
	entries []*Drill
	trial   int
}

// Repetition runs register, so that what it registers is the n-th trial.
func (r *Roster) Repetition(n int, register func()) {
	set := func(n int) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.trial = n
	}
	set(n)
	defer set(0)
	register()
}

// Note looks at the arguments of a node that Ginkgo is about to build and returns those that Ginkgo shall see: a mark
// registers its drill and is taken out; a step gets its drill's key as a label.
func (r *Roster) Note(node types.NodeType, text string, args []any) []any {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := slices.IndexFunc(args, isMark); at >= 0 {
		args[at].(*Mark).entry = r.register()
		return slices.Delete(slices.Clone(args), at, at+1)
	}
	if node != types.NodeTypeIt {
		return args
	}
	around := containers()
	entry := r.around(pathOf(around))
	if entry == nil {
		return args // a spec of its own, no step of a drill
	}
	own, pending := decorations(args)
	entry.Steps = append(entry.Steps, Step{
		Texts: append(slices.Clone(around.ContainerHierarchyTexts), text), Labels: append(around.Labels(), own...),
		Locations: around.ContainerHierarchyLocations, Pending: pending,
	})
	return append(slices.Clone(args), ginkgo.Label(keyLabel+entry.Key))
}

func isMark(arg any) bool {
	_, is := arg.(*Mark)
	return is
}

// register adds the drill whose container is being built.
func (r *Roster) register() *Drill {
	around := containers()
	entry := &Drill{Trial: r.trial, Labels: around.Labels(), texts: around.ContainerHierarchyTexts, path: pathOf(around)}
	entry.ID = ID(entry.Labels, entry.own())
	entry.Key = r.unused(Slug(entry.own()), entry.Trial)
	r.entries = append(r.entries, entry)
	return entry
}

// Depth of the drill's own container: 1 at the top level.
func (e *Drill) Depth() int { return len(e.texts) }

func (e *Drill) own() string {
	if len(e.texts) == 0 {
		return ""
	}
	return e.texts[len(e.texts)-1]
}

// containers are those around the node that is being built, without the root that Ginkgo puts around all of them.
func containers() types.ConstructionNodeReport {
	around := ginkgo.CurrentTreeConstructionNodeReport()
	if len(around.ContainerHierarchyLocations) > 0 && around.ContainerHierarchyLocations[0].FileName == "" {
		around.ContainerHierarchyTexts = around.ContainerHierarchyTexts[1:]
		around.ContainerHierarchyLocations = around.ContainerHierarchyLocations[1:]
	}
	return around
}

// around is the drill that a node with this path belongs to: Ginkgo builds one container after the other, so of several
// with the same path the last is the one being built.
func (r *Roster) around(path string) *Drill {
	for i := len(r.entries) - 1; i >= 0; i-- {
		if strings.HasPrefix(path, r.entries[i].path) {
			return r.entries[i]
		}
	}
	return nil
}

// pathOf names the containers around a node by text and place.
func pathOf(around types.ConstructionNodeReport) string {
	var path strings.Builder
	for i, text := range around.ContainerHierarchyTexts {
		fmt.Fprintf(&path, "%s\x00%s\x01", text, around.ContainerHierarchyLocations[i])
	}
	return path.String()
}

// unused makes a key from a text that no drill before has.
func (r *Roster) unused(text string, trial int) string {
	for n := 1; ; n++ {
		key := text
		if n > 1 {
			key = fmt.Sprintf("%s-%d", text, n)
		}
		if trial > 0 {
			key = fmt.Sprintf("%s-trial-%03d", key, trial)
		}
		if !slices.ContainsFunc(r.entries, func(e *Drill) bool { return e.Key == key }) {
			return key
		}
	}
}

// decorations finds the labels among a node's arguments, and whether it is pending.
func decorations(args []any) (labels []string, pending bool) {
	for _, arg := range args {
		switch a := arg.(type) {
		case ginkgo.Labels:
			labels = append(labels, a...)
		case []any:
			more, inner := decorations(a)
			labels, pending = append(labels, more...), pending || inner
		}
		pending = pending || arg == any(ginkgo.Pending)
	}
	return labels, pending
}

// Drills returns all drills in the order in which they were registered, with names that are unique among those of the
// same trial: where two containers have the same text, the texts around them are put before it, and a number behind it
// where that does not help.
func (r *Roster) Drills() []Drill {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]Drill, 0, len(r.entries))
	for _, entry := range r.entries {
		list = append(list, *entry)
	}
	same := func(a, b Drill) bool { return a.Trial == b.Trial && a.Name == b.Name }
	for i := range list {
		list[i].Name = list[i].own()
	}
	plain := slices.Clone(list)
	for i := range list {
		if count(plain, func(e Drill) bool { return same(e, plain[i]) }) > 1 {
			list[i].Name = strings.Join(list[i].texts, " › ")
		}
	}
	nested := slices.Clone(list)
	for i := range list {
		if n := count(nested[:i+1], func(e Drill) bool { return same(e, nested[i]) }); n > 1 {
			list[i].Name = fmt.Sprintf("%s (%d)", nested[i].Name, n)
		}
	}
	return list
}

func count(list []Drill, is func(Drill) bool) int {
	n := 0
	for _, entry := range list {
		if is(entry) {
			n++
		}
	}
	return n
}
