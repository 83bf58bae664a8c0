package fault

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// abandon injects a fault and gives the journal that is left when its process is killed then.
func abandon(t *testing.T, w *world, f Fault) *Journal {
	t.Helper()
	j := newJournal(t)
	in, err := f.Inject(t.Context(), w, j)
	if err != nil {
		t.Fatal(err)
	}
	in.timer.Stop()
	w.acts()
	return diedSince(t, j)
}

// diedSince is the journal as it is when another process of that number runs now.
func diedSince(t *testing.T, j *Journal) *Journal {
	t.Helper()
	text, err := os.ReadFile(j.Path())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "dead.journal")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), `"started":`, `"started":9`)), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := OpenJournal(path, j.where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() })
	return again
}

func told(said *[]string) func(string, ...any) {
	return func(format string, values ...any) { *said = append(*said, fmt.Sprintf(format, values...)) }
}

func TestTheNextRunHealsWhatIsExactlyAsItWasLeft(t *testing.T) {
	for _, f := range []Fault{
		Partition(Refuse), Block(HeartbeatPort, HangUp), Hang(dc1, 0), CancelJob(dc1), StopInstance(dc2), OrderlyShutdown(dc1), RestartPE(dc1, 0), KillPE(dc1, 0), Crash(dc2),
	} {
		t.Run(f.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				j := abandon(t, w, f)
				var said []string
				if err := HealLeftovers(t.Context(), w, j, told(&said)); err != nil {
					t.Fatal(err)
				}
				if len(said) != 1 || !strings.Contains(said[0], "healed what an earlier run left: "+named(f).String()) {
					t.Errorf("said %q", said)
				}
				for _, dc := range []DataCenter{w.one, w.two} {
					if _, err := serving(t.Context(), dc); err != nil {
						t.Error(err)
					}
				}
				if rules, _ := w.link.Rules(t.Context()); len(rules) > 0 {
					t.Errorf("rules %v", rules)
				}
				w.acts()
				if err := HealLeftovers(t.Context(), w, j, told(&said)); err != nil || len(w.acts()) > 0 { // may be repeated
					t.Errorf("once more: %v", err)
				}
			})
		})
	}
}

// TestTheNextRunIsRefusedWhereSomebodyChangedWhatTheFaultLeft: undoing it might undo somebody's work.
func TestTheNextRunIsRefusedWhereSomebodyChangedWhatTheFaultLeft(t *testing.T) {
	for name, c := range map[string]struct {
		fault  Fault
		change func(*world)
		says   string
	}{
		"an instance stopped after its job was cancelled": {CancelJob(dc1), func(w *world) { w.one.reachable = false }, "the fault cancelled a job only"},
		"an instance started without a job":               {StopInstance(dc1), func(w *world) { w.one.reachable = true }, "the instance of dc1 was started since"},
		"a silent job cancelled":                          {OrderlyShutdown(dc1), func(w *world) { w.one.job = "" }, "the fault left job 1"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				j := abandon(t, w, c.fault)
				w.mu.Lock()
				c.change(w)
				w.mu.Unlock()
				since := time.Now().Format(time.RFC3339)
				err := HealLeftovers(t.Context(), w, j, t.Logf)
				if !errors.Is(err, ErrLeftBehind) {
					t.Fatalf("error %v", err)
				}
				for _, want := range []string{c.fault.String(), c.says, "in force since " + since, "make heal", "CROSSDC_*"} {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("error %v; expected %q in it", err, want)
					}
				}
				if acts := w.acts(); len(acts) > 0 {
					t.Errorf("did %v without being asked", acts)
				}
				w.mu.Lock()
				w.one.reachable = true // no fault of ours stopped the instance, so only its owner can start it
				w.mu.Unlock()
				if err := HealAll(t.Context(), w, j, false, t.Logf); err != nil { // make heal was asked
					t.Error(err)
				}
			})
		})
	}
}

