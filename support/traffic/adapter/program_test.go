package adapter

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func shell(script string) string { return "sh\n-c\n" + script }

// A program reads events as lines; what it prints unasked fills up nothing.
func TestProgramReadsLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events")
	in := openIn(t, "exec", Values{"command": "tee\n-a\n" + path})
	got, _ := send(t, in, "one", "with\nan end", "two")
	wantOutcomes(t, got, Sent, Refused, Sent)
	eventually(t, "both lines are written", func() bool {
		raw, _ := os.ReadFile(path)
		return string(raw) == "one\ntwo\n"
	})
	many := make([]string, 20_000)
	for i := range many {
		many[i] = strconv.Itoa(i)
	}
	if _, err := send(t, in, many...); err != nil {
		t.Error(err)
	}
}

// Its answers are one line an event: anything but ok and refused leaves the event unknown, and the program goes on.
func TestProgramAnswers(t *testing.T) {
	in := openIn(t, "exec", Values{"answers": "true", "command": shell(`while read -r l; do case $l in bad) echo refused;; odd) echo what;; *) echo ok;; esac; done`)})
	got, err := send(t, in, "good", "bad", "odd", "good")
	wantOutcomes(t, got, Acknowledged, Refused, Unknown, Acknowledged)
	if err == nil || !strings.Contains(err.Error(), "exec way into dc1") {
		t.Errorf("%v", err)
	}
	got, err = send(t, in, "good")
	wantOutcomes(t, got, Acknowledged)
	if err != nil {
		t.Error(err)
	}
}

// A program that ends leaves open what it did not answer, and is started again, though not at once.
func TestProgramThatEnds(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	in, err := find(t, "exec").OpenIn(t.Context(), Opening{Site: "dc1", Now: func() time.Time { return now },
		Values: Values{"answers": "true", "retry": "1m", "command": shell(`read -r l; echo ok; read -r l`)}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	got, _ := send(t, in, "answered", "not answered")
	wantOutcomes(t, got, Acknowledged, Unknown)
	got, err = send(t, in, "too soon")
	wantOutcomes(t, got, Refused)
	if err == nil || !strings.Contains(err.Error(), "started again later") {
		t.Errorf("%v", err)
	}
	now = now.Add(2 * time.Minute)
	got, _ = send(t, in, "answered")
	wantOutcomes(t, got, Acknowledged)
}

// Who waits for an answer waits no longer than it is told to.
func TestProgramThatSaysNothing(t *testing.T) {
	in := openIn(t, "exec", Values{"answers": "true", "command": shell(`while read -r l; do :; done`)})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	got, err := sendWithin(t, ctx, in, bodies("one"))
	wantOutcomes(t, got, Unknown)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// Nothing that a program started outlives it: it is asked to end and then killed, with what is in its group.
func TestProgramsEndWithTheirWay(t *testing.T) {
	folder := t.TempDir()
	pids := filepath.Join(folder, "pids")
	script := `trap '' TERM; echo $$ >> ` + pids + `; sleep 1000 & echo $! >> ` + pids + `; while :; do wait; done`
	in, err := find(t, "exec").OpenIn(t.Context(), Opening{Site: "dc1", Values: Values{"command": shell(script)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := send(t, in, "one"); err != nil {
		t.Fatal(err)
	}
	var list []string
	eventually(t, "both processes run", func() bool {
		raw, _ := os.ReadFile(pids)
		list = strings.Fields(string(raw))
		return len(list) == 2
	})
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	for _, text := range list {
		pid, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "process "+text+" is gone", func() bool {
			stat, err := os.ReadFile("/proc/" + text + "/stat")
			return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || err == nil && strings.Contains(string(stat), ") Z ") // nobody waits for an orphan here
		})
	}
}

// A program's lines are results; one that ends is started again, which leaves a gap.
func TestProgramWritesResults(t *testing.T) {
	count := filepath.Join(t.TempDir(), "count")
	script := `echo x >> ` + count + `; n=$(wc -l < ` + count + `); echo result $((n)); [ "$n" -lt 2 ] || sleep 1000`
	_, r, stop := followOut(t, "exec", Values{"command": shell(script), "retry": "1ms"})
	r.untilTexts(t, "result 1", "result 2")
	// The first gap is the time before its start.
	if gaps := r.gapsSeen(); len(gaps) != 2 || gaps[1].Site != "dc1" || gaps[1].Until.Before(gaps[1].From) {
		t.Errorf("gaps: %v", gaps)
	}
	stop()
}

func TestProgramsThatCannotBeStarted(t *testing.T) {
	for _, values := range []Values{{}, {"command": "\n"}, {"command": "/no/such/program"}, {"command": "sh", "retry": "-1s"}} {
		if _, err := find(t, "exec").OpenIn(t.Context(), Opening{Site: "dc1", Values: values}); err == nil {
			t.Errorf("%v is taken", values)
		}
	}
}
