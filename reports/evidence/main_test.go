package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/redact"
	"github.com/crossdc/failover/reports/store"
)

const second = model.Instant(time.Second)

// results is a folder with a run of one scenario that missed its RTO.
func results(t *testing.T, change func(*model.Run)) string {
	t.Helper()
	folder := t.TempDir()
	run := model.Run{
		Schema: model.SchemaVersion, ID: "abc123", Suites: []string{"outage"}, Started: time.Unix(1700000000, 0).UTC(), Finished: time.Unix(1700000100, 0).UTC(),
		By: "ci", Version: "0123abc", Seed: 42, Notes: []string{"observed | from one machine"},
		Environment: model.Environment{Kind: "embedded", Topology: "active/active", Speedup: 60, Toolkit: map[string]string{"heartbeatExchangeInterval": "30"},
			DataCenters: []model.DataCenter{{Name: "dc1", Application: "drill", ProductVersion: "7.2"}, {Name: "dc2"}}},
		Scenarios: []model.Scenario{{
			ID: "S03", Name: "A data center crashes", Family: "outage", Outcome: model.Failed, Speedup: 60, Reasons: []string{"recovery of 250 s"},
			Fault: &model.Fault{Name: "crash", Target: "dc1", Injected: model.Interval{Earliest: 10 * second, Latest: 11 * second}, Bite: "no process is left",
				Healed: &model.Interval{Earliest: 20 * second, Latest: 21 * second}, HealProof: "serves again"},
			Objectives: model.Objectives{RTOSeconds: 180},
			Measures:   model.Measures{Recovery: &model.Measure{EarliestSeconds: 250, LatestSeconds: 252, ObjectiveSeconds: 180, Verdict: model.Missed}},
			Steps:      []model.Step{{Name: "is served", Outcome: model.Failed}},
		}},
	}
	if change != nil {
		change(&run)
	}
	if err := store.Publish(folder, run); err != nil {
		t.Fatal(err)
	}
	return folder
}

