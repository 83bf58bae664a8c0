package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// lease is who has taken this host and until when, a file of the journal's folder. Its stamps are those of the host's boot clock, which
// nobody sets: it does not matter by how much the clocks of two holders differ.
type lease struct {
	Holder string `json:"holder"`
	Since  int64  `json:"sinceNs"`
	Until  int64  `json:"untilNs"`
	// Keeper is the process that removes the file once the lease has expired, so that a holder that was killed leaves nothing.
	Keeper      int    `json:"keeper,omitempty"`
	KeeperStart uint64 `json:"keeperStart,omitempty"`
}

func (j journal) leaseFile() string { return filepath.Join(string(j), "lease") }

// locked does something with the lease while nobody else does. The lock is on the folder above the journal's, which nobody removes, and ends with
// the process.
func (j journal) locked(do func() error) error {
	above, err := unix.Open(filepath.Dir(string(j)), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("lock the lease of this host: open %s: %w", filepath.Dir(string(j)), err)
	}
	defer unix.Close(above)
	for end := time.Now().Add(keeperLimit); ; time.Sleep(2 * time.Millisecond) {
		if err = unix.Flock(above, unix.LOCK_EX|unix.LOCK_NB); err == nil {
			return do()
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) || time.Now().After(end) {
			return fmt.Errorf("lock the lease of this host: %s is locked by another process: %w", filepath.Dir(string(j)), err)
		}
	}
}

// lease reads it; nil without one.
func (j journal) lease() (*lease, error) {
	text, err := os.ReadFile(j.leaseFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var l lease
	if err == nil {
		err = json.Unmarshal(text, &l)
	}
	if err != nil {
		return nil, fmt.Errorf("read the lease of this host: %w; remove %s if it is damaged", err, j.leaseFile())
	}
	return &l, nil
}

func (j journal) putLease(l *lease) error {
	text, err := json.Marshal(l)
	if err == nil {
		err = j.put(j.leaseFile(), text)
	}
	if err != nil {
		return fmt.Errorf("write the lease of this host: %w", err)
	}
	return nil
}

// dropLease removes it and, if it was the last file, the folder.
func (j journal) dropLease() {
	_ = os.Remove(j.leaseFile())
	_ = os.Remove(string(j)) // only succeeds once it is empty
}

func (l *lease) live() bool { return l != nil && until(l.Until) > 0 }

func (l *lease) told() *protocol.Leased {
	if !l.live() {
		return nil
	}
	return &protocol.Leased{Holder: l.Holder, SinceNs: l.Since, UntilNs: l.Until, NowNs: bootNow()}
}

// busy refuses what another holder's lease rules out.
func (l *lease) busy(holder string) *protocol.Error {
	if !l.live() || l.Holder == holder {
		return nil
	}
	left := until(l.Until)
	return &protocol.Error{Code: protocol.CodeBusy,
		Text: fmt.Sprintf("%q has a lease of this host since %v ago, which expires in %v (%s by the host's clock) unless it is renewed",
			l.Holder, (-until(l.Since)).Round(time.Second), left.Round(time.Second), time.Now().Add(left).UTC().Format(time.RFC3339)),
		Remedy: "wait for the end of that run, or end it; a lease that is not renewed expires"}
}

// lease takes the host, renews that, or gives it back.
func (h *host) lease(ask protocol.Lease) (*protocol.Leased, *protocol.Error) {
	var told *protocol.Leased
	var refused *protocol.Error
	err := h.journal.locked(func() error {
		l, err := h.journal.lease()
		if err != nil {
			return err
		}
		if refused = l.busy(h.holder); refused != nil {
			return nil
		}
		if ask.For == 0 {
			told = &protocol.Leased{Holder: h.holder, NowNs: bootNow()}
			if l != nil && l.Holder == h.holder {
				h.journal.dropLease()
				l.dismiss()
			}
			return nil
		}
		if !l.live() || l.Holder != h.holder {
			l = &lease{Holder: h.holder, Since: bootNow()} // whoever kept an expired one finds another there
		}
		l.Until = bootNow() + int64(ask.For)
		if err := h.journal.putLease(l); err != nil {
			return err
		}
		told = l.told()
		return nil
	})
	if err != nil {
		return nil, failed(err)
	}
	if refused != nil || ask.For == 0 {
		return told, refused
	}
	if err := h.journal.leaseKept(told.SinceNs); err != nil {
		return nil, failed(errors.Join(err, h.journal.locked(func() error { h.journal.dropLease(); return nil })))
	}
	return told, nil
}

// dismiss ends the keeper, which has nothing to remove any more.
func (l *lease) dismiss() {
	if l.Keeper == 0 {
		return
	}
	fd, err := unix.PidfdOpen(l.Keeper, 0)
	if err != nil {
		return // it has ended
	}
	defer unix.Close(fd)
	if stat, err := readStat(l.Keeper); err == nil && stat.start == l.KeeperStart {
		_ = unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0) // else it ends when the lease would have expired
	}
}

// leaseKept returns once somebody removes the lease when it expires.
func (j journal) leaseKept(since int64) error {
	kept := func() (bool, error) {
		l, err := j.lease()
		if err != nil || l == nil || l.Since != since {
			return false, errors.Join(err, errors.New("the lease of this host is gone right after it was taken"))
		}
		stat, err := readStat(l.Keeper)
		return l.Keeper != 0 && err == nil && stat.start == l.KeeperStart && stat.state != 'Z', nil
	}
	if done, err := kept(); done || err != nil {
		return err
	}
	id := strconv.FormatInt(since, 10)
	if err := startApart(j, "lease-"+id, "keep-lease", id); err != nil {
		return err
	}
	for end := time.Now().Add(keeperLimit); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if done, err := kept(); done || err != nil {
			return err
		}
	}
	return fmt.Errorf("start the keeper of the lease of this host: not there within %v", keeperLimit)
}

// keepLease removes the lease once it has expired.
func keepLease(j journal, since string) error {
	stat, err := readStat(os.Getpid())
	if err != nil {
		return err
	}
	for {
		var wait time.Duration
		if err := j.locked(func() error {
			l, err := j.lease()
			if err != nil || l == nil || strconv.FormatInt(l.Since, 10) != since {
				return err // it was given back, or taken over
			}
			if !l.live() {
				j.dropLease()
				return nil
			}
			wait = max(until(l.Until), time.Millisecond)
			if l.Keeper == os.Getpid() && l.KeeperStart == stat.start {
				return nil
			}
			l.Keeper, l.KeeperStart = os.Getpid(), stat.start
			return j.putLease(l)
		}); err != nil || wait == 0 {
			return err
		}
		time.Sleep(wait)
	}
}
