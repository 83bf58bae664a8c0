package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/fault"
)

// aim points the settings at two data centers where nothing listens.
func aim(t *testing.T, journals string) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "CROSSDC_") {
			t.Setenv(name, "") // restored afterwards
			_ = os.Unsetenv(name)
		}
	}
	t.Setenv("CROSSDC_JOURNAL", journals)
	for name, value := range map[string]string{
		"CROSSDC_ENVIRONMENT": "remote", "CROSSDC_DC1_ROOT": "https://127.0.0.1:1/streams", "CROSSDC_DC2_ROOT": "https://127.0.0.1:2/streams",
		"CROSSDC_DC1_USER": "u", "CROSSDC_DC2_USER": "u", "CROSSDC_DC1_PASSWORD": "p", "CROSSDC_DC2_PASSWORD": "p",
	} {
		t.Setenv(name, value)
	}
}

func heal(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var out bytes.Buffer
	err := run(ctx, arguments, &out, &out)
	return out.String(), err
}

func TestNothingOpenIsSaidAndMayBeRepeated(t *testing.T) {
	folder := t.TempDir()
	aim(t, folder)
	for range 2 {
		if said, err := heal(t); err != nil || !strings.Contains(said, "nothing is open: no run from here has left a fault in remote https://127.0.0.1:1/streams") {
			t.Errorf("said %q, %v", said, err)
		}
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
		t.Errorf("left %v, %v", entries, err)
	}
}

// opened is a journal with one open fault of a process that is long dead.
func opened(t *testing.T, folder string, where fault.Where) string {
	t.Helper()
	path := (fault.Journals{Folder: folder}).Path(where)
	line := `{"id":"1-1-1","event":"open","time":"2026-11-22T10:00:00Z","fault":"cancel-job","target":"dc1","parameters":{"dc":"dc1"},` +
		`"memory":"1","deadline":"2026-11-22T10:05:00Z","where":"` + where.String() + `","owner":{"pid":1,"started":1}}` + "\n"
	if err := os.WriteFile(path, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnotherEnvironmentsJournalIsRefusedAndNamed(t *testing.T) {
	folder := t.TempDir()
	aim(t, folder)
	path := opened(t, folder, fault.Where{Kind: "remote", At: "https://elsewhere"})
	said, err := heal(t)
	if err != nil || !strings.Contains(said, "open elsewhere: cancel-job of dc1") || !strings.Contains(said, "in remote https://elsewhere") {
		t.Errorf("said %q, %v", said, err)
	}
	if said, err := heal(t, path); err == nil || !strings.Contains(err.Error(), `was injected into "remote https://elsewhere", and this is "remote https://127.0.0.1:1/streams`) {
		t.Errorf("said %q, %v", said, err)
	}
}

func TestEmulatedDataCentersEndWithTheirRun(t *testing.T) {
	folder := t.TempDir()
	aim(t, folder)
	t.Setenv("CROSSDC_ENVIRONMENT", "embedded")
	path := opened(t, folder, fault.Where{Kind: "embedded", At: "https://127.9.9.1"})
	if said, err := heal(t, "-dry"); err != nil || !strings.Contains(said, "open elsewhere: cancel-job of dc1") {
		t.Errorf("said %q, %v", said, err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("a dry heal changed something: %v", err)
	}
	if said, err := heal(t); err != nil || !strings.Contains(said, "its data centers were processes of the run and ended with it") {
		t.Errorf("said %q, %v", said, err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the journal is still there (%v)", err)
	}
}

func TestWithoutAnEnvironmentToHealItIsSaidWhichSettingsAimAtOne(t *testing.T) {
	aim(t, t.TempDir())
	t.Setenv("CROSSDC_ENVIRONMENT", "embedded")
	if said, err := heal(t); err != nil || !strings.Contains(said, "aim CROSSDC_ENVIRONMENT=remote") {
		t.Errorf("said %q, %v", said, err)
	}
}

func TestWithoutAHomeTheSettingIsNamed(t *testing.T) {
	aim(t, t.TempDir())
	for _, name := range []string{"CROSSDC_JOURNAL", "HOME", "XDG_STATE_HOME"} {
		t.Setenv(name, "")
	}
	_ = os.Unsetenv("CROSSDC_JOURNAL")
	if _, err := heal(t); err == nil || !strings.Contains(err.Error(), "set CROSSDC_JOURNAL") {
		t.Errorf("error %v", err)
	}
	if _, err := heal(t, "a", "b"); err == nil || !strings.Contains(err.Error(), "one journal at most") {
		t.Errorf("error %v", err)
	}
}
