package html

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/model"
)

var update = flag.Bool("update", false, "write the stored fixture anew")

// stored is the stored run of 56 scenarios with every kind of verdict: what an earlier version wrote, read as reports do.
func stored(t testing.TB) model.Run {
	t.Helper()
	path := filepath.Join("testdata", "run-56.json.gz")
	if *update {
		text, err := json.Marshal(sample.Catalogue())
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil { //nolint:gosec // a fixture
			t.Fatal(err)
		}
	}
	return read(t, path)
}

// core is the stored run of a real make run: seven scenarios.
func core(t testing.TB) model.Run {
	t.Helper()
	return read(t, filepath.Join("testdata", "run-core.json.gz"))
}

func read(t testing.TB, path string) model.Run {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // only read from
	r, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var run model.Run
	if err := decoder.Decode(&run); err != nil {
		t.Fatal(err)
	}
	return run
}

func TestTheStoredRunHasEveryKindOfVerdict(t *testing.T) {
	run := stored(t)
	if len(run.Scenarios) != 56 {
		t.Errorf("%d scenarios", len(run.Scenarios))
	}
	seen := map[model.Outcome]bool{}
	for _, s := range run.Scenarios {
		seen[s.Outcome] = true
	}
	for _, m := range model.Outcomes() {
		if !seen[m.Outcome] && m.Outcome != model.Running && m.Outcome != model.Unfinished { // a run that has ended has none of these
			t.Errorf("none is %s", m.Outcome)
		}
	}
	first, second := write(t, run, richOptions(t)), write(t, stored(t), richOptions(t))
	if first != second {
		t.Error("the same stored run gives two pages")
	}
}
