package refusal

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/config"
)

// settle clears the settings of this process and gives it folders of its own.
func settle(t *testing.T) (reports string) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "CROSSDC_") {
			t.Setenv(name, value) // so that it comes back
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	reports = filepath.Join(t.TempDir(), "out")
	t.Setenv("CROSSDC_REPORTS", reports)
	t.Setenv("CROSSDC_HISTORY", "-")
	t.Setenv("CROSSDC_JOURNAL", t.TempDir())
	return reports
}

func TestARunThatCanBegin(t *testing.T) {
	reports := settle(t)
	settings, causes := Check()
	if len(causes) > 0 || settings.Reports != reports || settings.History != "" {
		t.Errorf("refused: %q, settings %+v", Sentence(causes), settings)
	}
	if left, err := filepath.Glob(filepath.Join(reports, ".writable*")); err != nil || len(left) > 0 {
		t.Errorf("looking left %v behind (%v)", left, err)
	}
}

// What cannot be written, started or read is refused by the name of its setting, with the value and what would do.
func TestMachinesThatDoNotFit(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "run.json"), []byte("somebody's\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	scenarios := t.TempDir()
	if err := os.WriteFile(filepath.Join(scenarios, "own.yaml"), []byte("id: X1\nwrods: a typo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(file, "folder")
	for name, c := range map[string]struct {
		variable, value string
		setting         string
		says            []string
	}{
		"reports below a file":        {"CROSSDC_REPORTS", below, "CROSSDC_REPORTS", []string{below, "not a directory", "set CROSSDC_REPORTS to a folder that can be written"}},
		"history below a file":        {"CROSSDC_HISTORY", below, "CROSSDC_HISTORY", []string{below, "not a directory", "or to - for none"}},
		"journals below a file":       {"CROSSDC_JOURNAL", below, "CROSSDC_JOURNAL", []string{below, "not a directory", "set CROSSDC_JOURNAL to a folder that can be written and that outlives the run"}},
		"no temporary folder":         {"TMPDIR", below, "TMPDIR", []string{below, "not a directory", "set TMPDIR to a folder that can be written"}},
		"scenarios that are not any":  {"CROSSDC_SCENARIOS", scenarios, "CROSSDC_SCENARIOS", []string{"own.yaml", "wrods", "unset CROSSDC_SCENARIOS"}},
		"scenarios that do not exist": {"CROSSDC_SCENARIOS", below, "CROSSDC_SCENARIOS", []string{below, "unset CROSSDC_SCENARIOS"}},
		"a number that is none":       {"CROSSDC_RATE", "fast", "CROSSDC_RATE", []string{"fast"}},
	} {
		t.Run(name, func(t *testing.T) {
			settle(t)
			t.Setenv(c.variable, c.value)
			_, causes := Check()
			if len(causes) != 1 || causes[0].Setting != c.setting {
				t.Fatalf("causes: %+v", causes)
			}
			said := Sentence(causes)
			for _, want := range c.says {
				if !strings.Contains(said, want) {
					t.Errorf("it does not say %q: %s", want, said)
				}
			}
		})
	}
}

// Without a home there is no place for journals of faults, and without those nothing may be broken.
func TestWithoutAHomeJournalsNeedAFolder(t *testing.T) {
	settle(t)
	for _, name := range []string{"CROSSDC_JOURNAL", "XDG_STATE_HOME", "HOME"} {
		t.Setenv(name, "")
	}
	if _, causes := Check(); len(causes) != 1 || causes[0].Setting != "CROSSDC_JOURNAL" || !strings.Contains(Sentence(causes), "neither HOME nor XDG_STATE_HOME is set: set CROSSDC_JOURNAL") {
		t.Errorf("causes: %+v", causes)
	}
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	if _, causes := Check(); len(causes) > 0 {
		t.Errorf("refused: %q", Sentence(causes))
	}
}

// A run works in the folder of its suite and make heal in that of the Makefile: both must mean the same journals.
func TestARelativeJournalIsTheModules(t *testing.T) {
	settle(t)
	here, err := Journals(&config.Config{Journal: "journals"})
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("../../fault/heal")
	if there, err := Journals(&config.Config{Journal: "journals"}); err != nil || there != here || !filepath.IsAbs(here.Folder) {
		t.Errorf("%+v and %+v (%v)", here, there, err)
	}
}

// inChild is set in the process that mounts a file system of its own.
const inChild = "CROSSDC_TEST_MOUNTED_AT"

// Temporary folders from which nothing may be started, and checkouts that cannot be written, are file systems: they are mounted in
// a mount namespace of a child, which needs no rights where user namespaces are allowed.
func TestFileSystemsThatDoNotFit(t *testing.T) {
	if folder := os.Getenv(inChild); folder != "" {
		mounted(t, folder)
		return
	}
	folder := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestFileSystemsThatDoNotFit$", "-test.v")
	child.Env = append(os.Environ(), inChild+"="+folder)
	child.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	output, err := child.CombinedOutput()
	if err != nil && child.ProcessState == nil {
		t.Skipf("no namespace can be made here: %v", err)
	}
	if err != nil || !strings.Contains(string(output), "--- PASS") && !strings.Contains(string(output), "--- SKIP") {
		t.Errorf("%v: %s", err, output)
	}
}

func mounted(t *testing.T, folder string) {
	mount := func(name string, flags uintptr) string {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mount("tmpfs", path, "tmpfs", flags, ""); err != nil {
			t.Skipf("nothing can be mounted here: %v", err)
		}
		return path
	}
	refused := func(setting string, says ...string) {
		t.Helper()
		_, causes := Check()
		if len(causes) != 1 || causes[0].Setting != setting {
			t.Fatalf("causes: %+v", causes)
		}
		for _, want := range says {
			if said := Sentence(causes); !strings.Contains(said, want) {
				t.Errorf("it does not say %q: %s", want, said)
			}
		}
	}
	reports := settle(t)
	noexec := mount("noexec", syscall.MS_NOEXEC)
	t.Setenv("TMPDIR", noexec)
	refused("TMPDIR", noexec, "noexec", "set TMPDIR to a folder that can be written and that programs may be started from")

	t.Setenv("TMPDIR", mount("temp", 0))
	readOnly := mount("read-only", syscall.MS_RDONLY)
	t.Setenv("CROSSDC_REPORTS", filepath.Join(readOnly, "out"))
	refused("CROSSDC_REPORTS", readOnly, "read-only file system", "set CROSSDC_REPORTS to a folder that can be written")

	t.Setenv("CROSSDC_REPORTS", reports)
	if _, causes := Check(); len(causes) > 0 {
		t.Errorf("what fits is refused: %s", Sentence(causes))
	}
}

// A run that was refused leaves results that say why, in place of those of an earlier run.
func TestResultsOfARefusal(t *testing.T) {
	folder := t.TempDir()
	earlier := model.Run{Schema: model.SchemaVersion, ID: "20260101-000000-aaaa", Suites: []string{"outage"}, Started: time.Now(),
		Scenarios: []model.Scenario{{ID: "S03", Name: "A data center crashes", Family: "outage", Outcome: model.Passed}}}
	if err := (store.Folder{Dir: folder, Now: time.Now()}).Publish(earlier); err != nil {
		t.Fatal(err)
	}
	cause := model.Cause{Kind: model.CauseSettings, Setting: "CROSSDC_RATE", Problem: `CROSSDC_RATE="fast": want a number`}
	if err := Publish(folder, model.Run{Schema: model.SchemaVersion, ID: "20260102-000000-bbbb", Suites: []string{"settings"}, Started: time.Now()}, []model.Cause{cause}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{store.JUnitFile, store.RunFile} {
		raw, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(raw), "CROSSDC_RATE") || strings.Contains(string(raw), "A data center crashes") {
			t.Errorf("%s: %s", name, raw)
		}
	}
}
