package busy

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

var epoch = time.Now()

func at(n int) time.Time { return epoch.Add(time.Duration(n) * time.Millisecond) }

// show is a reading from begun to ended (ms) of so many ms.
func show(begun, ended, busy int) reading {
	return reading{at(begun), at(ended), time.Duration(busy) * time.Millisecond}
}

func TestWhatAProcessDidIsNoOlderThanItWasBusy(t *testing.T) {
	for _, c := range []struct {
		name string
		read []reading
		at   int
		want int // ms; -1: cannot be told
	}{
		{"idle", []reading{show(0, 0, 7), show(10, 10, 7), show(20, 20, 7)}, 15, 0},
		{"busy for 2 ms of the last 5", []reading{show(0, 0, 0), show(10, 10, 0), show(20, 20, 2)}, 15, 2},
		{"busy for longer than since the last reading", []reading{show(0, 0, 0), show(10, 10, 1), show(20, 20, 8)}, 15, 8},
		{"what it did after the instant counts too, as nobody knows", []reading{show(0, 0, 0), show(10, 10, 0), show(100, 100, 5)}, 15, 5},
		{"busy all the time", []reading{show(0, 0, 0), show(10, 10, 10), show(20, 20, 20)}, 15, -1},
		{"a reading that is under way shows nothing yet", []reading{show(0, 0, 0), show(4, 14, 0), show(14, 20, 3), show(30, 30, 3)}, 15, 3},
		{"nothing was read since", []reading{show(0, 0, 0), show(10, 10, 0)}, 15, -1},
		{"nothing was read before", []reading{show(20, 20, 0)}, 15, -1},
		{"never read", nil, 15, -1},
	} {
		got, ok := before(at(c.at), c.read)
		if ok != (c.want >= 0) || ok && got != time.Duration(c.want)*time.Millisecond {
			t.Errorf("%s: %v, %v, want %d ms", c.name, got, ok, c.want)
		}
	}
}

// What two processes did together may have waited for the one, then for the other.
func TestWhatTwoProcessesDidIsNoOlderThanBothWereBusy(t *testing.T) {
	one := []reading{show(0, 0, 0), show(10, 10, 0), show(20, 20, 0), show(30, 30, 3)}
	two := []reading{show(1, 1, 0), show(11, 12, 5), show(21, 21, 6), show(31, 31, 6)}
	if got, ok := before(at(25), one, two); got != 3*time.Millisecond || !ok {
		t.Errorf("got %v, %v", got, ok)
	}
	if got, ok := before(at(22), one, two); got != 4*time.Millisecond || !ok { // 22-21 is less than the 3 ms of the newest
		t.Errorf("got %v, %v", got, ok)
	}
	if got, ok := before(at(15), one, two[:2]); ok {
		t.Errorf("one was not read since: %v", got)
	}
	w := &Watch{processes: map[int]*process{1: {read: one, gone: true}}}
	if got, ok := w.Before(at(25), 1, 2); ok {
		t.Errorf("one is not watched: %v", got)
	}
	if got, ok := w.Before(at(25), 1, 1); got != 3*time.Millisecond || !ok {
		t.Errorf("the same process twice: %v, %v", got, ok)
	}
}

// told counts as it is told to.
type told struct {
	busy   time.Duration
	err    error
	closed int
}

func (c *told) read() (time.Duration, error) { return c.busy, c.err }
func (c *told) close()                       { c.closed++ }

func TestAGapEndsWhatIsKnown(t *testing.T) {
	counts := &told{busy: time.Second}
	p := &process{counts: counts}
	p.take()
	counts.err = errors.New("gone")
	p.take()
	counts.err = nil
	p.take()
	p.end()
	if len(p.read) != 1 || counts.closed != 1 {
		t.Errorf("%d readings, closed %d times", len(p.read), counts.closed)
	}
}

func TestTheMemoryIsBounded(t *testing.T) {
	p := &process{counts: &told{}}
	for range 5 * kept {
		p.take()
	}
	if n := len(p.read); n < kept || n > 2*kept {
		t.Errorf("%d readings", n)
	}
}

