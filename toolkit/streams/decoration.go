package streams

import "time"

// decoration reads properties that nothing depends on: they are shown, or help to find one's way. One of an unexpected type reads
// as if it were absent, so that a service that words it differently is still understood. What decisions rest on is read by fields.
type decoration struct{ from *fields }

func (f *fields) decoration() decoration { return decoration{f} }

// loosely reads with errors of its own.
func loosely[T any](d decoration, read func(*fields) T) T {
	var zero T
	own := fields{path: d.from.path, raw: d.from.raw, whole: d.from.whole}
	out := read(&own)
	if own.err != nil {
		return zero
	}
	return out
}

// text takes numbers and booleans as text.
func (d decoration) text(name string) string {
	return loosely(d, func(f *fields) string { return f.scalar(name) })
}

func (d decoration) state(name string) State { return State(d.text(name)) }

func (d decoration) flag(name string) bool {
	return loosely(d, func(f *fields) bool { return f.flag(name) })
}

func (d decoration) integer(name string, absent int64) int64 {
	if n := loosely(d, func(f *fields) *int64 { n := f.integerOr(name, absent); return &n }); n != nil {
		return *n
	}
	return absent
}

func (d decoration) millis(name string) time.Time {
	return loosely(d, func(f *fields) time.Time { return f.millis(name) })
}

func (d decoration) texts(name string) []string {
	return loosely(d, func(f *fields) []string { return f.texts(name) })
}
