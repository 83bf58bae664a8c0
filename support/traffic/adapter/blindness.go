package adapter

import "time"

// blindness is a time in which results may be missed, while it lasts. Whoever uses it ends it when they see again and when they stop looking, so
// that no time is left out of which nobody knows.
type blindness struct {
	site  string
	since time.Time // zero: we see
	why   string
}

// begin notes since when nothing was seen; a blindness that lasts already goes on.
func (b *blindness) begin(since time.Time, why string) {
	if b.since.IsZero() {
		b.since, b.why = since, why
	}
}

// end tells the receiver, if there was one.
func (b *blindness) end(now time.Time, to Receiver) {
	if !b.since.IsZero() {
		to.Gap(Gap{Site: b.site, From: b.since, Until: now, Why: b.why})
	}
	b.since = time.Time{}
}

// forget ends a blindness in which nothing can have been missed.
func (b *blindness) forget() { b.since = time.Time{} }
