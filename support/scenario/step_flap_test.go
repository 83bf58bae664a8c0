package scenario

import (
	"testing"

	"github.com/crossdc/failover/reports/model"
)

// Only what a data center acknowledged for another one, and was handed again since, is what overlapping takeovers overwrite (Q31).
func TestWhatARepeatedTakeoverOverwrites(t *testing.T) {
	takeovers := func(site, fragment string) int {
		return map[string]int{"dc2 dc1-0": 3, "dc2 dc1-1": 1, "dc1 dc1-2": 5}[site+" "+fragment]
	}
	for name, c := range map[string]struct {
		anomaly model.Anomaly
		want    string
	}{
		"acknowledged for another, handed over three times": {model.Anomaly{Kind: model.MissingEvents, Site: "dc2", Stream: "dc1"}, "Q31"},
		"handed over once":          {model.Anomaly{Kind: model.MissingEvents, Site: "dc2", Stream: "dc1", Channel: 1}, ""},
		"acknowledged by its home":  {model.Anomaly{Kind: model.MissingEvents, Site: "dc1", Stream: "dc1", Channel: 2}, ""},
		"held by who lost them all": {model.Anomaly{Kind: model.KeptEvents, Site: "dc2", Stream: "dc1"}, ""},
	} {
		list := []model.Anomaly{c.anomaly}
		overwritten(list, takeovers)
		if list[0].Quirk != c.want {
			t.Errorf("%s: %q, want %q", name, list[0].Quirk, c.want)
		}
	}
}
