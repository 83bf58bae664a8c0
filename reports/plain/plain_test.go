package plain

import (
	"bytes"
	"encoding/xml"
	"math"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTextEscapesWhatMustNotReachAReport(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain", "plain"},
		{"tab\tand\nnewline", "tab\tand\nnewline"},
		{"dos\r\nlines", "dos\nlines"},
		{"lone\rreturn", `lone\x0dreturn`},
		{"\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		{"nul\x00", `nul\x00`},
		{"bad\xff\xfeutf", `bad\xff\xfeutf`},
		{"c1\u0085", `c1\x85`},
		{"\u202eevil", `\u202eevil`},
		{"\ufffe", `\ufffe`},
		{"grüße 数据中心", "grüße 数据中心"},
	} {
		if got := Text(c.in); got != c.want {
			t.Errorf("Text(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "a\x00b", "\xff", "\u202e", "\r\n\r", "]]>", "\ufffd"} {
		f.Add(seed, 10)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		got := Text(s)
		if Text(got) != got {
			t.Fatalf("not stable: %q -> %q", got, Text(got))
		}
		if !utf8.ValidString(got) {
			t.Fatalf("not UTF-8: %q", got)
		}
		var b bytes.Buffer
		if err := xml.EscapeText(&b, []byte(got)); err != nil || strings.Contains(b.String(), "\ufffd") {
			t.Fatalf("XML had to replace something in %q: %v", got, err)
		}
		limit = 80 + (limit&0x7fff)%500
		if clipped := Clip(got, limit); len(clipped) > limit || !utf8.ValidString(clipped) {
			t.Fatalf("Clip(%q, %d) = %q", got, limit, clipped)
		}
	})
}

func TestClipKeepsBothEnds(t *testing.T) {
	s := "the cause" + strings.Repeat("é", 5000) + "the outcome"
	got := Clip(s, 200)
	if len(got) > 200 || !strings.HasPrefix(got, "the cause") || !strings.HasSuffix(got, "the outcome") || !strings.Contains(got, "bytes left out") {
		t.Errorf("Clip = %q", got)
	}
}

func TestSecondsAndRanges(t *testing.T) {
	for in, want := range map[float64]string{0: "0", 0.0434: "0.043", 2.197: "2.2", 131.23: "131.2", 300: "300", -0.0001: "0",
		1234567.8: "1234568", math.Inf(1): "unbounded", math.NaN(): "unknown"} {
		if got := Seconds(in); got != want {
			t.Errorf("Seconds(%v) = %q, want %q", in, got, want)
		}
	}
	for _, c := range []struct {
		from, to float64
		want     string
	}{{131.2, 133.9, "131.2–133.9 s"}, {5, 5, "5 s"}, {-0.5, 0.5, "-0.5 to 0.5 s"}} {
		if got := Range(c.from, c.to); got != c.want {
			t.Errorf("Range(%v, %v) = %q, want %q", c.from, c.to, got, c.want)
		}
	}
	if got := Count(0, 12); got != "0–12" {
		t.Errorf("Count = %q", got)
	}
}

func TestShareOfWhatIsKnown(t *testing.T) {
	for want, got := range map[string]string{"": Share(1, 2, false), "30.0 %": Share(30, 30, true), "29.9–30.1 %": Share(29.9, 30.1, true)} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
