package crossdc

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The table and section 7 of the contract must name the same quirks, each once and whole.
func TestQuirksAreThoseOfTheContract(t *testing.T) {
	contract, err := os.ReadFile("CONTRACT.md")
	if err != nil {
		t.Fatal(err)
	}
	var inContract []string
	for _, row := range regexp.MustCompile(`(?m)^\| (Q\d+) \|`).FindAllSubmatch(contract, -1) {
		inContract = append(inContract, string(row[1]))
	}
	var inTable []string
	for _, q := range Quirks() {
		inTable = append(inTable, q.Number)
		for field, text := range map[string]string{"title": q.Title, "effect": q.Effect, "visible": q.Visible, "remedy": q.Remedy} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s has no %s", q.Number, field)
			}
		}
	}
	slices.Sort(inContract)
	slices.Sort(inTable)
	if len(inContract) < 40 || !slices.Equal(inContract, inTable) {
		t.Errorf("the contract has %v, the table %v", inContract, inTable)
	}
}

func TestQuirkOf(t *testing.T) {
	if q, ok := QuirkOf("Q12"); !ok || q.Number != "Q12" {
		t.Errorf("Q12: %v %v", q, ok)
	}
	if _, ok := QuirkOf("Q99"); ok {
		t.Error("Q99 is not in the contract")
	}
}

// Whoever meets a hazard is given a command, or told that there is none; what is to be filled in is explained.
func TestEveryQuirkSaysTheWayOut(t *testing.T) {
	if got, want := len(waysOut()), len(Quirks()); got != want {
		t.Errorf("%d ways out for %d quirks", got, want)
	}
	placeholder := regexp.MustCompile(`\b[A-Z]{4,}\b`)
	common := []string{"POST", "DOMAIN", "INSTANCE", "APPLICATION", "SCRIPT", "LAST"} // of the tools, or named by what they stand in
	for _, q := range Quirks() {
		if strings.TrimSpace(q.Note) == "" || strings.HasSuffix(q.Note, ".") {
			t.Errorf("%s: the note %q is none, or ends with a full stop that the page adds", q.Number, q.Note)
		}
		for _, name := range placeholder.FindAllString(q.Command, -1) {
			if !slices.Contains(common, name) && name != "MONITOR" && !strings.Contains(q.Note, name) {
				t.Errorf("%s: nothing says what %s in %q is", q.Number, name, q.Command)
			}
		}
	}
}
