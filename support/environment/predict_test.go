package environment

import (
	"strings"
	"testing"
)

// The shipped configuration, with the numbers of toolkit contract 6.8 and 6.6.
func TestPredictionsOfTheShippedConfiguration(t *testing.T) {
	said := map[string]string{}
	for _, f := range Predictions(loaded(t, nil)) {
		said[f.What] += f.Says + "\n"
	}
	for what, wants := range map[string][]string{
		"detection":   {"1m30s to 2m30s after it", "2m0s on average", "up to 3m10s"},
		"tolerance":   {"3 heartbeats", "jitter by 1m30s"},
		"data loss":   {"1m15s on average", "up to 5m0s old"},
		"contact":     {"40s there"},
		"broken link": {"2m30s", "probability of"},
		"machines":    {"takes up to"},
	} {
		for _, want := range wants {
			if !strings.Contains(said[what], want) {
				t.Errorf("%s: %q does not say %q", what, said[what], want)
			}
		}
	}
	all := Predictions(loaded(t, map[string]string{"CROSSDC_TOOLKIT_READ_TIMEOUT": "170s"}))
	hangs := 0
	for _, f := range all {
		if f.What == "hung exchange" && f.State == Notable {
			hangs++
		}
	}
	if hangs == 0 {
		t.Error("an exchange that hangs for longer than detection takes is not said to be a false DOWN")
	}
}
