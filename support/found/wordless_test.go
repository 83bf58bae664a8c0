package found

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatCannotBePlayedSaysWhy(t *testing.T) {
	for _, c := range []struct{ content, says string }{
		{`{"id":"x","actions":[]}`, "nothing is done"},
		{`{"id":"x","bug":"notices-late","actions":[{"what":"hang","target":"dc2"}]}`, "wrapped by the bug notices-late"},
		{`{"id":"x","traits":["distributed operators"],"actions":[{"what":"crash"},{"what":"restart","operator":"preparer"},{"what":"restart"}]}`,
			"for it: the pair is set up so: distributed operators; no fault is called restart"},
		{`{"id":"x","actions":[{"what":"refuse","ports":"heartbeat"}]}`, "the heartbeat port of one direction"},
		{`{"id":"x","actions":[],"wordless":"as it was said"}`, "as it was said"},
		{`{"id":"x","actions":[{"what":"hang"}]}`, "no words for when or how long"},
	} {
		why, err := Wordless([]byte(c.content))
		if err != nil || !strings.Contains(why, c.says) {
			t.Errorf("%s: %q, %v; want %q", c.content, why, err, c.says)
		}
	}
	if _, err := Wordless([]byte(`{"id":"x","faults":[]}`)); err == nil {
		t.Error("a key that no found case has is taken")
	}
}

// TestEveryRecordedCaseIsPlayedOrSaysWhy reads the cases of the record.
func TestEveryRecordedCaseIsPlayedOrSaysWhy(t *testing.T) {
	files, err := filepath.Glob("../prove/explore/cases/*.json")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if why, err := Wordless(content); err != nil || why == "" {
			t.Errorf("%s: %q, %v", file, why, err)
		}
	}
}

func FuzzWordless(f *testing.F) {
	f.Add([]byte(`{"id":"x","traits":["a"],"actions":[{"what":"hang","for":"3m0s"}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		if why, err := Wordless(content); err == nil && why == "" {
			t.Error("a case that was not written as a scenario has no reason")
		}
	})
}
