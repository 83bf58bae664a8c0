package history

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/model"
)

func entries(t testing.TB) []Entry {
	t.Helper()
	got, err := Of(sample.Rich())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestLinesOfARun(t *testing.T) {
	run := sample.Rich()
	run.Scenarios[0].Outcome = ""
	got, err := Of(run)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(run.Scenarios)-1 {
		t.Fatalf("%d lines of %d finished scenarios", len(got), len(run.Scenarios)-1)
	}
	e := got[0]
	if e.Scenario != "S03" || e.Detection.Latest != 103.9 || e.Outcome != model.Passed || e.Cleanup != model.Passed || e.RTO != 150 ||
		!e.At.Equal(sample.Started.Add(10200*time.Millisecond)) || len(e.Evidence) != 64 || e.By == "" ||
		e.Application != "com.crossdc.drill::FailoverDrill on Streams 7.2.0.0" {
		t.Errorf("%+v", e)
	}
}

func TestWhatIsAppendedIsLoaded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "history")
	if got, problems, err := Load(dir, sample.Started.AddDate(0, 0, 30)); len(got)+len(problems) != 0 || err != nil {
		t.Fatalf("a missing folder: %v %v %v", got, problems, err)
	}
	want := entries(t)
	for range 2 { // the second time changes nothing
		if err := Append(dir, want...); err != nil {
			t.Fatal(err)
		}
	}
	got, problems, err := Load(dir, sample.Started.AddDate(0, 0, 30))
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if string(a) != string(b) {
		t.Errorf("loaded %s\nwant %s", a, b)
	}
}

func TestShardsMerge(t *testing.T) {
	dir, all := t.TempDir(), entries(t)
	if err := Append(dir, all[:3]...); err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if err := Append(other, all[2:]...); err != nil { // one scenario is in both
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(other, Name), filepath.Join(dir, "machine-2.jsonl")); err != nil {
		t.Fatal(err)
	}
	got, problems, err := Load(dir, sample.Started.AddDate(0, 0, 30))
	if err != nil || len(problems) > 0 || len(got) != len(all) {
		t.Fatalf("%d of %d, %v, %v", len(got), len(all), problems, err)
	}
	for i := 1; i < len(got); i++ {
		if got[i].At.Before(got[i-1].At) {
			t.Error("not in the order of time")
		}
	}
}

func TestBadLinesAreReportedAndSkipped(t *testing.T) {
	good, _ := json.Marshal(entries(t)[1])
	lines := []string{string(good), "{torn", `{"schema":7,"run":"x"}`, "", strings.Repeat("x", 2*maxLine), `[1]`,
		strings.Replace(string(good), `"seed"`, `"sead"`, 1), strings.Replace(string(good), `"earliest_s":101.2`, `"earliest_s":999`, 1), "\x00\xff", string(good)}
	got, problems, err := Read(strings.NewReader(strings.Join(lines, "\n")), sample.Started.AddDate(0, 0, 30))
	if err != nil || len(got) != 2 {
		t.Fatalf("%d good lines, %v", len(got), err)
	}
	want := map[int]string{2: "not a history line", 3: "schema 7", 5: "longer than", 6: "not a history line", 7: "sead", 8: "no interval", 9: "not a history line"}
	for _, p := range problems {
		if want[p.Line] == "" || !strings.Contains(p.Err.Error(), want[p.Line]) {
			t.Errorf("line %d: %v", p.Line, p.Err)
		}
		delete(want, p.Line)
	}
	if len(want) > 0 {
		t.Errorf("not reported: %v", want)
	}
}

func TestATornEndSpoilsOnlyItself(t *testing.T) {
	dir, all := t.TempDir(), entries(t)
	if err := Append(dir, all[0]); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, Name)
	data, _ := os.ReadFile(path)
	if err := os.WriteFile(path, append(data, data[:len(data)/2]...), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Append(dir, all[1:]...); err != nil {
		t.Fatal(err)
	}
	got, problems, err := Load(dir, sample.Started.AddDate(0, 0, 30))
	if err != nil || len(problems) != 1 || len(got) != len(all) {
		t.Errorf("%d of %d lines, problems %v, %v", len(got), len(all), problems, err)
	}
}

