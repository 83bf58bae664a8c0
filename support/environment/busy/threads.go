package busy

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// counted says whether this kernel counts how long threads wait for a processor.
func counted() bool {
	raw, err := os.ReadFile("/proc/thread-self/schedstat")
	if err != nil {
		return false
	}
	_, err = waited(string(raw))
	return err == nil
}

// threads reads the counts of one process: its CPU clock, which includes what is running right now, and of each thread
// how long it waited in the run queue (second field of schedstat).
type threads struct {
	process int
	folder  string
	links   uint64 // of the folder: tells whether threads came or went
	open    map[string]*os.File

	known  bool // whether waited is all that the threads had waited when the process had run for so long
	ran    time.Duration
	waited time.Duration
}

func open(process int) (counter, error) {
	t := &threads{process: process, folder: fmt.Sprintf("/proc/%d/task", process), open: map[string]*os.File{}}
	_, err := t.read()
	if err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// errThreadEnded means that nobody can say how long a thread waited before it ended. Threads of the emulated data centers
// hardly ever end.
var errThreadEnded = errors.New("a thread ended")

// read spares what cannot have changed: how long a thread waited is counted when it is given a processor, and threads begin and end
// only while their process runs. Most processes are idle from one reading to the next.
func (t *threads) read() (time.Duration, error) {
	before, err := CPU(t.process)
	if err != nil {
		return 0, err
	}
	if t.known && before == t.ran {
		return t.waited + t.ran, nil
	}
	waited, err := t.waits()
	if err != nil {
		return 0, err
	}
	ran, err := CPU(t.process)
	if err != nil {
		return 0, err
	}
	t.known, t.ran, t.waited = ran == before, ran, waited // what ran meanwhile may have waited before it
	return waited + ran, nil
}

// waits is how long all threads waited.
func (t *threads) waits() (time.Duration, error) {
	var about syscall.Stat_t
	if err := syscall.Stat(t.folder, &about); err != nil {
		return 0, fmt.Errorf("count the threads of process %d: %w", t.process, err)
	}
	if links := uint64(about.Nlink); links != t.links {
		if err := t.list(); err != nil {
			return 0, err
		}
		t.links = links
	}
	var total time.Duration
	var raw [128]byte
	for id, file := range t.open {
		n, err := file.ReadAt(raw[:], 0)
		if n == 0 {
			if errors.Is(err, syscall.ESRCH) {
				return 0, fmt.Errorf("process %d: %w", t.process, errThreadEnded)
			}
			return 0, fmt.Errorf("read how long thread %s of process %d waited: %w", id, t.process, err)
		}
		wait, err := waited(string(raw[:n]))
		if err != nil {
			return 0, err
		}
		total += wait
	}
	return total, nil
}

// list opens what is new.
func (t *threads) list() error {
	entries, err := os.ReadDir(t.folder)
	if err != nil {
		return fmt.Errorf("list the threads of process %d: %w", t.process, err)
	}
	living := map[string]bool{}
	for _, entry := range entries {
		id := entry.Name()
		living[id] = true
		if t.open[id] != nil {
			continue
		}
		file, err := os.Open(t.folder + "/" + id + "/schedstat")
		if err != nil { // it ended meanwhile
			continue
		}
		t.open[id] = file
	}
	for id := range t.open {
		if !living[id] {
			return fmt.Errorf("process %d: %w", t.process, errThreadEnded)
		}
	}
	return nil
}

func (t *threads) close() {
	for _, file := range t.open {
		_ = file.Close()
	}
	clear(t.open)
}

// waited takes the time in the run queue from a line of schedstat: time running, time waiting (both in nanoseconds), and
// how often it was given a processor.
func waited(line string) (time.Duration, error) {
	fields := strings.Fields(line)
	if len(fields) != 3 {
		return 0, fmt.Errorf("schedstat %q: want three fields", line)
	}
	n, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("schedstat %q: the time waiting is %q", line, fields[1])
	}
	return time.Duration(n), nil
}

// CPU reads the CPU clock of another process (clock_getcpuclockid(3)). It counts nanoseconds, where /proc/<pid>/stat counts
// hundredths of a second, and includes what is running right now.
func CPU(process int) (time.Duration, error) {
	const schedulerClock = 2 // CPUCLOCK_SCHED
	var at unix.Timespec
	if err := unix.ClockGettime(int32(^process<<3|schedulerClock), &at); err != nil {
		return 0, fmt.Errorf("read the CPU clock of process %d: %w", process, err)
	}
	return time.Duration(at.Nano()), nil
}
