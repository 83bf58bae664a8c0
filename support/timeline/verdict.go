package timeline

import (
	"fmt"
	"math"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// VerdictOf judges an interval against an objective of the same unit: Met iff the latest possible value is within it,
// Missed iff the earliest possible one is beyond it, else Inconclusive. An objective of zero is none; bounds that
// are no numbers or reversed prove nothing.
func VerdictOf(earliest, latest, objective float64) model.Verdict {
	switch {
	case objective <= 0 || math.IsNaN(objective):
		return model.NotApplicable
	case math.IsNaN(earliest) || math.IsNaN(latest) || earliest > latest:
		return model.Inconclusive
	case latest <= objective:
		return model.Met
	case earliest > objective:
		return model.Missed
	default:
		return model.Inconclusive
	}
}

// MeasureOf is the duration from origin to an event, in wall and toolkit seconds, without a verdict.
func MeasureOf(event, origin model.Interval, speedup float64) model.Measure {
	earliest, latest := event.Since(origin)
	return model.Measure{
		WallEarliest: earliest.Seconds(), WallLatest: latest.Seconds(),
		EarliestSeconds: earliest.Seconds() * speedup, LatestSeconds: latest.Seconds() * speedup,
	}
}

// Toolkit converts wall time into toolkit time.
func Toolkit(wall time.Duration, speedup float64) time.Duration {
	return time.Duration(math.Round(float64(wall) * speedup))
}

// DetectionBounds are those of O1 (toolkit contract 6.1 and 10), in toolkit seconds: detection lies within
// [(N-1)*I - e, (N+1)*I + e] with the delivery delay of a heartbeat counted in the allowance e.
func DetectionBounds(interval time.Duration, misses uint8, allowance time.Duration) (least, most float64) {
	n := float64(misses)
	return (n-1)*interval.Seconds() - allowance.Seconds(), (n+1)*interval.Seconds() + allowance.Seconds()
}

// O1 judges a measured detection by DetectionBounds and says why in words.
func O1(detection model.Measure, interval time.Duration, misses uint8, allowance time.Duration) (model.Verdict, string) {
	least, most := DetectionBounds(interval, misses, allowance)
	measured := fmt.Sprintf("detection took %.1f..%.1f s; [(N-1)*I - e, (N+1)*I + e] = [%.1f, %.1f] s with I=%s, N=%d, e=%s (toolkit time)",
		detection.EarliestSeconds, detection.LatestSeconds, least, most, interval, misses, allowance)
	switch {
	case detection.EarliestSeconds > detection.LatestSeconds || math.IsNaN(detection.EarliestSeconds) || math.IsNaN(detection.LatestSeconds):
		return model.Inconclusive, measured
	case detection.LatestSeconds < least:
		return model.Missed, "too early: " + measured
	case detection.EarliestSeconds > most:
		return model.Missed, "too late: " + measured
	case detection.EarliestSeconds >= least && detection.LatestSeconds <= most:
		return model.Met, measured
	default:
		return model.Inconclusive, measured
	}
}
