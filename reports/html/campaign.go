package html

import (
	"fmt"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/summary"
)

// campaign is how a run was put together from shards.
type campaign struct {
	Sentences   []string
	Nodes       []model.Node
	Faults      []string
	Differences []string
	Fates       []string
	Told        string
}

// maxFates and maxNodes are listed; all are in run.json.
const (
	maxFates = 500
	maxNodes = 200
)

func campaignOf(c *model.Campaign) *campaign {
	if c == nil {
		return nil
	}
	out := &campaign{Sentences: summary.CampaignSentences(*c), Nodes: c.Nodes[:min(len(c.Nodes), maxNodes)]}
	for _, f := range c.Faults {
		out.Faults = append(out.Faults, summary.FaultSentence(f))
	}
	for _, d := range c.Differences {
		out.Differences = append(out.Differences, summary.DifferenceSentence(d))
	}
	for _, f := range c.Fates[:min(len(c.Fates), maxFates)] {
		text := f.Name + " is " + f.Fate
		if f.Attempt != "" {
			text = f.Name + ", attempt " + f.Attempt + " on " + f.Node + ", is " + f.Fate
		}
		if f.Why != "" {
			text += ": " + f.Why
		}
		out.Fates = append(out.Fates, text)
	}
	out.Told = fmt.Sprintf("%d attempts and shards of which more is to be said", len(c.Fates))
	if more := len(c.Fates) - len(out.Fates); more > 0 {
		out.Told += fmt.Sprintf("; %d of them are in run.json only", more)
	}
	return out
}