// TestWhatTheScenarioCancelledAsPlannedIsHealed: it belongs to the orderly shutdown and was written down first.
func TestWhatTheScenarioCancelledAsPlannedIsHealed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, j := newWorld(), newJournal(t)
		in, err := OrderlyShutdown(dc1).Inject(t.Context(), w, j)
		if err != nil {
			t.Fatal(err)
		}
		if err := in.GoesOn("its job is cancelled as planned"); err != nil {
			t.Fatal(err)
		}
		in.timer.Stop()
		w.mu.Lock()
		w.one.job = ""
		w.mu.Unlock()
		w.acts()
		if err := HealLeftovers(t.Context(), w, diedSince(t, j), t.Logf); err != nil || w.one.job == "" {
			t.Errorf("job %q, %v", w.one.job, err)
		}
	})
}

func TestADryHealOnlyTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		j := abandon(t, w, CancelJob(dc1))
		var said []string
		if err := HealAll(t.Context(), w, j, true, told(&said)); err != nil || len(w.acts()) > 0 {
			t.Errorf("%v", err)
		}
		if len(said) != 1 || !strings.HasPrefix(said[0], "would heal cancel-job of dc1") {
			t.Errorf("said %q", said)
		}
		if recovery, err := Recover(j.Path()); err != nil || len(recovery.Open) != 1 {
			t.Errorf("%+v, %v", recovery, err)
		}
	})
}

func TestAFaultInUseIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, j := newWorld(), newJournal(t)
		in, err := CancelJob(dc1).Inject(t.Context(), w, j)
		if err != nil {
			t.Fatal(err)
		}
		w.acts()
		for _, heal := range []func() error{
			func() error { return HealLeftovers(t.Context(), w, j, t.Logf) },
			func() error { return HealAll(t.Context(), w, j, false, t.Logf) },
		} {
			if err := heal(); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("process %d still runs", os.Getpid())) {
				t.Errorf("error %v", err)
			}
		}
		if acts := w.acts(); len(acts) > 0 {
			t.Errorf("did %v", acts)
		}
		if err := in.Heal(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAnotherEnvironmentsJournalIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		j := abandon(t, w, CancelJob(dc1))
		j.where = "remote elsewhere"
		err := HealAll(t.Context(), w, j, false, t.Logf)
		if err == nil || !strings.Contains(err.Error(), `was injected into "test", and this is "remote elsewhere"`) || len(w.acts()) > 0 {
			t.Errorf("error %v", err)
		}
	})
}

func TestTheFateOfAnOwner(t *testing.T) {
	us := thisProcess()
	if us.Boot == "" || us.Space == "" || us.Started == 0 {
		t.Fatalf("we are %+v", us)
	}
	for name, c := range map[string]struct {
		change func(*Owner)
		want   fate
	}{
		"us":                          {func(*Owner) {}, running},
		"a number that was reused":    {func(o *Owner) { o.Started++ }, dead},
		"before a reboot":             {func(o *Owner) { o.Boot = "another" }, dead},
		"another machine":             {func(o *Owner) { o.Host, o.Boot = "elsewhere", "another" }, unknown},
		"another container":           {func(o *Owner) { o.Space = "pid:[1]" }, unknown},
		"an older version's, running": {func(o *Owner) { o.Boot, o.Space, o.Host = "", "", "" }, running},
	} {
		o := us
		if c.change(&o); o.fate(us) != c.want {
			t.Errorf("%s: %d, expected %d", name, o.fate(us), c.want)
		}
	}
}

