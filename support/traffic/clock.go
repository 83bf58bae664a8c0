package traffic

import "time"

// Clock is the generator's time: the real one, or a test's.
type Clock interface {
	Now() time.Time
	// At returns a channel that delivers once when the clock has reached t.
	At(t time.Time) <-chan time.Time
}

// SystemClock is the real clock; its instants carry Go's monotonic reading.
type SystemClock struct{}

// Now is time.Now.
func (SystemClock) Now() time.Time { return time.Now() }

// At waits on a timer.
func (SystemClock) At(t time.Time) <-chan time.Time { return time.After(time.Until(t)) }
