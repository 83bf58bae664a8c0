package toolkit

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// platform keeps the newest lines of a trace within a bound, as platforms do.
type platform struct {
	text  string
	bound int
	calls int
	bytes int
}

func (p *platform) write(lines ...string) {
	p.text += strings.Join(lines, "\n") + "\n"
	if over := len(p.text) - p.bound; over > 0 {
		p.text = p.text[over+strings.IndexByte(p.text[over-1:], '\n'):]
	}
}

func (p *platform) part(from, limit int64) ([]byte, bool, error) {
	p.calls++
	if from > int64(len(p.text)) {
		return nil, true, nil
	}
	text := p.text[from:min(int64(len(p.text)), from+limit)]
	p.bytes += len(text)
	return []byte(text), false, nil
}

func numbered(n int) string {
	return fmt.Sprintf("26 Nov 2026 10:48:%02d.%06d [1] INFO line %d %s", n/1000%60, n%1000000, n, strings.Repeat("x", n%90))
}

// TestATraceWhoseBeginningIsCutIsReadOn: a data center that runs for long keeps the newest part of a trace only. Nothing that was
// traced between two readings is missed or seen twice, and what was read before stays.
func TestATraceWhoseBeginningIsCutIsReadOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &platform{bound: rapid.IntRange(20_000, 200_000).Draw(t, "bound")}
		var known traceText
		all, n := "", 0
		write := func(lines int) {
			var more []string
			for range lines {
				more = append(more, numbered(n))
				n++
			}
			if lines > 0 {
				p.write(more...)
				all += strings.Join(more, "\n") + "\n"
			}
		}
		write(rapid.IntRange(0, 3000).Draw(t, "before"))
		first := len(all) - len(p.text)
		for range rapid.IntRange(1, 30).Draw(t, "readings") {
			got, err := known.read(p.part, "1")
			if err != nil || got != all[first:] {
				t.Fatalf("after %d lines: %d bytes, want %d (%v)", n, len(got), len(all)-first, err)
			}
			write(rapid.IntRange(0, 100).Draw(t, "lines")) // less than the platform keeps
		}
	})
}

// TestReadingATraceThatIsCutIsCheap: only the first reading after a cut reads everything that is kept.
func TestReadingATraceThatIsCutIsCheap(t *testing.T) {
	p := &platform{bound: 1 << 20}
	var known traceText
	var before []string
	for n := range 12_000 {
		before = append(before, numbered(n))
	}
	p.write(before...)
	readings := 0
	for n := 12_000; n < 13_000; n++ {
		p.write(numbered(n))
		if n == 12_100 {
			p.calls, p.bytes, readings = 0, 0, 0
		}
		if _, err := known.read(p.part, "1"); err != nil {
			t.Fatal(err)
		}
		readings++
	}
	if p.calls != readings || p.bytes > readings*(cutOverlap+1000) {
		t.Errorf("%d readings made %d calls and %d bytes", readings, p.calls, p.bytes)
	}
}

// TestATraceIsKeptWithinItsBound: of a trace whose beginning is cut, the newest part stays, in whole lines.
func TestATraceIsKeptWithinItsBound(t *testing.T) {
	p := &platform{bound: 1 << 20}
	var known traceText
	newest := ""
	for reading := range 60 {
		var more []string
		for n := range 700 {
			more = append(more, numbered(1000*reading+n)+strings.Repeat("y", 1000))
		}
		p.write(more...)
		newest = more[len(more)-1] + "\n"
		got, err := known.read(p.part, "1")
		if err != nil || len(got) > maxTrace || !strings.HasSuffix(got, newest) || !strings.HasPrefix(got, "26 Nov") {
			t.Fatalf("after reading %d: %d bytes (%v)", reading, len(got), err)
		}
		if lines := strings.Count(got, "\n"); reading < 10 && lines != 700*(reading+1) {
			t.Errorf("after reading %d: %d lines", reading, lines)
		}
	}
}

func TestWhereATraceGoesOn(t *testing.T) {
	for name, c := range map[string]struct {
		text, line string
		want       int
	}{
		"at its end":        {"one\ntwo\n", "two\n", 8},
		"in between":        {"one\ntwo\nthree\n", "two\n", 8},
		"at its beginning":  {"one\ntwo\n", "one\n", 4},
		"twice":             {"one\ntwo\none\n", "one\n", 12},
		"not there":         {"one\ntwo\n", "three\n", 0},
		"the end of a line": {"none\ntwo\n", "one\n", 0},
		"nothing was read":  {"one\n", "", 0},
	} {
		if got := afterLine(c.text, c.line); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestATraceThatBeganAgainReplacesTheOld(t *testing.T) {
	for name, again := range map[string]string{
		"shorter":       "another life\n",
		"longer":        strings.Repeat("another life\n", 50_000),
		"as long":       strings.Repeat("another li\n", 1000),
		"empty":         "",
		"the same line": strings.Repeat("first life\n", 20),
	} {
		t.Run(name, func(t *testing.T) {
			p := &platform{bound: 1 << 24, text: strings.Repeat("first life\n", 1000)}
			var known traceText
			if got, err := known.read(p.part, "1"); err != nil || got != p.text {
				t.Fatalf("%d bytes, %v", len(got), err)
			}
			p.text = again
			if got, err := known.read(p.part, "1"); err != nil || got != again {
				t.Errorf("%d bytes, want %d (%v)", len(got), len(again), err)
			}
			p.write("more")
			if got, err := known.read(p.part, "1"); err != nil || got != again+"more\n" {
				t.Errorf("then %d bytes, want %d (%v)", len(got), len(again)+5, err)
			}
		})
	}
}

func TestAReadingThatFailsKeepsWhatIsKnown(t *testing.T) {
	p := &platform{bound: 1 << 20, text: "one\n"}
	var known traceText
	if _, err := known.read(p.part, "1"); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("reset by peer")
	if _, err := known.read(func(int64, int64) ([]byte, bool, error) { return []byte("on"), false, broken }, "1"); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	p.write("two")
	if got, err := known.read(p.part, "1"); err != nil || got != "one\ntwo\n" {
		t.Errorf("%q, %v", got, err)
	}
	p.text = strings.Repeat("x", maxTrace) + "\n"
	if _, err := known.read(p.part, "31"); CauseOf(err) != CauseMalformed || !strings.Contains(err.Error(), "trace of pe 31 is larger than") {
		t.Errorf("%v", err)
	}
}
