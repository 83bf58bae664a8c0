package application

import (
	"path/filepath"
	"testing"
)

// Each example is read, and has the level that it says.
func TestExamples(t *testing.T) {
	want := map[string]Level{"indicated.yaml": Indicated, "watched.yaml": Indicated, "counted.yaml": Counted, "numbered.yaml": Numbered}
	files, err := filepath.Glob(filepath.Join("examples", "*.yaml"))
	if err != nil || len(files) < len(want) {
		t.Fatalf("%d examples (%v), want at least %d", len(files), err, len(want))
	}
	for _, file := range files {
		d, err := Load(file)
		if err != nil {
			t.Error(err)
			continue
		}
		if level, known := want[filepath.Base(file)]; known && d.Level() != level {
			t.Errorf("%s is %s, want %s", file, d.Level(), level)
		}
	}
}
