package summary

import (
	"fmt"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

// Overlap is how long both data centers were active at once, in toolkit time; empty where that was not seen.
func Overlap(s model.Scenario) string {
	earliest, latest, seen := overlap(s)
	if !seen {
		return ""
	}
	return plain.Range(earliest, latest)
}

// overlap bounds how long both data centers were active at once, in seconds of toolkit time.
func overlap(s model.Scenario) (earliest, latest float64, seen bool) {
	b := s.BothActive
	if b == nil {
		return 0, 0, false
	}
	speedup := s.Speedup
	if !(speedup > 0) {
		speedup = 1
	}
	return max(float64(b.To.Earliest-b.From.Latest)/1e9*speedup, 0), float64(b.To.Latest-b.From.Earliest) / 1e9 * speedup, true
}

// longestOverlap says where both data centers were active at once for longest; empty where they never were.
func longestOverlap(scenarios []model.Scenario) string {
	worst, text := 0.0, ""
	for _, s := range scenarios {
		if _, latest, seen := overlap(s); seen && latest > worst {
			worst, text = latest, fmt.Sprintf("both data centers were active at once for %s (%s)", Overlap(s), plain.Line(s.ID))
		}
	}
	return text
}