// TestOnlyOurOwnStoppedProcessesAreResumed by what was remembered of them, never by their number alone.
func TestOnlyOurOwnStoppedProcessesAreResumed(t *testing.T) {
	child := exec.Command("sleep", "60")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	stop := func() {
		t.Helper()
		if err := child.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		var status syscall.WaitStatus
		if _, err := syscall.Wait4(child.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
			t.Fatalf("not stopped: %v %v", status, err)
		}
	}
	stop()
	memory, err := rememberStopped([]int{child.Process.Pid})
	if err != nil {
		t.Fatal(err)
	}
	for name, foreign := range map[string]string{
		"another start": strings.Replace(memory, `":`, `":`+"1", 1), "another boot": strings.Replace(memory, bootID(), "another", 1), "garbage": "{", "none": "",
	} {
		if name == "another start" {
			foreign = strings.Replace(memory, fmt.Sprint(startTicks(child.Process.Pid)), "1", 1)
		}
		if n := resumeStopped(foreign); n != 0 {
			t.Errorf("%s: %d resumed", name, n)
		}
	}
	if n := resumeStopped(memory); n != 1 {
		t.Errorf("%d resumed of ours", n)
	}
}

func TestTheFolderOfJournals(t *testing.T) {
	env := func(values map[string]string) func(string) string {
		return func(name string) string { return values[name] }
	}
	for name, c := range map[string]struct {
		configured string
		values     map[string]string
		want       string
	}{
		"as configured":   {"/var/faults", map[string]string{"HOME": "/home/u"}, "/var/faults"},
		"the user's":      {"", map[string]string{"HOME": "/home/u"}, "/home/u/.local/state/crossdc-failover"},
		"XDG":             {"", map[string]string{"HOME": "/home/u", "XDG_STATE_HOME": "/state"}, "/state/crossdc-failover"},
		"XDG is relative": {"", map[string]string{"HOME": "/home/u", "XDG_STATE_HOME": "state"}, "/home/u/.local/state/crossdc-failover"},
	} {
		if j, err := JournalsIn(c.configured, env(c.values)); err != nil || j.Folder != c.want {
			t.Errorf("%s: %q, %v", name, j.Folder, err)
		}
	}
	if _, err := JournalsIn("", env(nil)); err == nil || !strings.Contains(err.Error(), "set CROSSDC_JOURNAL") {
		t.Errorf("without HOME: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (Journals{Folder: filepath.Join(file, "j")}).Open(Where{"remote", "a and b"}); err == nil || !strings.Contains(err.Error(), "set CROSSDC_JOURNAL") {
		t.Errorf("where no folder can be: %v", err)
	}
}

func TestJournalsOfEmbeddedRunsAreClosedAndRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journals := Journals{Folder: filepath.Join(t.TempDir(), "journals")}
		embedded, remote := Where{"embedded", "127.1.1.1"}, Where{"remote", "a and b"}
		for _, where := range []Where{remote, embedded} {
			w := newWorld()
			j, err := journals.Open(where)
			if err != nil {
				t.Fatal(err)
			}
			in, err := CancelJob(dc1).Inject(t.Context(), w, j)
			if err != nil {
				t.Fatal(err)
			}
			in.timer.Stop()
			if err := journals.Bury("embedded", t.Logf); err != nil { // we live
				t.Fatal(err)
			}
			if recovery, err := Recover(j.Path()); err != nil || len(recovery.Open) != 1 {
				t.Fatalf("closed behind the back of a living run: %+v %v", recovery, err)
			}
			text, err := os.ReadFile(j.Path())
			if err != nil {
				t.Fatal(err)
			}
			_ = j.Close()
			if err := os.WriteFile(j.Path(), []byte(strings.ReplaceAll(string(text), `"started":`, `"started":9`)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var said []string
		if err := journals.Bury("embedded", told(&said)); err != nil || len(said) != 1 {
			t.Errorf("said %q, %v", said, err)
		}
		if left, err := journals.Paths(""); err != nil || len(left) != 1 || left[0] != journals.Path(remote) {
			t.Errorf("left %v, %v", left, err)
		}
		if err := Discard(journals.Path(remote)); err != nil { // something is open in it
			t.Error(err)
		}
		if _, err := os.Stat(journals.Path(remote)); err != nil {
			t.Errorf("a journal with an open fault is gone: %v", err)
		}
	})
}
