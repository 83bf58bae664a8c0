package store

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/internal/sample"
)

// TestVerdictsLeadToThePagesOfTheirRuns publishes three runs into one results folder and follows the links of the last one's grid.
func TestVerdictsLeadToThePagesOfTheirRuns(t *testing.T) {
	root := t.TempDir()
	f := Folder{Dir: filepath.Join(root, "out"), History: filepath.Join(root, "past")}
	for i, id := range []string{"first", "second", "third one: \"odd\""} {
		run := sample.Rich()
		run.ID, run.Suites, f.Now = id, []string{"outage"}, run.Started.Add(time.Duration(i+1)*24*time.Hour)
		run.Started, run.Finished = f.Now, f.Now.Add(time.Minute)
		entries, err := history.Of(run)
		if err != nil {
			t.Fatal(err)
		}
		if err := history.Append(f.History, entries...); err != nil {
			t.Fatal(err)
		}
		if err := f.Publish(run); err != nil {
			t.Fatal(err)
		}
	}
	follow := func(page string) (links int) {
		raw, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range regexp.MustCompile(`href="([^"#]+\.html)#([^"]+)"`).FindAllStringSubmatch(string(raw), -1) {
			links++
			there, err := os.ReadFile(filepath.Join(filepath.Dir(page), filepath.FromSlash(link[1])))
			if err != nil || strings.Count(string(there), `id="`+link[2]+`"`) != 1 {
				t.Errorf("%s leads to %s#%s, which is not there: %v", page, link[1], link[2], err)
			}
		}
		return links
	}
	if got := follow(filepath.Join(f.Dir, PageFile)); got < 10 {
		t.Errorf("the page has %d links to other runs", got)
	}
	if got := follow(filepath.Join(f.History, pagesFolder, "second.html")); got < 5 {
		t.Errorf("the kept page of the second run has %d links to the first", got)
	}
	if kept, err := filepath.Glob(filepath.Join(f.History, pagesFolder, "*")); err != nil || len(kept) != 2 {
		t.Errorf("kept %v, %v: a run whose ID cannot be a file's name has no page there", kept, err)
	}
}

// TestOnlyTheNewestPagesAreKept: and what is not ours stays.
func TestOnlyTheNewestPagesAreKept(t *testing.T) {
	f := Folder{Dir: t.TempDir(), History: t.TempDir()}
	folder := filepath.Join(f.History, pagesFolder)
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	foreign, old := filepath.Join(folder, "notes.html"), filepath.Join(folder, "run-0.html")
	for path, content := range map[string]string{foreign: "mine", old: generator} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range maxPages {
		f.keepPage("run-"+string(rune('A'+i%26))+strings.Repeat("x", i/26), []byte(generator), nil)
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("the oldest page is still there")
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Errorf("a foreign page is gone: %v", err)
	}
	if kept := f.pages(); len(kept) != maxPages+1 {
		t.Errorf("%d pages are left", len(kept))
	}
}
