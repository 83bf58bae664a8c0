package main

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
)

// TestMakeRemovesOnlyWhatTheSuiteWrote runs the targets that clear results, without their suites, in a checkout whose path
// holds spaces and letters beyond ASCII. Beside it lie folders with the names that an unquoted path falls apart into, and
// in the results folder lie files of somebody else.
func TestMakeRemovesOnlyWhatTheSuiteWrote(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the reports in another folder")
	}
	above := t.TempDir()
	checkout := copyCheckout(t, filepath.Join(above, "Über 'uns' & mehr", "Prüf stand $HOME ß"))
	foreign := map[string]string{
		filepath.Join(above, "Über", "notes.txt"):                                     "of somebody else",
		filepath.Join(above, "Über 'uns' & mehr", "Prüf", "thesis.md"):                "a year's work",
		filepath.Join(checkout, "ß", "reports", "out", "kept.json"):                   `{"schema":1}`,
		filepath.Join(checkout, "suites", "own", "mine.test"):                         "not compiled by ginkgo",
		filepath.Join(checkout, ".bin", "tool"):                                       "of somebody else",
		filepath.Join(checkout, "reports", "out", "holiday.jpg"):                      "of somebody else",
		filepath.Join(checkout, "reports", "out", "package.json"):                     `{"name":"mine","version":"1.0.0"}`,
		filepath.Join(checkout, "reports", "out", "junit-unit.xml"):                   `<testsuites name="unit"/>`,
		filepath.Join(checkout, "reports", "out", "runs", "mine", "a", "x.json"):      `{"id":"mine"}`,
		filepath.Join(checkout, "reports", "out", "runs", "r1", "b", "notes.txt"):     "kept with a run",
		filepath.Join(checkout, "reports", "out", "proof", "lie-1", "my notes.txt"):   "kept with a proof",
		filepath.Join(above, "Eigene Dateien ä", "Steuer", "2026.ods"):                "of somebody else",
		filepath.Join(above, "Eigene Dateien ä", "run of the mill.json"):              `{"id":"mill"}`,
		filepath.Join(above, "Eigene Dateien ä", "runs", "marathon", "2026", "a.gpx"): "of somebody else",
	}
	write(t, foreign)
	elsewhere := filepath.Join(above, "Eigene Dateien ä")
	for _, step := range []struct {
		name    string
		target  []string
		reports string // CROSSDC_REPORTS; empty: not set
		folder  string // where the old results lie
		fails   bool   // there is nothing to show after a run without suites
		all     bool   // what the benchmarks wrote goes too
	}{
		{"run", []string{"run", "GINKGO=true"}, "", filepath.Join(checkout, "reports", "out"), true, false},
		{"full", []string{"full", "GINKGO=true"}, "", filepath.Join(checkout, "reports", "out"), true, false},
		{"run elsewhere", []string{"run", "GINKGO=true"}, elsewhere, elsewhere, true, false},
		{"full elsewhere", []string{"full", "GINKGO=true"}, elsewhere, elsewhere, true, false},
		{"clean", []string{"clean"}, "", filepath.Join(checkout, "reports", "out"), false, true},
		{"clean again", []string{"clean"}, "", filepath.Join(checkout, "reports", "out"), false, true},
	} {
		t.Run(step.name, func(t *testing.T) {
			ours, benchmarks := results(t, step.folder)
			if step.all {
				ours = append(ours, benchmarks...)
				binary := map[string]string{filepath.Join(checkout, "suites", "own", "own.test"): "compiled by ginkgo", filepath.Join(checkout, ".bin", "gate"): "built"}
				write(t, binary)
				ours = append(ours, slices.Collect(maps.Keys(binary))...)
			}
			output, err := makeIn(checkout, step.reports, step.target...)
			if exit := new(exec.ExitError); (err != nil) != step.fails || err != nil && !errors.As(err, &exit) {
				t.Errorf("make %q: %v\n%s", step.target, err, output)
			}
			for _, path := range ours {
				if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("an old result is still there: %s (%v)\n%s", path, err, output)
				}
			}
			for path, text := range foreign {
				if got, err := os.ReadFile(path); err != nil || string(got) != text {
					t.Errorf("a foreign file did not stay as it was: %s: %q (%v)", path, got, err)
				}
			}
		})
	}
}