func TestWritersAtOnceLoseNothing(t *testing.T) {
	dir, e := t.TempDir(), entries(t)[0]
	var group sync.WaitGroup
	for w := range 8 {
		group.Go(func() {
			for i := range 10 {
				mine := e
				mine.Run = fmt.Sprintf("w%d-%d", w, i)
				if err := Append(dir, mine); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got, problems, err := Load(dir, sample.Started.AddDate(0, 0, 30)); len(got) != 80 || len(problems) > 0 || err != nil {
		t.Errorf("%d of 80, %v, %v", len(got), problems, err)
	}
}

// TestKilledWriters lets processes append until they are killed, and expects every line that a writer announced as written
// to be there, and no more than one spoilt line per killed writer.
func TestKilledWriters(t *testing.T) {
	if dir := os.Getenv("HISTORY_TEST_DIR"); dir != "" {
		writeForever(t, dir)
		return
	}
	dir := t.TempDir()
	for w := range 3 {
		command := exec.Command(os.Args[0], "-test.run", "^TestKilledWriters$")
		command.Env = append(os.Environ(), "HISTORY_TEST_DIR="+dir, "HISTORY_TEST_WRITER="+strconv.Itoa(w))
		out, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		announced := 0
		buffer := make([]byte, 1)
		for announced < 20 {
			if _, err := out.Read(buffer); err != nil {
				break
			}
			if buffer[0] == '\n' {
				announced++
			}
		}
		_ = command.Process.Kill()
		_ = command.Wait()
		if announced < 20 {
			t.Fatal("the writer ended by itself")
		}
		got, problems, err := Load(dir, sample.Started.AddDate(0, 0, 30))
		if err != nil || len(problems) > w+1 {
			t.Fatalf("problems %v, %v", problems, err)
		}
		mine := 0
		for _, e := range got {
			if strings.HasPrefix(e.Run, fmt.Sprintf("w%d-", w)) {
				mine++
			}
		}
		if mine < announced {
			t.Errorf("writer %d: %d lines, it announced %d", w, mine, announced)
		}
	}
}

func writeForever(t *testing.T, dir string) {
	e := entries(t)[0]
	for i := range 100000 {
		e.Run = "w" + os.Getenv("HISTORY_TEST_WRITER") + "-" + strconv.Itoa(i)
		if err := Append(dir, e); err != nil {
			t.Fatal(err)
		}
		fmt.Println(i)
	}
}

func TestAppendRefusesClearly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Append(file, entries(t)[0]); err == nil || !strings.Contains(err.Error(), "can be written to") {
		t.Errorf("%v", err)
	}
	if err := Append(t.TempDir(), Entry{Schema: 1, Run: "r"}); err == nil || !strings.Contains(err.Error(), "scenario: empty") {
		t.Errorf("%v", err)
	}
}

func FuzzRead(f *testing.F) {
	good, _ := json.Marshal(entries(f)[0])
	f.Add(good)
	f.Add([]byte("{}\n\n[1]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, _, err := Read(bytes.NewReader(data), sample.Started.AddDate(0, 0, 30))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range got {
			if err := e.Check(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestLinesThatCannotBeTrueAreReportedAndSkipped(t *testing.T) {
	good, _ := json.Marshal(entries(t)[1])
	change := func(old, new string) string {
		if !strings.Contains(string(good), old) {
			t.Fatalf("%q is not in %s", old, good)
		}
		return strings.Replace(string(good), old, new, 1)
	}
	now := sample.Started.Add(time.Hour)
	for line, want := range map[string]string{
		change(`"outcome":"passed"`, `"outcome":"great"`):          `outcome: "great" is not known here`,
		change(`"outcome":"passed"`, `"outcome":"Passed"`):         `outcome: "Passed" is not known here`,
		change(`"cleanup":"passed"`, `"cleanup":"mostly"`):         `cleanup: "mostly" is not known here`,
		change(`"at":"2026`, `"at":"9999`):                         "at: the year 9999",
		change(`"at":"2026`, `"at":"2027`):                         "lies in the future",
		change(`"at":"2026`, `"at":"1970`):                         "before there was any run",
		change(`"speedup":60`, `"speedup":-1`):                     "speedup: -1",
		change(`"speedup":60`, `"speedup":1e999`):                  "not a history line",
		change(`"rto_s":150`, `"rto_s":-150`):                      "rto_s: -150 is no objective",
		change(`"latest_s":103.9`, `"latest_s":1e300`):             "detection: 101.2 to 1e+300 is no interval",
		change(`"scenario":"S03"`, `"scenario":"S03","trial":-1`):  "trial: -1 is negative",
		change(`"scenario":"S03"`, `"scenario":" "`):               "scenario: empty",
		change(`"scenario":"S03"`, `"scenario":"S03","who":"me"`):  "unknown field",
		change(`"scenario":"S03"`, `"scenario":"S03","schema":99`): "schema 99",
	} {
		got, problems, err := Read(strings.NewReader(line+"\n"+string(good)+"\n"), now)
		if err != nil || len(got) != 1 || len(problems) != 1 || !strings.Contains(problems[0].Err.Error(), want) {
			t.Errorf("want %q: %d lines, %v, %v", want, len(got), problems, err)
		}
	}
	// A clock that is a few hours ahead is no reason to lose a run, and neither is a word of today.
	for _, line := range []string{change(`"at":"2026-11-22T19`, `"at":"2026-11-23T03`), change(`"outcome":"passed"`, `"outcome":"not tested"`)} {
		if got, problems, err := Read(strings.NewReader(line), now); err != nil || len(got) != 1 || len(problems) != 0 {
			t.Errorf("%d lines, %v, %v", len(got), problems, err)
		}
	}
}
