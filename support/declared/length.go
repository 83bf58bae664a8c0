package declared

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Length is a stretch of toolkit time: "90s", "2m", or in heartbeat intervals "2.5 I", which follows the toolkit's configuration.
type Length struct {
	Intervals bool
	Count     float64       // of intervals
	Time      time.Duration // otherwise
}

// longest bounds a length: ten days of toolkit time, or as many intervals as that is with the shortest.
const (
	longest          = 240 * time.Hour
	longestIntervals = 1e6
)

// UnmarshalYAML reads "90s" or "2.5 I".
func (l *Length) UnmarshalYAML(n *yaml.Node) error {
	text := strings.TrimSpace(n.Value)
	problem := &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: %q is no length: want a time such as 90s or 2m, or heartbeat intervals such as 2.5 I", n.Line, n.Value)}}
	if n.Kind != yaml.ScalarNode {
		return problem
	}
	if count, ok := strings.CutSuffix(text, "I"); ok {
		v, err := strconv.ParseFloat(strings.TrimSpace(count), 64)
		if err != nil || math.IsNaN(v) || v < 0 || v > longestIntervals {
			return problem
		}
		*l = Length{Intervals: true, Count: v}
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > longest {
		return problem
	}
	*l = Length{Time: d}
	return nil
}

// Of is the length with a heartbeat interval, in toolkit time.
func (l Length) Of(interval time.Duration) time.Duration {
	return time.Duration(l.Count*float64(interval)) + l.Time
}

// Plus adds two lengths.
func (l Length) Plus(more Length) Length {
	return Length{Intervals: l.Intervals || more.Intervals, Count: l.Count + more.Count, Time: l.Time + more.Time}
}

// IsZero reports whether none was given, or nothing.
func (l Length) IsZero() bool { return l.Count == 0 && l.Time == 0 }
