package html

import (
	"bytes"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/model"
)

func TestThePageShowsShardsAndNodes(t *testing.T) {
	run := sample.Rich()
	run.Campaign = &model.Campaign{Name: "nightly", Engine: "kubernetes", Trials: 59, Shards: 59, Delivered: 58,
		Nodes: []model.Node{{Name: "node-a", Shards: 30, Scenarios: 30, Lost: 1}, {Name: "node-b", Shards: 28, Scenarios: 28}},
		Fates: []model.ShardFate{{Shard: 3, Name: "shard 3 (outage, trial 4)", Attempt: "x", Node: "node-a", Fate: model.FateLost, Why: "evicted <b>"},
			{Shard: 9, Name: "shard 9 (outage, trial 10)", Fate: model.FateMissing, Why: "3 attempts were lost"}},
		Faults:      []model.FaultTrials{{Fault: "crash", Scenarios: []string{"S03 A crash"}, Detected: 58, Claim: "58 trials carry a P90", Fit: &model.Fit{Distance: 0.3, Limit: 0.17, Trials: 58}}},
		Differences: []model.NodeDifference{{Scenario: "S03 A crash", Measure: "recovery", Nodes: 2, Trials: 58, H: 20, P: 0.0002, Adjusted: 0.0006, Differs: true}}}
	var b bytes.Buffer
	if err := Write(&b, run, Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"58 of 59 shards delivered, on 2 nodes, 1 attempt was lost, 1 shard has no result", "more than chance explains",
		"fault crash in 1 scenario: 58 trials carry a P90; observed and predicted distribution differ by at least 0.300",
		`<th scope="row">node-b</th><td>28</td>`, "attempt x on node-a, is lost: evicted &lt;b&gt;", `href="#campaign"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	run.Campaign = nil
	b.Reset()
	if err := Write(&b, run, Options{}); err != nil || strings.Contains(b.String(), `id="campaign"`) {
		t.Errorf("a run of one command has a campaign: %v", err)
	}
}
