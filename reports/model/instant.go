// Package model is the result model: plain data that says what a run saw and what it concluded.
//
// It imports nothing of this module. support fills it in, reports renders it, and the judge reads it back: whatever
// a verdict rests on is in here, so that a stored run can be judged again without any environment.
package model

import "time"

// Instant is a point on the run's own monotonic clock, in nanoseconds of wall time since Run.Started.
type Instant int64

// Interval says "not before Earliest, not after Latest". Every measured event is an interval, never a point.
type Interval struct {
	Earliest Instant `json:"earliest_ns"`
	Latest   Instant `json:"latest_ns"`
}

// Width is how uncertain the interval is, in wall time.
func (i Interval) Width() time.Duration { return time.Duration(i.Latest - i.Earliest) }

// Contains reports whether t lies inside the interval, bounds included.
func (i Interval) Contains(t Instant) bool { return i.Earliest <= t && t <= i.Latest }

// Intersect returns the common part of two intervals; ok is false when there is none.
func (i Interval) Intersect(o Interval) (common Interval, ok bool) {
	common = Interval{Earliest: max(i.Earliest, o.Earliest), Latest: min(i.Latest, o.Latest)}
	return common, common.Earliest <= common.Latest
}

// Since returns how long after origin the event happened, as bounds: [i.Earliest-origin.Latest, i.Latest-origin.Earliest].
// The lower bound is not cut off at zero: an event that may precede its origin says so.
func (i Interval) Since(origin Interval) (earliest, latest time.Duration) {
	return time.Duration(i.Earliest - origin.Latest), time.Duration(i.Latest - origin.Earliest)
}
