package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheRecordGoesBetweenItsMarks(t *testing.T) {
	folder := t.TempDir()
	readme, results := filepath.Join(folder, "README.md"), filepath.Join(folder, "prove.json")
	old := "# before\n" + recordBegins + "\nold rows\n" + recordEnds + "\nafter\n"
	for path, text := range map[string]string{
		readme: old,
		results: `[{"switch":"never-notices","at":"dc2","caught_by":"S03: is declared","said":"expected dc2 | to hold Expected success"},
			{"switch":"late-start","at":"senses","caught_by":""}]`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // and again, over what it wrote itself
		if err := record(readme, results); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(readme)
	want := "# before\n" + recordBegins + "\n| bug | caught by | what it said |\n|---|---|---|\n" +
		"| never-notices | S03: is declared | expected dc2 / to hold |\n| *ours:* late-start | **nothing** |  |\n" + recordEnds + "\nafter\n"
	if err != nil || string(raw) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, raw, want)
	}
}

func TestARecordWithoutMarksIsRefused(t *testing.T) {
	if _, err := between("no marks", "rows"); err == nil || !strings.Contains(err.Error(), recordBegins) {
		t.Errorf("error %v", err)
	}
}

// The README of this folder's parent has a place for the table.
func TestTheReadmeHasAPlaceForTheRecord(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := between(string(raw), "rows"); err != nil {
		t.Error(err)
	}
}
