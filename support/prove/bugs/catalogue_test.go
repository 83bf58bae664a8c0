package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/prove/catalogue"
)

const moduleFolder = "../../.."

// The catalogue says what the sources say: whoever adds a scenario, a label, a step or a proof runs make catalogue.
func TestTheCatalogueIsWhatTheSourcesSay(t *testing.T) {
	page, err := pageOf(moduleFolder)
	if err != nil {
		t.Fatal(err)
	}
	want, err := page.Markdown()
	if err != nil {
		t.Fatal(err)
	}
	labels, err := catalogue.LabelsSource(moduleFolder, page.Scenarios)
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{catalogue.PageFile: want, catalogue.LabelsFile: labels} {
		got, err := os.ReadFile(filepath.Join(moduleFolder, file))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is not what the sources say: run make catalogue", file)
		}
	}
	if len(page.Contract) != 56 || len(page.Scenarios) < 16 {
		t.Errorf("%d scenarios in the contract, %d in the suites", len(page.Contract), len(page.Scenarios))
	}
}

// Every scenario that exists can fail: a bug is proven to be caught by one of its steps.
func TestEveryScenarioOfTheCatalogueCanFail(t *testing.T) {
	page, err := pageOf(moduleFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range page.Scenarios {
		if _, why := toothless[s.Suite+"."+s.Function]; why {
			continue
		}
		if !slices.ContainsFunc(proofs, func(p proof) bool {
			return p.suite == s.Suite && slices.Contains(s.Labels, p.id) && slices.Contains(s.Steps, p.step)
		}) {
			t.Errorf("no bug is proven to be caught by %s.%s: add a proof", s.Suite, s.Function)
		}
	}
}

func TestHowLongScenariosTakeIsKeptAndMeasured(t *testing.T) {
	page, err := pageOf(moduleFolder)
	if err != nil {
		t.Fatal(err)
	}
	run := model.Run{Scenarios: []model.Scenario{
		{Family: "partition", Name: "The link breaks for 1.2 times the longest detection time", Outcome: model.Passed, Finished: 12e9},
		{Family: "partition", Name: "The link breaks for 3.0 times the longest detection time", Outcome: model.HazardReproduced, Started: 5e9, Finished: 28e9},
		{Family: "outage", Name: "A data center crashes", Outcome: model.Failed, Finished: 99e9},
	}}
	before := page.Durations["outage.DataCenterCrash"]
	page.Measure(run)
	if got := page.Durations["partition.LongPartition"]; got != "12 to 23 s" {
		t.Errorf("two variants took %q", got)
	}
	if got := page.Durations["outage.DataCenterCrash"]; got != before {
		t.Errorf("a scenario without a verdict took %q", got)
	}
	text, err := page.Markdown()
	if err != nil {
		t.Fatal(err)
	}
	if got := catalogue.Durations(text)["partition.LongPartition"]; got != "12 to 23 s" {
		t.Errorf("read from the page: %q", got)
	}
	run.Proving, run.Scenarios[0].Finished = []string{"broken on purpose"}, 60e9
	page.Measure(run)
	if got := page.Durations["partition.LongPartition"]; got != "12 to 23 s" {
		t.Errorf("a run with a bug says how long a scenario takes: %q", got)
	}
	if _, err := catalogue.Where([]string{"no-such-fault"}); err == nil || !strings.Contains(err.Error(), "no-such-fault") {
		t.Errorf("an unknown fault: %v", err)
	}
}
