package merge_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/campaign/merge"
	"github.com/crossdc/failover/support/campaign/state"
	"github.com/crossdc/failover/support/scenario/record"
)

// TestALargeCampaignLeavesWhatWasSeenToTheStoredScenarios: measures, steps and verdicts are in the run, and so is all of what did not
// pass; of the rest the run says where it is. A result that is stored nowhere stays whole.
func TestALargeCampaignLeavesWhatWasSeenToTheStoredScenarios(t *testing.T) {
	r := request(510)
	s := open(t, t.TempDir(), r)
	for _, shard := range s.Shards {
		take(t, s, answer(t, r, shard, "first", "node-a", func(run *model.Run) {
			one := &run.Scenarios[0]
			one.Observations = []model.Observation{{Indicator: "status", Site: "dc2", Event: "DOWN"}}
			one.Served = []model.Served{{Site: "dc2"}}
			one.Steps = []model.Step{{Name: "is declared DOWN", Outcome: model.Passed}}
			if shard.First == 7 {
				one.Outcome, one.Reasons = model.Failed, []string{"too late"}
			}
		}), "", state.Delivered)
	}
	keep := func(stored record.Stored) (string, error) {
		if stored.Scenario.Trial == 9 {
			return "", nil
		}
		return fmt.Sprintf("runs/nightly-1/outage/%s.json", stored.Scenario.Key), nil
	}
	runs, err := merge.Runs(r, s, merge.Options{Engine: "local", Timing: timing, Keep: keep})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Validate(runs[0]); err != nil {
		t.Fatal(err)
	}
	for _, one := range runs[0].Scenarios {
		wanted := one.Trial == 7 || one.Trial == 9
		if seen := len(one.Observations) == 1 && len(one.Served) == 1 && len(one.Attachments) == 0; seen != wanted {
			t.Errorf("trial %d: %d observations, attached is %q", one.Trial, len(one.Observations), one.Attachments)
		}
		if want := fmt.Sprintf("runs/nightly-1/outage/%s.json", one.Key); !wanted && (len(one.Attachments) != 1 || one.Attachments[0] != want) {
			t.Errorf("trial %d: attached is %q, want %q", one.Trial, one.Attachments, want)
		}
		if one.Measures.Detection == nil || len(one.Steps) != 1 {
			t.Errorf("trial %d has lost what is measured or its steps", one.Trial)
		}
	}
	if said := strings.Join(runs[0].Notes, " "); !strings.Contains(said, "Of 508 results of suite outage") {
		t.Errorf("the notes say %q", said)
	}
}
