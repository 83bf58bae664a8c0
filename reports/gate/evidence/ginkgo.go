package evidence

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/crossdc/failover/reports/plain"
)

// drillLabel begins the label that all test cases of one drill have in common in Ginkgo's own report.
const drillLabel = "drill="

// notSelected is all that Ginkgo says of what its filters left out. What was skipped for a reason has the reason behind it.
const notSelected = "skipped"

// itsOwn are the properties that speak of one step alone, or of labels, which every name has.
var itsOwn = []string{"step.outcome", "how the step ended", "labels"}

// drill is the drill that the test case belongs to in Ginkgo's own report; empty where it does not say.
func (c Case) drill() string {
	for label := range strings.SplitSeq(c.named(), ",") {
		if label = strings.TrimSpace(label); strings.HasPrefix(label, drillLabel) {
			return label
		}
	}
	return ""
}

// named are the labels that stand in the name.
func (c Case) named() string {
	if m := inLabels.FindStringSubmatch(c.Name); m != nil {
		return m[1]
	}
	return ""
}

// group is what is selected together: the drill, or all test cases outside of drills that have the same labels.
func (c Case) group() string { return cmp.Or(c.drill(), c.named()) }

// understand reads what Ginkgo's own report of these suites says in one place for several test cases: the test case that ended a drill
// speaks for all of it, and a drill of which nothing at all was selected was not asked for. Of a drill that was selected in part,
// everything stays, so that half of one is never taken for the whole.
func (s *Suite) understand() (left int, problems []string) {
	speaks, selected, cases := map[string]Case{}, map[string]bool{}, map[string]int{}
	for _, c := range s.Cases {
		drill := c.drill()
		cases[drill]++
		if c.Quoted && c.Properties["scenario"] != "" {
			speaks[drill] = c
		}
		if c.Result != "skipped" || c.Message != notSelected || c.Quoted {
			selected[c.group()] = true
		}
	}
	var kept []Case
	for _, c := range s.Cases {
		drill := c.drill()
		if group := c.group(); group != "" && !selected[group] {
			left++
			continue
		}
		if one, said := speaks[drill]; drill != "" && said && !c.Quoted {
			for name, value := range one.Properties {
				if _, there := c.Properties[name]; !there && !slices.Contains(itsOwn, name) {
					c.Properties[name] = value
				}
			}
			c.Quoted = true
		}
		c.Counted = drill != "" && speaks[drill].Properties["steps"] == strconv.Itoa(cases[drill])
		kept = append(kept, c)
	}
	s.Cases = kept
	for _, drill := range slices.Sorted(maps.Keys(speaks)) {
		if steps := speaks[drill].Properties["steps"]; drill != "" && steps != strconv.Itoa(cases[drill]) {
			problems = append(problems, plain.Clip(fmt.Sprintf("%s (%s) has %d test cases of %s", speaks[drill].Properties["scenario"], drill, cases[drill], steps), maxMessage))
		}
	}
	return left, problems
}

// understand does so for the whole file, if it is Ginkgo's own report of these suites.
func (f *File) understand() {
	ginkgo := false
	for _, s := range f.Suites {
		for _, c := range s.Cases {
			ginkgo = ginkgo || c.Quoted && c.drill() != ""
		}
	}
	if !ginkgo {
		return
	}
	for i := range f.Suites {
		left, problems := f.Suites[i].understand()
		f.NotSelected += left
		f.Problems = append(f.Problems, problems[:min(len(problems), max(0, maxProblems-len(f.Problems)))]...)
	}
}
