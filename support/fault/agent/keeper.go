package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

const (
	// dismissed instead of a deadline sends the keeper home.
	dismissed int64 = 0
	// tidyAfter is how long a keeper leaves the kernel the first word: an element may outlive its timeout by a tick.
	tidyAfter = 20 * time.Millisecond
	// keeperLimit is the longest that starting or telling a keeper takes.
	keeperLimit = 5 * time.Second
)

// errNoKeeper says that nobody listens at the fault's socket.
var errNoKeeper = errors.New("no keeper")

func guardText(k kind) string {
	if k.kernelEnds {
		return "the kernel, by the element's timeout; a keeper (" + keeperWay() + ") then removes the table"
	}
	return "a keeper: " + keeperWay()
}

func systemd() bool {
	_, err := os.Stat("/run/systemd/system") // how sd_booted(3) asks
	return err == nil && os.Geteuid() == 0
}

func keeperWay() string {
	if systemd() {
		return "a transient unit of systemd"
	}
	return "a process in a session of its own"
}

// startKeeper writes the record and returns when its keeper listens: from then on the fault ends without us. The keeper is started first, so that a
// record never lies there without one, whenever we are killed.
func startKeeper(j journal, r *record) error {
	if err := startApart(j, r.ID, "keep", r.ID); err != nil {
		return fmt.Errorf("start the keeper of fault %s: %w", r.ID, err)
	}
	if err := j.write(r); err != nil {
		return err
	}
	return awaitKeeper(j, r.ID)
}

// startApart starts this program again as a process that outlives us.
func startApart(j journal, unitName string, arguments ...string) error {
	self := fmt.Sprintf("/proc/%d/exe", os.Getpid()) // its file may be gone
	arguments = append([]string{self, "-state", string(j)}, arguments...)
	if systemd() {
		// A unit of its own survives the end of the SSH session also where logind ends all of its processes.
		if program, err := exec.LookPath("systemd-run"); err == nil {
			unit := exec.Command(program, append([]string{"--quiet", "--collect", "--unit", "crossdc-" + unitName, "--"}, arguments...)...)
			if unit.Run() == nil {
				return nil
			}
		}
	}
	command := exec.Command(arguments[0], arguments[1:]...)
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	command.Dir = "/"
	if err := command.Start(); err != nil {
		return err
	}
	go func() { _ = command.Wait() }() // takes its end in; it outlives us on purpose, so nothing joins this
	return nil
}

func awaitKeeper(j journal, id string) error {
	var last error
	for end := time.Now().Add(keeperLimit); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		r, err := j.read(id)
		if err != nil {
			return err
		}
		if last = tellKeeper(j, id, r.ArmedUntil); last == nil {
			return nil
		}
	}
	return fmt.Errorf("start the keeper of fault %s: not there within %v: %w", id, keeperLimit, last)
}

// tellKeeper gives it a deadline on the boot clock and waits until it has taken it.
func tellKeeper(j journal, id string, deadline int64) error {
	conn, err := net.DialTimeout("unix", j.socket(id), keeperLimit)
	if err != nil {
		return fmt.Errorf("%w of fault %s: %w", errNoKeeper, id, err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(keeperLimit)); err != nil {
		return err
	}
	_, err = conn.Write(binary.BigEndian.AppendUint64(nil, uint64(deadline)))
	if err == nil {
		_, err = io.ReadFull(conn, make([]byte, 1))
	}
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNRESET): // it was about to leave
		return fmt.Errorf("%w of fault %s any more: %w", errNoKeeper, id, err)
	case err != nil:
		return fmt.Errorf("the keeper of fault %s took no deadline: %w", id, err)
	}
	return nil
}

// keep is the second deadline of one fault: it ends it whatever became of the agent.
func keep(j journal, id string) error {
	left, err := guard(j, id)
	if err != nil || left == nil {
		return err
	}
	return outlive(j, left)
}

