package obscure

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/crossdc/failover/toolkit"
)

func TestEveryTroubleHasRulesForAServiceThatExists(t *testing.T) {
	seen := map[string]bool{}
	for _, trouble := range Troubles() {
		if trouble.Name == "" || trouble.Title == "" || seen[trouble.Name] || len(trouble.Blinds)+len(trouble.Dims) == 0 {
			t.Errorf("%+v: want a name of its own, a title, and what it does to our view", trouble)
		}
		seen[trouble.Name] = true
		text, err := trouble.Rules()
		var rules []rule
		if err != nil || json.Unmarshal([]byte(text), &rules) != nil || len(rules) == 0 {
			t.Errorf("%s: rules %q, %v", trouble.Name, text, err)
		}
		for _, r := range rules {
			if r.Service != Management && r.Service != Data && r.Service != Metrics {
				t.Errorf("%s: service %q", trouble.Name, r.Service)
			}
		}
	}
}

func TestNoTroubleLetsEverythingPass(t *testing.T) {
	if text, err := (Trouble{}).Rules(); err != nil || text != "[]" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestTroublesTogetherBlindWhatEachDoes(t *testing.T) {
	traces, err := Named("traces-missing")
	if err != nil {
		t.Fatal(err)
	}
	management, err := Named("management-500")
	if err != nil {
		t.Fatal(err)
	}
	both := Together(traces, management)
	if both.Name != "traces-missing+management-500" || len(both.Blinds) != len(management.Blinds) || len(both.rules) != 2 {
		t.Errorf("%+v", both)
	}
	for _, indicator := range both.Blinds {
		if indicator == toolkit.PrometheusMetrics {
			t.Error("the page of metrics stays readable")
		}
	}
}

func TestAnUnknownTroubleIsNamedWithThoseThatAre(t *testing.T) {
	if _, err := Named("fog"); err == nil || !strings.Contains(err.Error(), `"fog"`) || !strings.Contains(err.Error(), "management-500") {
		t.Errorf("%v", err)
	}
}
