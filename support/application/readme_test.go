package application

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/crossdc/failover/support/traffic/adapter"
)

// adaptersTable is what README.md says of the adapters: made of their table, so that it never says less or more.
func adaptersTable() string {
	var b strings.Builder
	b.WriteString("| adapter | ways | parameters (in bold: required; in: events only, out: results only) |\n|---|---|---|\n")
	for _, a := range adapter.Table() {
		ways := "in, out"
		switch {
		case a.In == nil:
			ways = "out"
		case a.Out == nil:
			ways = "in"
		}
		var parameters []string
		for _, p := range a.Parameters {
			name := "`" + p.Name + "`"
			if p.Required {
				name = "**" + name + "**"
			}
			if ways == "in, out" && p.Way != adapter.BothWays {
				name += map[adapter.Way]string{adapter.WayIn: " (in)", adapter.WayOut: " (out)"}[p.Way]
			}
			parameters = append(parameters, name)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", a.Name, ways, strings.Join(parameters, ", "))
	}
	return b.String()
}

func TestTheGuideListsAdaptersAndClaims(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := adaptersTable(); !strings.Contains(string(text), want) {
		t.Errorf("README.md must hold this table:\n%s", want)
	}
	for _, row := range Claims() {
		if line := fmt.Sprintf("| %s | %d |", row.What, int(row.From)); !strings.Contains(string(text), line) {
			t.Errorf("README.md must hold %q", line)
		}
	}
	for _, name := range Placeholders() {
		if !strings.Contains(string(text), "`${"+name+"}`") {
			t.Errorf("README.md must name ${%s}", name)
		}
	}
}
