package summary

import (
	"fmt"

	"github.com/crossdc/failover/reports/model"
)

// CampaignSentences say how the shards of a campaign fared, and which results differ between nodes.
func CampaignSentences(c model.Campaign) []string {
	counts := map[string]int{}
	for _, f := range c.Fates {
		counts[f.Fate]++
	}
	text := fmt.Sprintf("%s: %d of %s delivered, on %s", c.Name, c.Delivered, plural(c.Shards, "shard", "shards"), plural(len(c.Nodes), "node", "nodes"))
	for _, fate := range []struct{ fate, one, many string }{
		{model.FateLost, "attempt was lost", "attempts were lost"}, {model.FateDoubled, "came twice and counts once", "came twice and count once"},
		{model.FateMissing, "shard has no result", "shards have no result"}, {model.FateLeftOut, "shard is left out by name", "shards are left out by name"},
	} {
		if n := counts[fate.fate]; n > 0 {
			text += ", " + plural(n, fate.one, fate.many)
		}
	}
	sentences := []string{text}
	for _, f := range c.Faults {
		if f.Fit != nil && !f.Fit.Close() {
			sentences = append(sentences, FaultSentence(f))
		}
	}
	before := len(sentences)
	asked := 0
	for _, d := range c.Differences {
		asked++
		if d.Differs {
			sentences = append(sentences, DifferenceSentence(d))
		}
	}
	switch {
	case asked > 0 && len(sentences) == before:
		sentences = append(sentences, fmt.Sprintf("chance explains every difference between nodes (%s)", plural(asked, "question", "questions")))
	case asked == 0:
		sentences = append(sentences, "whether nodes differ cannot be said: fewer than two of them have at least two results of one scenario")
	}
	return sentences
}

// FaultSentence says how the detection of one fault was distributed over all scenarios of a campaign.
func FaultSentence(f model.FaultTrials) string {
	text := fmt.Sprintf("fault %s in %s: %s", f.Fault, plural(len(f.Scenarios), "scenario", "scenarios"), f.Claim)
	if f.Fit != nil {
		text += "; " + f.Fit.String()
	}
	return text
}

// DifferenceSentence says of one value whether it differs between nodes more than chance explains.
func DifferenceSentence(d model.NodeDifference) string {
	verdict := "chance explains the difference"
	if d.Differs {
		verdict = "more than chance explains: look at the nodes before you believe the distribution"
	}
	return fmt.Sprintf("%s, %s over %d trials on %d nodes: H = %.2f, p = %.4f, adjusted %.4f: %s", d.Scenario, d.Measure, d.Trials, d.Nodes, d.H, d.P, d.Adjusted, verdict)
}
