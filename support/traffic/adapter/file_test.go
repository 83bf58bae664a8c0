package adapter

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func appendTo(t *testing.T, path, text string) {
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
}

func holds(t *testing.T, path, want string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil || string(raw) != want {
		t.Errorf("%s holds %q (%v), want %q", filepath.Base(path), raw, err, want)
	}
}

// Lines are appended, whoever renames the file gets a new one, and what is no line is refused alone.
func TestFileAppendsLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events")
	appendTo(t, path, "before\n")
	in := openIn(t, "file", Values{"path": path, "sync": "true"})
	got, _ := send(t, in, "one", "with\nan end", "two")
	wantOutcomes(t, got, Sent, Refused, Sent)
	holds(t, path, "before\none\ntwo\n")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	got, err := send(t, in, "three")
	wantOutcomes(t, got, Sent)
	if err != nil {
		t.Error(err)
	}
	holds(t, path, "three\n")
	holds(t, path+".1", "before\none\ntwo\n")
}

func TestFileThatCannotBeWrittenRefuses(t *testing.T) {
	in := openIn(t, "file", Values{"path": filepath.Join(t.TempDir(), "no such folder", "events")})
	got, err := send(t, in, "one", "two")
	wantOutcomes(t, got, Refused, Refused)
	if err == nil || !strings.Contains(err.Error(), "file way into dc1") {
		t.Errorf("%v", err)
	}
	for _, values := range []Values{{"path": "relative"}, {"path": "/x", "from": "middle"}, {"path": "/x", "poll": "often"}} {
		if _, err := find(t, "file").OpenOut(t.Context(), Opening{Site: "dc1", Values: values}); err == nil {
			t.Errorf("%v is taken", values)
		}
	}
}

// A file is followed by its name: through a renaming, and with half a line that waits for its end.
func TestFileIsFollowed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results")
	appendTo(t, path, "long ago\n")
	_, r, _ := followOut(t, "file", Values{"path": path, "poll": "2ms"})
	appendTo(t, path, "one\ntw")
	r.untilTexts(t, "one")
	appendTo(t, path, "o\r\n\nthree\n")
	r.untilTexts(t, "one", "two", "three")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	appendTo(t, path+".1", "four, to the former\n")
	r.untilTexts(t, "one", "two", "three", "four, to the former")
	appendTo(t, path, "five\n")
	r.untilTexts(t, "one", "two", "three", "four, to the former", "five")
	if gaps := r.gapsSeen(); len(gaps) > 0 {
		t.Errorf("gaps: %v", gaps)
	}
}

func TestFileIsReadFromItsStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results")
	appendTo(t, path, "one\n")
	_, r, _ := followOut(t, "file", Values{"path": path, "poll": "2ms", "from": "start"})
	r.untilTexts(t, "one")
}

// What was cut off a file before it was read may have held results: that is a gap, and reading goes on at the start.
func TestFileThatBecameShorterIsAGap(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results")
	appendTo(t, path, "one\ntwo\n")
	_, r, _ := followOut(t, "file", Values{"path": path, "poll": "2ms"})
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	r.until(t, "a gap", func() bool { return len(r.gapsSeen()) == 1 })
	appendTo(t, path, "3\n")
	r.untilTexts(t, "3")
}