func key(t *testing.T) string {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// made runs the command and unpacks what it made, with the tools that an auditor has.
func made(t *testing.T, folder string, environ map[string]string, arguments ...string) (unpacked string, archive []byte, said string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e.tar.gz")
	var out, complaints bytes.Buffer
	if code := run(append(append([]string{"-out", path, "-journal", ""}, arguments...), folder), func(name string) string { return environ[name] }, &out, &complaints); code != 0 {
		t.Fatalf("exit code %d: %s", code, complaints.String())
	}
	archive, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	into := t.TempDir()
	if output, err := exec.Command("tar", "-xzf", path, "-C", into).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return filepath.Join(into, "evidence-abc123"), archive, out.String()
}

func check(folder string) error {
	sum := exec.Command("sha256sum", "-c", "SHA256SUMS")
	sum.Dir = folder
	return sum.Run()
}

func TestAnAuditorVerifiesTheArchiveOffline(t *testing.T) {
	folder := results(t, nil)
	unpacked, archive, said := made(t, folder, nil)
	if err := check(unpacked); err != nil || !strings.Contains(said, "not signed") || !strings.Contains(said, "sha256sum -c SHA256SUMS") {
		t.Errorf("%v, %q", err, said)
	}
	for _, name := range []string{"index.html", "junit.xml", "junit-outage.xml", "run.json", "outage.json", "summary.json", "run.configuration.json", "journal.jsonl", "recovery-test.md", "VERIFY.txt"} {
		if info, err := os.Stat(filepath.Join(unpacked, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, again, _ := made(t, folder, nil); !bytes.Equal(archive, again) {
		t.Error("the same results give another archive")
	}
	page := filepath.Join(unpacked, "index.html")
	if err := os.WriteFile(page, []byte("everything passed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if check(unpacked) == nil {
		t.Error("a changed page is not noticed")
	}
}

func TestTheHashesAreSignedWithTheKey(t *testing.T) {
	unpacked, _, said := made(t, results(t, nil), map[string]string{keySetting: key(t)})
	sums, err := os.ReadFile(filepath.Join(unpacked, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	signature, err := os.ReadFile(filepath.Join(unpacked, "SHA256SUMS.sig"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(unpacked, "public-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(raw)
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if !ed25519.Verify(public.(ed25519.PublicKey), sums, signature) || ed25519.Verify(public.(ed25519.PublicKey), append(sums, ' '), signature) {
		t.Error("the signature is not that of the hashes")
	}
	if check(unpacked) != nil || !strings.Contains(said, ", signed") {
		t.Error(said)
	}
	if openssl, err := exec.LookPath("openssl"); err == nil { // as VERIFY.txt says
		verify := exec.Command(openssl, "pkeyutl", "-verify", "-pubin", "-inkey", "public-key.pem", "-rawin", "-in", "SHA256SUMS", "-sigfile", "SHA256SUMS.sig")
		verify.Dir = unpacked
		if output, err := verify.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, output)
		}
	}
}

func TestTheRecordHoldsWhatARecoveryTestIsAskedFor(t *testing.T) {
	unpacked, _, _ := made(t, results(t, nil), nil)
	for name, wants := range map[string][]string{
		"recovery-test.md": {"2022/2554", "- **Who tested:** ci", "- **When:** 2023-11-14T22:13:20Z to 2023-11-14T22:15:00Z", "CROSSDC_SEED=42",
			"| S03 A data center crashes | crash of dc1 | 2023-11-14 22:13:30.000 | RTO 180 s | recovery 250", "recovery at least 70 s beyond the objective of 180 s",
			"| follow-up |", "- **Follow-up, until when, by whom:**"},
		"journal.jsonl":          {`"event":"injected","earliest":"2023-11-14T22:13:30Z","latest":"2023-11-14T22:13:31Z","evidence":"no process is left"`, `"event":"healed"`},
		"run.configuration.json": {`"heartbeatExchangeInterval": "30"`, `"seed": 42`},
	} {
		text, err := os.ReadFile(filepath.Join(unpacked, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s lacks %q:\n%s", name, want, text)
			}
		}
	}
}

func TestTheRecordNamesTheWorstFirst(t *testing.T) {
	unpacked, _, _ := made(t, results(t, func(r *model.Run) {
		r.Scenarios = append([]model.Scenario{{ID: "S01", Name: "Nothing breaks", Family: "outage", Outcome: model.Passed, Speedup: 60}}, r.Scenarios...)
	}), nil)
	text, err := os.ReadFile(filepath.Join(unpacked, "recovery-test.md"))
	if err != nil {
		t.Fatal(err)
	}
	failed, passed := bytes.Index(text, []byte("| S03")), bytes.Index(text, []byte("| S01"))
	if failed < 0 || passed < failed || !bytes.Contains(text, []byte("| passed | none |")) {
		t.Errorf("%s", text)
	}
}

func TestWhatNeverRanHasNoFaultAndNoObjectiveYet(t *testing.T) {
	unpacked, _, _ := made(t, results(t, func(r *model.Run) {
		cause := model.Cause{Kind: model.CauseLogin, Problem: "refused the login (401)", DataCenter: "dc2"}
		r.Scenarios = append(r.Scenarios, model.Scenario{ID: "S07", Name: "An instance is stopped", Family: "outage", Outcome: model.NotTested, Speedup: 60, Cause: &cause, Reasons: []string{cause.Sentence()}},
			model.Scenario{ID: "S22", Name: "The link loses packets", Family: "outage", Outcome: model.Skipped, Speedup: 60, Reasons: []string{"the relay cannot drop packets"}})
	}), nil)
	text, err := os.ReadFile(filepath.Join(unpacked, "recovery-test.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| S07 An instance is stopped | not injected |  | not reached | nothing: it proved nothing | not tested | not tested: dc2 refused the login (401) |",
		"| S22 The link loses packets | not injected |  | not reached | nothing: it proved nothing | skipped | skipped: the relay cannot drop packets |"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
}

// TestNoSecretIsInTheArchive plants secrets where a run could carry one to: in what a tested system printed, in settings, in the
// journal, and in the key file's own text.
func TestNoSecretIsInTheArchive(t *testing.T) {
	const planted = "planted-7f3a-secret"
	t.Setenv("CROSSDC_DC1_PASSWORD", planted)
	journal := t.TempDir()
	line := `{"id":"1","event":"opened","time":"2023-11-14T22:13:25Z","fault":"crash","target":"dc1","memory":"` + planted + `"}` + "\n"
	if err := os.WriteFile(filepath.Join(journal, "embedded-1.journal"), []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	private := key(t)
	folder := results(t, nil)
	run, err := store.Read(filepath.Join(folder, "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	run.Scenarios[0].Steps[0].Failure = "GET https://admin:" + planted + "@127.0.0.1 answered 401"
	run.Notes = append(run.Notes, "password="+planted)
	if err := (store.Folder{Dir: folder, Redact: redact.Secrets(nil, []string{planted})}).Publish(run); err != nil {
		t.Fatal(err)
	}
	unpacked, _, said := made(t, folder, map[string]string{keySetting: private, "CROSSDC_DC1_PASSWORD": planted}, "-journal", journal)
	pemText, err := os.ReadFile(private)
	if err != nil {
		t.Fatal(err)
	}
	body := strings.Split(strings.TrimSpace(string(pemText)), "\n")[1]
	names, err := os.ReadDir(unpacked)
	if err != nil || len(names) < 10 {
		t.Fatalf("%v %v", names, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(unpacked, name.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if name.Name() == "run.json" && !strings.Contains(string(text), redact.Mask) {
			t.Error("the planted secret never came near the run: nothing was tested")
		}
		if strings.Contains(string(text), planted) || strings.Contains(string(text), body) {
			t.Errorf("%s holds a secret", name.Name())
		}
	}
	if strings.Contains(said, planted) || strings.Contains(said, body) {
		t.Error("the output holds a secret")
	}
}

func TestAFaultThatIsStillOpenIsInTheJournal(t *testing.T) {
	journal := t.TempDir()
	for name, text := range map[string]string{
		"embedded-1.journal": `{"id":"1","event":"opened","time":"2023-11-14T22:13:25Z","fault":"crash","target":"dc1","memory":"what heals it"}` + "\n" + `{"id":"1","ev`,
		"embedded-2.journal": `{"id":"2","event":"opened","time":"2020-01-01T00:00:00Z","fault":"of another run"}` + "\n",
		"remote-1.journal":   `{"id":"3","event":"opened","time":"2023-11-14T22:13:25Z","fault":"of another environment"}` + "\n",
	} {
		if err := os.WriteFile(filepath.Join(journal, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	unpacked, _, _ := made(t, results(t, nil), nil, "-journal", journal)
	text, err := os.ReadFile(filepath.Join(unpacked, "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), `"event":"open"`) || strings.Contains(string(text), "what heals it") || strings.Contains(string(text), "of another") {
		t.Errorf("%s", text)
	}
}

func TestWhatIsNoEvidenceIsRefused(t *testing.T) {
	stale := results(t, nil)
	if err := os.WriteFile(filepath.Join(stale, "index.html"), []byte("<html>of another run</html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	lost := results(t, nil)
	if err := os.Remove(filepath.Join(lost, "junit.xml")); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(text, []byte("planted-secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		folder string
		key    string
		more   []string
		code   int
		says   string
	}{
		"no results":          {t.TempDir(), "", nil, 1, "give a folder of results"},
		"a run that goes on":  {results(t, func(r *model.Run) { r.Finished = time.Time{} }), "", nil, 1, "has not ended"},
		"a page of another":   {stale, "", nil, 1, "index.html in"},
		"a report is missing": {lost, "", nil, 1, "add junit.xml"},
		"no such key":         {results(t, nil), filepath.Join(t.TempDir(), "none"), nil, 2, keySetting},
		"no key":              {results(t, nil), text, nil, 2, "openssl genpkey"},
		"two folders":         {stale, "", []string{lost}, 2, "one folder"},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "e.tar.gz")
			var said, complaints bytes.Buffer
			code := run(append(append([]string{"-out", out, "-journal", ""}, c.more...), c.folder), func(name string) string {
				return map[string]string{keySetting: c.key}[name]
			}, &said, &complaints)
			if code != c.code || !strings.Contains(complaints.String(), c.says) || strings.Contains(complaints.String(), "planted-secret") {
				t.Errorf("exit code %d: %s", code, complaints.String())
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("an archive was written")
			}
		})
	}
}

// TestASuiteNamedLikeAPartOfTheArchive: configuration is a family of suites, and the archive holds the configuration as well. No
// name may stand in it twice, or the one hides the other.
func TestASuiteNamedLikeAPartOfTheArchive(t *testing.T) {
	folder := results(t, func(run *model.Run) { run.Suites = []string{"configuration"} })
	unpacked, _, _ := made(t, folder, nil)
	if err := check(unpacked); err != nil {
		t.Errorf("sha256sum -c: %v", err)
	}
	sums, err := os.ReadFile(filepath.Join(unpacked, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(sums)) {
		name := strings.TrimSpace(line[64:])
		if seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
	}
	if !seen["configuration.json"] || !seen["run.configuration.json"] {
		t.Errorf("it holds %v", seen)
	}
}
