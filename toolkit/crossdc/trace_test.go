package crossdc

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLongTraceTextsAreCut(t *testing.T) {
	long := strings.Repeat("x", MaxTraceText)
	for _, c := range []struct {
		name, text, want string
		left             Omission
	}{
		{"empty", "", "", 0},
		{"as long as may be", long, long, 0},
		{"a byte more", long + "y", long + " [left out: 1 bytes]", 1},
		{"cut before", long + " [left out: 12 bytes]", long + " [left out: 12 bytes]", 12},
		{"cut before and still too long", long + "yy [left out: 12 bytes]", long + " [left out: 14 bytes]", 14},
		{"not within a letter", long[1:] + "ä", long[1:] + " [left out: 2 bytes]", 2},
		{"a mark of nothing", "a [left out: 0 bytes]", "a [left out: 0 bytes]", 0},
		{"no number", "a [left out: many bytes]", "a [left out: many bytes]", 0},
		{"only the end of a mark", "a bytes]", "a bytes]", 0},
	} {
		got := CutText(c.text)
		if _, left := SplitOmission(got); got != c.want || left != c.left {
			t.Errorf("%s: ends in %q, %d left out; want %q, %d", c.name, got[max(0, len(got)-30):], left, c.want[max(0, len(c.want)-30):], c.left)
		}
	}
}

// The line of a body's bytes has the same form whether it is cut when it is made or afterwards.
func TestBytesOfABodyAreCutLikeEveryText(t *testing.T) {
	for _, size := range []int{0, 25, MaxTraceText / 2, MaxTraceText/2 + 1, 3 * MaxTraceText} {
		body := bytes.Repeat([]byte{0xab, 0x01}, size)[:size]
		if got, want := hexText(body), CutText(hex.EncodeToString(body)); got != want {
			t.Errorf("%d bytes: ends in %q; want %q", size, got[max(0, len(got)-30):], want[max(0, len(want)-30):])
		}
	}
}

func FuzzSplitOmission(f *testing.F) {
	f.Add("Blob data=00 [left out: 7 bytes]")
	f.Add(strings.Repeat("ä", MaxTraceText))
	f.Fuzz(func(t *testing.T, text string) {
		if kept, left := SplitOmission(text); left < 0 || !strings.HasPrefix(text, kept) {
			t.Errorf("%q: %q, %d", text, kept, left)
		}
		cut := CutText(text)
		if again := CutText(cut); again != cut || len(cut) > MaxTraceText+64 && len(cut) > len(text) {
			t.Errorf("%d bytes became %d, then %d", len(text), len(cut), len(again))
		}
		if utf8.ValidString(text) && !utf8.ValidString(cut) {
			t.Error("cut within a letter")
		}
	})
}