// TestMakeRefusesToReplaceForeignReports names the file instead of removing it, and nothing else is removed either.
func TestMakeRefusesToReplaceForeignReports(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the reports in another folder")
	}
	checkout := copyCheckout(t, filepath.Join(t.TempDir(), "a b"))
	folder := filepath.Join(t.TempDir(), "site of mine")
	page := filepath.Join(folder, store.PageFile)
	write(t, map[string]string{page: "<title>My site</title>"})
	mark := filepath.Join(checkout, "ginkgo ran")
	output, err := makeIn(checkout, folder, "run", "GINKGO=touch "+`"`+mark+`" #`)
	if err == nil || !strings.Contains(output, page+" is no report of this suite") || !strings.Contains(output, "CROSSDC_REPORTS") {
		t.Errorf("make run into a folder with a page of somebody else: %v\n%s", err, output)
	}
	if text, err := os.ReadFile(page); err != nil || string(text) != "<title>My site</title>" {
		t.Errorf("the page is %q now (%v)", text, err)
	}
	if _, err := os.Stat(mark); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the suites were started all the same (%v)", err)
	}
}

// results writes a run's results as the suites do, and what the benchmarks leave, and returns the paths.
func results(t *testing.T, folder string) (ours, benchmarks []string) {
	t.Helper()
	started := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	proof := filepath.Join(folder, "proof", "lie-1")
	for _, dir := range []string{folder, proof} {
		run := model.Run{ID: "r1", Suites: []string{"outage"}, Started: started, Finished: started.Add(time.Minute)}
		if err := (store.Folder{Dir: dir}).Publish(run); err != nil {
			t.Fatal(err)
		}
		stored := filepath.Join(dir, "runs", "r1", "outage", "s03-a-crash.json")
		write(t, map[string]string{stored: `{"schema":1,"run_id":"r1","suite":"outage","scenario":{}}`})
		paths := append((store.Folder{Dir: dir}).Paths(), filepath.Join(dir, "outage.json"), filepath.Join(dir, "junit-outage.xml"), stored)
		if dir == folder {
			ours = append(ours, append(paths, filepath.Join(dir, "runs", "r1", "outage"))...)
		} else {
			benchmarks = append(benchmarks, paths...)
		}
	}
	bench := map[string]string{
		filepath.Join(folder, "accuracy.json"): `{"metric_refresh_ms":50,"clock_error_ms":0,"speedup":60}`,
		filepath.Join(folder, "cost.json"):     `{"lateness_p99_ms":1,"ratios":[],"pairs":[]}`,
		filepath.Join(folder, "prove.json"):    `[{"switch":"lie","caught_by":"S03","attempts":1}]`,
		filepath.Join(proof, "output.txt"):     "what ginkgo said",
	}
	write(t, bench)
	return ours, append(benchmarks, slices.Collect(maps.Keys(bench))...)
}

// copyCheckout copies what the targets need to clear and to show.
func copyCheckout(t *testing.T, to string) string {
	t.Helper()
	root := filepath.Join("..", "..")
	for _, name := range []string{"Makefile", "go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, map[string]string{filepath.Join(to, name): string(text)})
	}
	err := filepath.WalkDir(filepath.Join(root, "reports"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "out" || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if entry.IsDir() || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".jsonl") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		write(t, map[string]string{filepath.Join(to, inside): string(text)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func makeIn(folder, reports string, arguments ...string) (string, error) {
	command := exec.Command("make", append([]string{"-C", folder}, arguments...)...)
	command.Env = slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, "CROSSDC_") || strings.HasPrefix(entry, "OTEL_") || strings.HasPrefix(entry, "MAKE")
	})
	if reports != "" {
		command.Env = append(command.Env, "CROSSDC_REPORTS="+reports)
	}
	output, err := command.CombinedOutput()
	return string(output), err
}

func write(t *testing.T, files map[string]string) {
	t.Helper()
	for path, text := range files {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
