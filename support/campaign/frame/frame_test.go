package frame

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

var id = Identity{Campaign: "nightly", Shard: 12, Attempt: "a1"}

func delivery(n int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	return data
}

func framed(t testing.TB, id Identity, data []byte) []string {
	t.Helper()
	var b bytes.Buffer
	if err := Announce(&b, id, "node-a"); err != nil {
		t.Fatal(err)
	}
	if err := Write(&b, id, data); err != nil {
		t.Fatal(err)
	}
	return strings.SplitAfter(strings.TrimSuffix(b.String(), "\n"), "\n")
}

func only(t *testing.T, log string) (*Attempt, []string) {
	t.Helper()
	attempts, problems, err := Read(strings.NewReader(log))
	if err != nil || len(attempts) != 1 {
		t.Fatalf("%d attempts, %v", len(attempts), err)
	}
	return attempts[0], problems
}

func TestWhatBecomesOfALog(t *testing.T) {
	data := delivery(5 * chunk / 2)
	lines := framed(t, id, data) // one that announces, three of data
	other := framed(t, Identity{Campaign: "nightly", Shard: 12, Attempt: "a2"}, data)
	for _, c := range []struct {
		name  string
		log   string
		whole bool
		said  string
	}{
		{"whole, among other lines", "hello\n" + lines[0] + "\x00\xff\n2026-11-27T00:00:00Z " + lines[1] + strings.Repeat("x", 100000) + "\n" + lines[2] + lines[3] + "\nbye", true, ""},
		{"out of order", lines[3] + "\n" + lines[1] + lines[0] + lines[2], true, ""},
		{"cut at its end", lines[0] + lines[1] + lines[2], false, "1 of 3 lines are missing"},
		{"cut at its beginning, as rotation does", lines[2] + lines[3], false, "1 of 3 lines are missing"},
		{"cut within a line", lines[0] + lines[1] + lines[2] + lines[3][:len(lines[3])-3], false, "1 of 3 lines are missing"},
		{"one line twice", lines[0] + lines[1] + lines[1] + lines[2] + lines[3], true, "1 lines came twice"},
		{"the whole twice", strings.Join(lines, "") + "\n" + strings.Join(lines, ""), true, "3 lines came twice"},
		{"died at once", lines[0], false, "it began and delivered nothing"},
		{"a changed letter", lines[0] + lines[1] + strings.Replace(lines[2], "A", "B", 1) + lines[3], false, "1 of 3 lines are missing"},
		{"two things under one name", lines[0] + strings.Join(framed(t, id, delivery(10)), "") + "\n" + strings.Join(lines, ""), false, "two different things"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, _ := only(t, c.log)
			if a.Whole() != c.whole || a.Whole() && !bytes.Equal(a.Delivery, data) {
				t.Errorf("whole is %v, want %v: %v", a.Whole(), c.whole, a.Problems)
			}
			if said := strings.Join(a.Problems, "; "); c.said == "" && said != "" || !strings.Contains(said, c.said) {
				t.Errorf("said %q, want %q", said, c.said)
			}
		})
	}
	attempts, _, err := Read(strings.NewReader(strings.Join(lines, "") + "\n" + strings.Join(other, "")))
	if err != nil || len(attempts) != 2 || !attempts[0].Whole() || !attempts[1].Whole() || attempts[1].Attempt != "a2" || attempts[0].Node != "node-a" {
		t.Errorf("two attempts in one log: %v, %v", attempts, err)
	}
	if _, problems := only(t, strings.Join(lines, "")+"\n"+lines[1][:60]+"\n"); len(problems) != 1 {
		t.Errorf("a torn line is not named: %v", problems)
	}
	if a, _ := only(t, strings.Join(framed(t, id, nil), "")); !a.Whole() || len(a.Delivery) != 0 {
		t.Errorf("nothing, delivered, is not whole: %v", a.Problems)
	}
	for _, bad := range []Identity{{"a b", 1, "x"}, {"a", -1, "x"}, {"a", 1, ""}} {
		if err := Announce(&bytes.Buffer{}, bad, "n"); err == nil {
			t.Errorf("%v is taken", bad)
		}
	}
}

// FuzzRead reads anything without a panic, and never takes for whole what was not written.
func FuzzRead(f *testing.F) {
	data := delivery(2 * chunk)
	log := strings.Join(framed(f, id, data), "")
	f.Add(log, 10, byte('x'))
	f.Add("crossdc-frame 1 a 1 b 1/1 00 00 00\n", 0, byte(0))
	f.Add(log+"\n"+log, 7000, byte('\n'))
	f.Fuzz(func(t *testing.T, text string, at int, with byte) {
		if len(text) > 0 {
			spoilt := []byte(text)
			spoilt[uint(at)%uint(len(spoilt))] = with
			text = string(spoilt)
		}
		attempts, _, err := Read(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range attempts {
			if !a.Whole() {
				continue
			}
			var again bytes.Buffer
			if err := Write(&again, a.Identity, a.Delivery); err != nil {
				t.Fatal(err)
			}
			for _, line := range strings.SplitAfter(again.String(), "\n") {
				if fields := strings.Fields(line); len(fields) == 9 && !strings.Contains(text, fmt.Sprintf(" %s ", fields[6])) {
					t.Errorf("a whole that hashes to %s came from a log without that hash", fields[6])
				}
			}
		}
	})
}
