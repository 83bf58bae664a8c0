package fault

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAJournalCutAtAnyByteStillTellsWhatIsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, j := newWorld(), newJournal(t)
		in, err := Crash(dc1).Inject(t.Context(), w, j)
		if err != nil {
			t.Fatal(err)
		}
		if err := in.Heal(t.Context()); err != nil {
			t.Fatal(err)
		}
		whole, err := os.ReadFile(j.Path())
		if err != nil {
			t.Fatal(err)
		}
		opened := bytes.IndexByte(whole, '\n')
		lastLine := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
		for cut := range len(whole) + 1 {
			read, damage, err := ReadJournal(bytes.NewReader(whole[:cut]))
			if err != nil {
				t.Fatal(err)
			}
			open := len(unclosed(read))
			want := 0
			if cut >= opened && cut < len(whole)-1 { // the last line is whole without its newline
				want = 1
			}
			if open != want {
				t.Fatalf("cut at %d of %d: %d open, expected %d", cut, len(whole), open, want)
			}
			partial := cut > 0 && whole[cut-1] != '\n' && cut < len(whole) && whole[cut] != '\n'
			if partial != (len(damage) == 1) {
				t.Fatalf("cut at %d: damage %v", cut, damage)
			}
			if partial && cut > lastLine && !strings.Contains(damage[0].String(), "cut off after") {
				t.Fatalf("damage %v", damage)
			}
		}
	})
}

func TestTheNextWriterKeepsApartFromAnUnfinishedLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "faults.jsonl")
	if err := os.WriteFile(path, []byte(`{"id":"1-1-1","event":"op`), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := OpenJournal(path, "test")
	if err != nil {
		t.Fatal(err)
	}
	in, err := NoOp().Inject(t.Context(), newWorld(), j)
	if err != nil {
		t.Fatal(err)
	}
	recovery, err := Recover(path)
	if err != nil || len(recovery.Damage) != 1 || recovery.Damage[0].Line != 1 || len(recovery.Open) != 1 || recovery.Open[0].ID != in.ID {
		t.Errorf("%+v, %v", recovery, err)
	}
	if err := in.Heal(t.Context()); err != nil {
		t.Error(err)
	}
	_ = j.Close()
}

func TestRecoverHealsWhatADeadProcessLeft(t *testing.T) {
	for _, fault := range []Fault{Crash(dc1), Hang(dc1, time.Minute), Hang(dc1, 2*time.Hour).Within(3 * time.Hour), CancelJob(dc1), StopInstance(dc1), RestartPE(dc1, 0), KillPE(dc1, 0), OrderlyShutdown(dc1), Partition(Refuse), NoOp()} {
		t.Run(fmt.Sprint(fault.Name, " ", fault.Lifetime), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, j := newWorld(), newJournal(t)
				in, err := fault.Inject(t.Context(), w, j)
				if err != nil {
					t.Fatal(err)
				}
				if recovery, err := Recover(j.Path()); err != nil || len(recovery.Open) != 1 || !recovery.Open[0].Alive {
					t.Fatalf("while we live: %+v, %v", recovery, err)
				} else if err := recovery.Open[0].Heal(t.Context(), w, j); err == nil {
					t.Error("healed behind the back of the process that injected it")
				}
				in.timer.Stop() // as if we died: the file is what is left
				dead, err := os.ReadFile(j.Path())
				if err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(t.TempDir(), "dead.jsonl")
				dead = bytes.Replace(dead, []byte(`"started":`), []byte(`"started":9`), 1) // another process of that number
				if err := os.WriteFile(path, dead, 0o600); err != nil {
					t.Fatal(err)
				}
				recovery, err := Recover(path)
				if err != nil || len(recovery.Open) != 1 || recovery.Open[0].Alive || recovery.Open[0].Where != "test" {
					t.Fatalf("%+v, %v", recovery, err)
				}
				if text := recovery.Open[0].String(); !strings.Contains(text, named(fault).String()) || !strings.Contains(text, "last known: bit") {
					t.Errorf("in words: %s", text)
				}
				again, err := OpenJournal(path, "test")
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = again.Close() }()
				if err := recovery.Open[0].Heal(t.Context(), w, again); err != nil {
					t.Fatal(err)
				}
				if recovery, err := Recover(path); err != nil || len(recovery.Open) > 0 {
					t.Errorf("afterwards: %+v, %v", recovery, err)
				}
			})
		})
	}
}

func TestNoJournalNoFaults(t *testing.T) {
	recovery, err := Recover(filepath.Join(t.TempDir(), "none"))
	if err != nil || len(recovery.Open)+len(recovery.Damage) > 0 {
		t.Errorf("%+v, %v", recovery, err)
	}
	if _, err := OpenJournal(filepath.Join(t.TempDir(), "none", "faults"), ""); err == nil || !strings.Contains(err.Error(), "nothing can be injected without it") {
		t.Errorf("error %v", err)
	}
}

func TestAHugeLineIsDamageAndNotTheEnd(t *testing.T) {
	text := `{"id":"1","event":"acted"}` + "\n" + strings.Repeat("x", 3*maxLine) + "\n" + `{"id":"2","event":"acted"}`
	read, damage, err := ReadJournal(strings.NewReader(text))
	if err != nil || len(read) != 2 || len(damage) != 1 || damage[0].Line != 2 {
		t.Errorf("%d entries, %v, %v", len(read), damage, err)
	}
}

// FuzzReadJournal: whatever is in the file, reading ends, every line is an entry or damage, and what is open can be shown.
func FuzzReadJournal(f *testing.F) {
	f.Add([]byte(`{"id":"1","event":"open","fault":"crash","parameters":{"dc":"dc1"},"owner":{"pid":1,"started":1}}` + "\n" + `{"id":"1","event":"heal`))
	f.Add([]byte("\x00\x00\n\n{}\n[]\nnull\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		read, damage, err := ReadJournal(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		lines := 0
		for line := range bytes.Lines(raw) {
			if line[0] != '\n' {
				lines++
			}
		}
		if len(read)+len(damage) != lines {
			t.Fatalf("%d entries and %d damaged of %d lines", len(read), len(damage), lines)
		}
		for _, o := range unclosed(read) {
			_ = o.String()
			if made, err := Make(o.Fault, *o.Parameters); err == nil {
				made.Available(newWorld())
			}
		}
	})
}
