// Package evidence reads JUnit files, ours or those of Ginkgo or others that say less, for the release gate. What it does
// not understand is a problem of the file and never evidence.
package evidence

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Case is one test case.
type Case struct {
	File, Suite, Class, Name string
	Result                   string // passed, failure, error, skipped
	Kind, Message            string // of what did not pass; the message is bounded
	Flaky                    []string
	Properties               map[string]string
	Quoted                   bool // values of properties stand in quotes: Ginkgo's own report, where one step of a scenario has them all
	Counted                  bool // in Ginkgo's own report: all steps of its scenario are there
}

// Suite is one testsuite element. What it does not say itself it has from the one around it.
type Suite struct {
	Name       string
	Timestamp  time.Time // zero when missing, or not understood
	Stamp      string    // the timestamp as it stands in the file
	Properties map[string][]string
	Cases      []Case
}

// File is one JUnit file.
type File struct {
	Name     string
	Suites   []Suite
	Problems []string // what makes it doubtful although it could be read: counts that do not add up, unknown elements, ...
	Marks    []Mark   // what is said of the whole run, at whatever level

	NotSelected int // test cases of drills that nobody asked for, in Ginkgo's own report; they are left out
}

// Mark is a statement that makes evidence worthless whatever its test cases say.
type Mark struct {
	Name  string // partial, interrupted, running, proving, DryRun or FlakeAttempts
	Value string
	Where string // the element that says so
}

// Marks that Ginkgo's own reports have.
const (
	DryRun        = "DryRun"
	FlakeAttempts = "FlakeAttempts"
)

// marks are the properties and attributes that speak of the whole run, with the value that takes them back.
var marks = map[string]bool{"partial": true, "interrupted": true, "running": true, "proving": true}

// provingNote begins the note by which files of the first schema, which have no property for it, say that something was
// broken on purpose.
const provingNote = "for proving only"

var (
	inLabels = regexp.MustCompile(`(?:^|\s)\[([^\[\]]*)\]\s*$`)
	number   = regexp.MustCompile(`^(S[0-9]{2,3}|control)$`)
)

// Labels of the test case: the property, or what Ginkgo appends to names: "... [S03, outage]".
func (c Case) Labels() []string {
	text := c.Properties["labels"]
	if text == "" {
		if m := inLabels.FindStringSubmatch(c.Name); m != nil {
			text = m[1]
		}
	}
	var out []string
	for label := range strings.SplitSeq(text, ",") {
		if label = strings.Trim(label, " \t\r\n"); label != "" {
			out = append(out, label)
		}
	}
	return out
}

// Scenarios are the scenarios that the test case says it belongs to: the one of the property, else every label that is
// exactly a catalogue number, "control" or one of the given names, else its name if that is exactly one. A name that merely
// begins like one says nothing. More than one means that nobody knows.
func (c Case) Scenarios(known func(string) bool) []string {
	if id := c.Properties["scenario"]; id != "" {
		return []string{id}
	}
	var out []string
	for _, word := range append(c.Labels(), strings.TrimPrefix(c.Name, "[It] ")) {
		if (number.MatchString(word) || known(word)) && !contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

// Ours reports whether our own writer wrote the test case, which then says how many steps its scenario has.
func (c Case) Ours() bool {
	if strings.HasPrefix(c.Class, "failover.") {
		return true
	}
	if c.Quoted {
		return false
	}
	for _, name := range []string{"run", "scenario", "verdict", "step", "steps"} {
		if _, said := c.Properties[name]; said {
			return true
		}
	}
	return false
}

func contains(list []string, wanted string) bool {
	for _, v := range list {
		if v == wanted {
			return true
		}
	}
	return false
}

// Interval reads the bounds of a measured value. What is not two finite decimal numbers in order is an error.
func Interval(from, to string) (earliest, latest float64, err error) {
	if earliest, err = Decimal(from); err != nil {
		return 0, 0, err
	}
	if latest, err = Decimal(to); err != nil {
		return 0, 0, err
	}
	if earliest > latest || latest < 0 {
		return 0, 0, fmt.Errorf("that is no interval")
	}
	return earliest, latest, nil
}

var decimals = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?$`)

// Decimal reads a finite decimal number as our writer writes it.
func Decimal(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	switch {
	case text == "NaN" || strings.Contains(strings.ToLower(text), "inf"):
		return 0, fmt.Errorf("that is no interval")
	case err != nil || !decimals.MatchString(text):
		return 0, fmt.Errorf("%q is not a number", text)
	}
	return v, nil
}