// guard returns once the fault is over, with its record unless the agent has taken care of that.
func guard(j journal, id string) (left *record, err error) {
	r, err := j.read(id)
	for end := time.Now().Add(keeperLimit); errors.Is(err, fs.ErrNotExist) && time.Now().Before(end); r, err = j.read(id) {
		time.Sleep(2 * time.Millisecond) // it is written once we are there
	}
	if err != nil {
		return nil, err
	}
	k, refused := kindOf(r.Fault)
	if refused != nil {
		return nil, refused
	}
	if k.serve != nil {
		end, err := k.serve(r)
		if err != nil {
			return nil, err
		}
		defer func() { _ = end() }() // after the table is gone: nothing new comes
	}
	listener, err := net.Listen("unix", j.socket(id))
	if err != nil {
		return nil, fmt.Errorf("listen for deadlines of fault %s: %w", id, err)
	}
	deadlines := make(chan int64)
	accepted := make(chan struct{})
	over := make(chan struct{})
	go func() { defer close(accepted); accept(listener, deadlines, over) }()
	defer func() { close(over); _ = listener.Close(); <-accepted }()

	var acting sync.WaitGroup
	ended := make(chan struct{})
	defer func() { close(ended); acting.Wait() }()
	during := k.during
	begin := func() {
		if now, err := j.read(id); err == nil && during != nil && now.Phase == protocol.PhaseActive {
			do := during
			acting.Go(func() { do(now, ended) })
			during = nil
		}
	}

	deadline := max(r.ArmedUntil, r.Deadline)
	for {
		wait := until(deadline)
		if k.kernelEnds {
			wait += tidyAfter
		}
		timer := time.NewTimer(wait)
		select {
		case deadline = <-deadlines:
			timer.Stop()
			if deadline == dismissed {
				return nil, nil
			}
			begin()
		case <-timer.C:
			return finish(j, k, id)
		}
	}
}

func accept(listener net.Listener, deadlines chan<- int64, over <-chan struct{}) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_ = conn.SetDeadline(time.Now().Add(time.Second))
		var text [8]byte
		if _, err := io.ReadFull(conn, text[:]); err == nil {
			select {
			case deadlines <- int64(binary.BigEndian.Uint64(text[:])):
				_, _ = conn.Write([]byte{1})
			case <-over:
			}
		}
		_ = conn.Close()
	}
}

// finish ends the fault at its deadline, and tries again for a minute where the host refuses. After that the record stays for
// whoever heals by hand.
func finish(j journal, k kind, id string) (left *record, err error) {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		var r *record
		if r, err = j.read(id); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		} else if err != nil {
			continue
		}
		if r.Phase == protocol.PhaseActive {
			if until(r.Deadline) > 0 { // written, but not told: the agent died in between
				time.Sleep(until(r.Deadline))
			}
			if k.kernelEnds {
				remember(k, r)
			}
			if err = k.heal(r); err != nil {
				continue
			}
			r.Phase, r.Bit = protocol.PhaseEnded, r.Bit || r.Packets > 0
		} else if r.Phase == protocol.PhaseArmed {
			r.Phase = protocol.PhaseHealed
		}
		if err = j.write(r); err == nil {
			return r, nil
		}
	}
	return nil, err
}

const (
	// lookAgain is how often a keeper whose fault is over looks for the agent that is to read its record.
	lookAgain = 200 * time.Millisecond
	// stillFor is how many of these looks in a row an agent may be found suspended: one that only changes hands is left alone.
	stillFor = 3
)

// outlive keeps the record of a fault that is over until its agent has taken it, or is gone. An agent that is suspended will not end with its
// input, and whoever suspended it may be gone: it is killed, so that nothing of it stays.
func outlive(j journal, r *record) error {
	fd, err := unix.PidfdOpen(r.Agent, 0)
	if err != nil { // it ended before
		j.forget(r.ID)
		return nil
	}
	defer unix.Close(fd)
	for still := 0; ; {
		stat, err := readStat(r.Agent)
		if err != nil || stat.start != r.AgentStart || stat.state == 'Z' || stat.state == 'X' {
			j.forget(r.ID) // nobody is left to read it
			return nil
		}
		if _, err := os.Stat(j.file(r.ID)); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		still++
		if stat.state != 'T' {
			still = 0
		}
		if still >= stillFor {
			// The descriptor was opened before its start time was compared: it means this process or one that is gone.
			if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("end the suspended agent of fault %s: %w", r.ID, err)
			}
		}
		// Readable once it has ended; EINTR and a time that is up both mean that it is time to look.
		_, _ = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(lookAgain.Milliseconds()))
	}
}
