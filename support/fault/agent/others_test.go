package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

func TestKillMeansOnlyTheProcessThatWasNamed(t *testing.T) {
	l := newLab(t)
	p, ended := sleeper(t)
	for name, wrong := range map[string]protocol.Process{
		"executable": {PID: p.PID, Executable: "/bin/true", UID: p.UID, StartTicks: p.StartTicks},
		"uid":        {PID: p.PID, Executable: p.Executable, UID: 65533, StartTicks: p.StartTicks},
		"start":      {PID: p.PID, Executable: p.Executable, UID: p.UID, StartTicks: p.StartTicks - 1},
	} {
		_, err := l.Arm(t.Context(), protocol.Arm{DryRun: true, Fault: protocol.Fault{For: time.Second, Kill: &protocol.Kill{Processes: []protocol.Process{wrong}}}})
		if err == nil {
			t.Errorf("another %s should refuse it", name)
		}
		refused(t, err, protocol.CodeForbidden, "pid")
	}
	id, _ := l.fire(t, protocol.Fault{For: time.Minute, Kill: &protocol.Kill{Processes: []protocol.Process{p}}})
	<-ended
	if report := l.report(t, id); !report.Bites {
		t.Errorf("%+v", report)
	}
	l.healed(t, id)
}

func TestTheAgentDoesNotKillWhoCarriesIt(t *testing.T) {
	l := newLab(t)
	stat, err := readStat(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	us := protocol.Process{PID: os.Getpid(), Executable: executable, StartTicks: stat.start}
	_, err = l.Arm(t.Context(), protocol.Arm{DryRun: true, Fault: protocol.Fault{For: time.Second, Hang: &protocol.Hang{Processes: []protocol.Process{us}}}})
	refused(t, err, protocol.CodeForbidden, "carries")
}

// smallDisk is a tmpfs of 4 MiB.
func smallDisk(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := unix.Mount("crossdc-test", folder, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("mount a tmpfs: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(folder, unix.MNT_DETACH) })
	return folder
}

func TestAFullDiskIsFullAndEmptyAgain(t *testing.T) {
	l := newLab(t)
	folder := smallDisk(t)
	id, fired := l.fire(t, protocol.Fault{For: 500 * time.Millisecond, Fill: &protocol.Fill{Folder: folder, Limit: 8 << 20}})
	err := os.WriteFile(filepath.Join(folder, "replica"), make([]byte, 1<<20), 0o600)
	if bootNow() < fired.DeadlineNs && !errors.Is(err, unix.ENOSPC) {
		t.Errorf("want no space left: %v", err)
	}
	if report := l.report(t, id); report.Phase == protocol.PhaseActive && !report.Bites {
		t.Errorf("%+v", report)
	}
	_ = l.agent.Process.Kill() // its keeper empties it
	if err := wait(5*time.Second, func() bool {
		_, err := os.Stat(filepath.Join(folder, ".crossdc_"+id))
		return errors.Is(err, fs.ErrNotExist)
	}); err != nil {
		t.Fatal(err)
	}
	if early := time.Duration(fired.DeadlineNs - bootNow()); early > 0 {
		t.Errorf("the disk was emptied %v before the deadline", early)
	}
	// The name goes first: the space is free once whoever filled it, or emptied it, has let go of the file as well.
	if err := wait(5*time.Second, func() bool {
		err = os.WriteFile(filepath.Join(folder, "replica"), make([]byte, 1<<20), 0o600)
		return err == nil
	}); err != nil {
		t.Fatalf("the disk stays full: %v", err)
	}
	if late := time.Duration(bootNow() - fired.DeadlineNs); late > 2*time.Second+500*time.Millisecond {
		t.Errorf("the disk was emptied %v after the deadline", late)
	}
}

func TestADiskThatOthersNeedIsNotFilled(t *testing.T) {
	l := newLab(t)
	folder := smallDisk(t)
	dry := func(f protocol.Fill) error {
		_, err := l.Arm(t.Context(), protocol.Arm{DryRun: true, Fault: protocol.Fault{For: time.Second, Fill: &f}})
		return err
	}
	refused(t, dry(protocol.Fill{Folder: "/", Limit: 1 << 50}), protocol.CodeForbidden, "fill / as well")
	refused(t, dry(protocol.Fill{Folder: folder, LogRoots: []string{folder}, Limit: 1 << 50}), protocol.CodeForbidden, folder)
	refused(t, dry(protocol.Fill{Folder: folder, Limit: 1000}), protocol.CodeUnavailable, "limitBytes is 1000")
	if err := dry(protocol.Fill{Folder: folder, Limit: 8 << 20}); err != nil {
		t.Error(err)
	}
}

func TestAFolderIsReadOnlyUntilItIsHealed(t *testing.T) {
	l := newLab(t)
	// The kernel's list of mounts writes blanks, line ends and backslashes in another way.
	for _, name := range []string{"replicas", "replicas of dc1", "tab\tline\nback\\slash", "Köln 'east'"} {
		t.Run(name, func(t *testing.T) { readOnlyUntilHealed(t, l, filepath.Join(smallDisk(t), name)) })
	}
}

func readOnlyUntilHealed(t *testing.T, l *lab, folder string) {
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(folder, unix.MNT_DETACH) })
	write := func() error { return os.WriteFile(filepath.Join(folder, "replica"), []byte("x"), 0o600) }
	id, _ := l.fire(t, protocol.Fault{For: time.Minute, ReadOnly: &protocol.ReadOnly{Folder: folder}})
	if err := write(); !errors.Is(err, unix.EROFS) {
		t.Errorf("want a read-only file system: %v", err)
	}
	if report := l.report(t, id); !report.Bites || report.Phase != protocol.PhaseActive || len(report.Ours) != 1 || len(report.Foreign) != 0 {
		t.Errorf("%+v", report)
	}
	l.healed(t, id)
	if err := write(); err != nil {
		t.Error(err)
	}
}

func TestAServiceIsStoppedAndStartedByItsCommands(t *testing.T) {
	l := newLab(t)
	state := filepath.Join(t.TempDir(), "stopped")
	touch := protocol.Service{Do: []string{"/bin/touch", state}, Undo: []string{"/bin/rm", "-f", state}, Limit: 10 * time.Second}
	id, fired := l.fire(t, protocol.Fault{For: 500 * time.Millisecond, Service: &touch})
	if report := l.report(t, id); report.Phase == protocol.PhaseActive && !report.Bites {
		t.Errorf("%+v", report)
	}
	before := bootNow()
	if err := wait(10*time.Second, func() bool {
		now := bootNow()
		if _, err := os.Stat(state); errors.Is(err, fs.ErrNotExist) {
			return true
		}
		before = now
		return false
	}); err != nil {
		t.Fatal(err)
	}
	sameEnd(t, "the stop", fired.DeadlineNs, before, bootNow(), 0, 2*time.Second)

	broken := protocol.Service{Do: []string{"/bin/false"}, Undo: []string{"/bin/rm", "-f", state}, Limit: 10 * time.Second}
	armed := l.arm(t, protocol.Fault{For: time.Minute, Service: &broken})
	_, err := l.Fire(t.Context(), armed.ID)
	refused(t, err, protocol.CodeFailed, "/bin/false")
	if report := l.report(t, armed.ID); report.Phase != protocol.PhaseHealed {
		t.Errorf("what failed should be undone: %+v", report)
	}
}

func TestARateLimitsAndLeavesTheDefaultQueue(t *testing.T) {
	l := newLab(t)
	here, there := l.host.listen(hostAddress), l.peer.listen(peerAddress)
	if _, err := l.Hello(t.Context(), protocol.Hello{Holder: "a test", NoManagement: true}); err != nil {
		t.Fatal(err)
	}
	const perSecond = 100_000
	id, _ := l.fire(t, protocol.Fault{For: time.Minute, Rate: &protocol.Rate{Interface: "wire", BytesPerSecond: perSecond}})
	// Four times the burst; what is beyond the bucket's queue is dropped.
	packet := make([]byte, 1000)
	for range 4 * int(burst(perSecond)) / len(packet) {
		if _, err := here.WriteTo(packet, there.LocalAddr()); err != nil && !errors.Is(err, unix.ENOBUFS) {
			t.Fatal(err)
		}
	}
	if report := l.report(t, id); !report.Bites || len(report.Ours) != 2 {
		t.Errorf("packets should have waited, and one queue stand for the other: %+v", report)
	}
	l.healed(t, id)
	l.host.in(func() error {
		link, err := netlink.LinkByName("wire")
		if err != nil {
			return err
		}
		if root := notDefault(link); root != "" {
			t.Errorf("the queue is %s", root)
		}
		return netlink.QdiscAdd(&netlink.GenericQdisc{QdiscAttrs: netlink.QdiscAttrs{LinkIndex: link.Attrs().Index, Handle: 0x10000, Parent: netlink.HANDLE_ROOT}, QdiscType: "pfifo"})
	})
	_, err := l.Arm(t.Context(), protocol.Arm{DryRun: true, Fault: protocol.Fault{For: time.Second, Rate: &protocol.Rate{Interface: "wire", BytesPerSecond: perSecond}}})
	refused(t, err, protocol.CodeUnavailable, "pfifo")
}

func TestTheInterfaceOfTheManagementPathIsNotLimited(t *testing.T) {
	l := newLab(t)
	if _, err := l.Hello(t.Context(), protocol.Hello{Holder: "a test", Management: []protocol.Endpoint{{Address: peerAddress, Port: 22}}}); err != nil {
		t.Fatal(err)
	}
	_, err := l.Arm(t.Context(), protocol.Arm{DryRun: true, Fault: protocol.Fault{For: time.Second, Rate: &protocol.Rate{Interface: "wire", BytesPerSecond: 1000}}})
	refused(t, err, protocol.CodeForbidden, peerAddress)
}

func TestWithoutAKnownManagementPathTheAgentRefusesToTalk(t *testing.T) {
	l := newLab(t)
	_, err := l.Hello(t.Context(), protocol.Hello{Holder: "a test"})
	refused(t, err, protocol.CodeForbidden, "management path")
}

func TestCapabilitiesNameTheWayOrTheReason(t *testing.T) {
	l := newLab(t)
	welcome, err := l.Hello(t.Context(), protocol.Hello{Holder: "a test", NoManagement: true})
	if err != nil || len(welcome.Capabilities) != len(protocol.Kinds()) {
		t.Fatalf("%+v, %v", welcome, err)
	}
	for i, c := range welcome.Capabilities {
		t.Logf("%+v", c)
		if c.Fault != protocol.Kinds()[i] || (c.Way == "") != (c.Reason != "") || (c.Reason != "") != (c.Remedy != "") {
			t.Errorf("%+v: want a way, or a reason and a remedy", c)
		}
	}
}

// Where the journal's storage is full nothing is armed, and nothing is left.
func TestWithoutRoomForTheJournalNothingIsArmed(t *testing.T) {
	l := newLab(t)
	disk := smallDisk(t)
	_ = l.Close()
	l.state = filepath.Join(disk, "state")
	l.connect(t)
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, make([]byte, 8<<20), 0o600); !errors.Is(err, unix.ENOSPC) {
		t.Fatalf("the disk should be full: %v", err)
	}
	_, err := l.Arm(t.Context(), protocol.Arm{Fault: protocol.Fault{For: time.Minute, Cut: &protocol.Cut{Traffic: protocol.Traffic{Peers: []string{peerAddress}}}}, Wait: time.Minute})
	refused(t, err, protocol.CodeFailed, "no space left")
	_, err = l.Lease(t.Context(), time.Minute)
	refused(t, err, protocol.CodeFailed, "no space left")
	l.host.in(func() error {
		if rules, err := chains(); err != nil || len(rules) > 0 {
			t.Errorf("%q is there (%v)", rules, err)
		}
		return nil
	})
	if entries, err := os.ReadDir(l.state); len(entries) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left: %v, %v", entries, err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if id := l.arm(t, protocol.Fault{For: time.Minute, Cut: &protocol.Cut{Traffic: protocol.Traffic{Peers: []string{peerAddress}}}}).ID; id != "" {
		l.healed(t, id)
	}
}
