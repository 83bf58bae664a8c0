package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const line = `{"wall":"2026-11-22T19:58:20.123456789Z","mono":42,"dc":"dc1","pe":"3","event":"declared","fields":{"up":false}}` + "\n"

func TestJournalGivesWhatIsNewAndComplete(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dc1.jsonl")
	j := &journal{path: path}
	grow := func(text string) []entry {
		t.Helper()
		file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		entries, err := j.next()
		if err != nil {
			t.Fatal(err)
		}
		return entries
	}
	if got := grow(line + line[:20]); len(got) != 1 || got[0].Mono != 42 || got[0].Event != eventDeclared {
		t.Fatalf("%+v", got)
	}
	if got := grow(line[20:]); len(got) != 1 {
		t.Fatalf("the rest of a line: %+v", got)
	}
	if got := grow(""); len(got) != 0 {
		t.Fatalf("nothing new: %+v", got)
	}
}

func TestJournalIsStrict(t *testing.T) {
	for _, bad := range []string{"\n", "{}\n", "[]\n", `{"wall":"2026-11-22T19:58:20Z","mono":1,"dc":"dc1","event":"x","more":1}` + "\n",
		`{"wall":"2026-11-22T19:58:20Z","mono":0,"dc":"dc1","event":"x"}` + "\n", line[:len(line)-1] + "{}\n"} {
		if got, err := parse([]byte(bad)); !errors.Is(err, errLine) {
			t.Errorf("%q was read as %+v, %v", bad, got, err)
		}
	}
}

func TestClockConverts(t *testing.T) {
	c, err := newClock()
	if err != nil {
		t.Fatal(err)
	}
	var now unix.Timespec
	before := time.Now()
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		t.Fatal(err)
	}
	after := time.Now()
	at := c.instant(now.Nano())
	if at.Before(before.Add(-c.wrong)) || at.After(after.Add(c.wrong)) || c.wrong > time.Millisecond {
		t.Errorf("%v is not between %v and %v, give or take %v", at, before, after, c.wrong)
	}
}