func TestSchedstatIsTakenApart(t *testing.T) {
	if got, err := waited("123 4567 8\n"); got != 4567 || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	for _, line := range []string{"", "1 2", "1 2 3 4", "1 x 3", "1 -2 3", "1 99999999999999999999 3"} {
		if got, err := waited(line); err == nil {
			t.Errorf("%q is %v", line, got)
		}
	}
}

// A shell that counts for a while is busy; one that waits for its input is not.
func TestRealProcesses(t *testing.T) {
	if !counted() {
		t.Skip("this kernel does not count how long threads wait for a processor (CONFIG_SCHED_INFO)")
	}
	waiting := shell(t, "read line")
	counting := shell(t, "while :; do :; done")
	w := Start(func() []int { return []int{waiting, counting, -1} })
	t.Cleanup(w.Stop)
	deadline := time.Now().Add(10 * time.Second)
	for {
		now := time.Now()
		idle, idleOK := w.Before(now, waiting)
		busy, busyOK := w.Before(now, counting)
		if idleOK && idle < Period && (!busyOK || busy > 10*Period) {
			break
		}
		if now.After(deadline) {
			t.Fatalf("waiting: %v, %v; counting: %v, %v", idle, idleOK, busy, busyOK)
		}
		time.Sleep(Period)
	}
	if _, ok := w.Before(time.Now(), waiting, os.Getpid()); ok {
		t.Error("a process that is not watched is bounded")
	}
	w.Stop()
	w.Stop()
}

// What a process waited is read again as soon as it has run, and not before: with the files of its threads closed, the first reading
// that looks at them fails.
func TestOnlyWhatRanIsReadAgain(t *testing.T) {
	if !counted() {
		t.Skip("this kernel does not count how long threads wait for a processor (CONFIG_SCHED_INFO)")
	}
	id, input := typed(t, "while read line; do :; done")
	counts, err := open(id)
	if err != nil {
		t.Fatal(err)
	}
	idle := counts.(*threads)
	want := idle.waited + idle.ran
	for deadline, rested := time.Now().Add(10*time.Second), 0; rested < 10; time.Sleep(10 * Period) { // the shell may still be starting
		now, err := idle.read()
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("a shell that waits for input never rests: %v", err)
		}
		if rested++; !idle.known || now != want {
			want, rested = now, 0
		}
	}
	for _, file := range idle.open {
		_ = file.Close()
	}
	if again, err := idle.read(); err != nil || again != want {
		t.Errorf("%v, %v, want %v as before", again, err, want)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(Period) {
		if _, err := input.Write([]byte("go on\n")); err != nil {
			t.Fatal(err)
		}
		if _, err := idle.read(); err != nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("it ran, and nobody looked how long it had waited")
		}
	}
}

func shell(t *testing.T, script string) int {
	t.Helper()
	id, _ := typed(t, script)
	return id
}

// typed starts a shell that can be written to.
func typed(t *testing.T, script string) (id int, input io.Writer) {
	t.Helper()
	command := exec.Command("sh", "-c", script)
	pipe, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = pipe.Close()
		_ = command.Wait()
	})
	return command.Process.Pid, pipe
}

func TestWithoutAWatchNothingIsBounded(t *testing.T) {
	var w *Watch
	if _, ok := w.Before(time.Now(), 1); ok {
		t.Error("bounded by nothing")
	}
	w.Stop()
}

func BenchmarkReading(b *testing.B) {
	counts, err := open(os.Getpid())
	if err != nil {
		b.Skip(err)
	}
	defer counts.close()
	for b.Loop() {
		if _, err := counts.read(); err != nil {
			b.Fatal(err)
		}
	}
}

func TestCPUTimeIsThatOfTheProcess(t *testing.T) {
	before, err := CPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(5 * time.Second)
	for spent := before; spent-before < 2*time.Millisecond; {
		if time.Now().After(deadline) {
			t.Fatalf("a process that computes used only %v", spent-before)
		}
		if spent, err = CPU(os.Getpid()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := CPU(1 << 22); err == nil {
		t.Error("a process that does not exist has no clock")
	}
}
