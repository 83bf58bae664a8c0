package scenario

import (
	"testing"

	"github.com/crossdc/failover/support/traffic"
)

func TestADataCenterThatCallsItselfOtherwiseIsHeard(t *testing.T) {
	by := func(names ...string) []traffic.Result {
		var results []traffic.Result
		for _, name := range names {
			results = append(results, traffic.Result{ProcessedBy: name})
		}
		return results
	}
	for name, c := range map[string]struct {
		results []traffic.Result
		want    string
	}{
		"nothing was processed":              {nil, ""},
		"its own name":                       {by("east", "east"), ""},
		"another name":                       {by("dc2", "dc2"), "dc2"},
		"its peer's name":                    {by("west"), "west"},
		"both, so that something else lies":  {by("east", "west"), ""},
		"malformed results have no name":     {by("", ""), ""},
		"two names, so that nobody can tell": {by("dc2", "dc3"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			var n names
			n.hear("west", by("west"))
			n.hear("east", c.results)
			if got := n.other("east"); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if got := n.other("west"); got != "" {
				t.Errorf("west is called %q", got)
			}
		})
	}
}
