package redact

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
)

func TestSecretsAreMaskedInEveryForm(t *testing.T) {
	mask := Secrets([]string{"streamsadmin"}, []string{"p@ss/word", "p@ss", "abc"})
	basic := base64.StdEncoding.EncodeToString([]byte("streamsadmin:p@ss/word"))
	in := "p@ss/word p%40ss%2Fword " + basic + " p@ss abc"
	if got, want := mask(in), strings.Repeat(Mask+" ", 4)+"abc"; got != want {
		t.Errorf("mask(%q) = %q, want %q", in, got, want)
	}
}

func TestRunMasksEveryFieldAndLeavesTheOriginal(t *testing.T) {
	secret := "hunter2hunter2"
	run := model.Run{ID: "r1", Suites: []string{"outage"}, Started: time.Unix(100, 0).UTC(), Notes: []string{secret},
		Environment: model.Environment{Toolkit: map[string]string{"key": secret}, DataCenters: []model.DataCenter{{Root: secret}}},
		Scenarios: []model.Scenario{{ID: "S03", Name: secret, Outcome: model.Passed, Fault: &model.Fault{Bite: secret},
			Steps: []model.Step{{Output: "a " + secret + " b"}}}}}
	got, err := json.Marshal(Run(run, Secrets(nil, []string{secret})))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(got), secret) || strings.Count(string(got), Mask) != 6 {
		t.Errorf("masked run: %s", got)
	}
	if !strings.Contains(string(got), `"1970-01-01T00:01:40Z"`) {
		t.Errorf("the start time was lost: %s", got)
	}
	if run.Notes[0] != secret || run.Scenarios[0].Fault.Bite != secret || run.Environment.Toolkit["key"] != secret {
		t.Error("the original was changed")
	}
}
