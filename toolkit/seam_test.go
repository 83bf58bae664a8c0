package toolkit

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func tuplesOf(s string) (out []json.RawMessage) {
	for _, r := range s {
		out = append(out, json.RawMessage(string(r)))
	}
	return out
}

func textOf(tuples []json.RawMessage) string {
	var b strings.Builder
	for _, t := range tuples {
		b.Write(t)
	}
	return b.String()
}

func join(buffer, pushes string) string {
	var got []json.RawMessage
	s := newSeam(tuplesOf(buffer), time.Time{})
	for _, t := range tuplesOf(pushes) {
		for _, p := range s.pass(pushedTuple{tuple: t}) {
			got = append(got, p.tuple)
		}
	}
	return textOf(got)
}

func TestSeam(t *testing.T) {
	for _, tt := range []struct{ buffer, pushes, fresh string }{
		{"abc", "d", "d"}, {"abc", "cd", "d"}, {"abc", "bcd", "d"}, {"abc", "abcd", "d"}, {"", "ab", "ab"},
		{"abc", "b", ""}, {"abc", "bd", "bd"}, {"abc", "cc", "c"}, {"abab", "abc", "c"},
	} {
		if got := join(tt.buffer, tt.pushes); got != tt.fresh {
			t.Errorf("buffer %q, pushes %q: new %q, want %q", tt.buffer, tt.pushes, got, tt.fresh)
		}
	}
}

// TestSeamBelievesAProof: what was emitted after the buffer was read is new, even if it looks like the buffer's end.
func TestSeamBelievesAProof(t *testing.T) {
	read := time.Unix(100, 0)
	s := newSeam(tuplesOf("abcde"), read)
	var got []json.RawMessage
	for _, tuple := range tuplesOf("abcde") {
		for _, p := range s.pass(pushedTuple{tuple: tuple, when: bounds{earliest: read.Add(time.Second), latest: read.Add(2 * time.Second)}}) {
			got = append(got, p.tuple)
		}
	}
	if textOf(got) != "abcde" {
		t.Errorf("new %q, want all five", textOf(got))
	}
}

// TestSeamLosesAndRepeatsNothing cuts a sequence of different tuples at random into what the buffer showed and what was
// pushed, overlapping.
func TestSeamLosesAndRepeatsNothing(t *testing.T) {
	const all = "abcdefghijklmnopqrstuvwxyz"
	rapid.Check(t, func(t *rapid.T) {
		end := rapid.IntRange(0, len(all)-1).Draw(t, "buffer ends")
		begin := rapid.IntRange(0, end).Draw(t, "pushes begin")
		if got := join(all[:end], all[begin:]); got != all[end:] {
			t.Fatalf("buffer to %d, pushes from %d: new %q", end, begin, got)
		}
	})
}

func TestUnseen(t *testing.T) {
	for _, tt := range []struct{ seen, got, fresh string }{
		{"abc", "abcd", "d"}, {"abc", "bcd", "d"}, {"abc", "d", "d"}, {"abc", "abc", ""}, {"", "a", "a"}, {"ab", "", ""}, {"aa", "aaa", "a"},
	} {
		if got := textOf(unseen(tuplesOf(tt.seen), tuplesOf(tt.got))); got != tt.fresh {
			t.Errorf("seen %q, got %q: new %q, want %q", tt.seen, tt.got, got, tt.fresh)
		}
	}
}
