package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/client"
	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// room is a network namespace held by one thread: it is gone with the thread, also after kill -9.
type room struct {
	t   *testing.T
	ask chan func()
	fd  int
}

func newRoom(t *testing.T) *room {
	t.Helper()
	r := &room{t: t, ask: make(chan func())}
	ready := make(chan error)
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread and its namespace end together
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			r.fd, err = unix.Open(fmt.Sprintf("/proc/self/task/%d/ns/net", unix.Gettid()), unix.O_RDONLY|unix.O_CLOEXEC, 0)
		}
		ready <- err
		for do := range r.ask {
			do()
		}
	}()
	if err := <-ready; err != nil {
		t.Fatalf("make a network namespace: %v", err)
	}
	t.Cleanup(func() { close(r.ask); <-done; _ = unix.Close(r.fd) })
	return r
}

// in runs do in the room: sockets and processes that it makes belong there.
func (r *room) in(do func() error) {
	r.t.Helper()
	result := make(chan error)
	r.ask <- func() { result <- do() }
	if err := <-result; err != nil {
		r.t.Fatal(err)
	}
}

const (
	hostAddress = "198.51.100.1" // where the agent runs
	peerAddress = "198.51.100.2"
	hostIn6     = "2001:db8::1"
	peerIn6     = "2001:db8::2"
)

// lab is two hosts with a wire between them, an agent on one and its client.
type lab struct {
	host, peer *room
	agent      *exec.Cmd
	*client.Client
	state string
}

var built struct {
	sync.Once
	path string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.path != "" {
		_ = os.RemoveAll(filepath.Dir(built.path))
	}
	os.Exit(code)
}

func build(t *testing.T) string {
	t.Helper()
	built.Do(func() {
		folder, err := os.MkdirTemp("", "agent")
		if err != nil {
			built.err = err
			return
		}
		built.path = filepath.Join(folder, "agent")
		command := exec.Command("go", "build", "-o", built.path, ".")
		command.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := command.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

// stateFolder is a folder for a journal in memory.
func stateFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("/dev/shm", "crossdc-agent-test-")
	if err != nil {
		t.Skipf("no memory-backed storage: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return filepath.Join(folder, "state")
}

func newLab(t *testing.T) *lab {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: it makes network namespaces and programs the kernel")
	}
	l := &lab{host: newRoom(t), peer: newRoom(t), state: stateFolder(t)}
	l.host.in(func() error {
		attributes := netlink.NewLinkAttrs()
		attributes.Name = "wire"
		return netlink.LinkAdd(&netlink.Veth{LinkAttrs: attributes, PeerName: "wire", PeerNamespace: netlink.NsFd(l.peer.fd)})
	})
	l.host.in(func() error { return dress("wire", hostAddress+"/24", hostIn6+"/64") })
	l.peer.in(func() error { return dress("wire", peerAddress+"/24", peerIn6+"/64") })
	l.connect(t)
	return l
}

func dress(name string, addresses ...string) error {
	for _, n := range []string{"lo", name} {
		link, err := netlink.LinkByName(n)
		if err != nil {
			return err
		}
		if n == name {
			for _, a := range addresses {
				address, err := netlink.ParseAddr(a)
				if err != nil {
					return err
				}
				address.Flags = unix.IFA_F_NODAD
				if err := netlink.AddrAdd(link, address); err != nil {
					return err
				}
			}
		}
		if err := netlink.LinkSetUp(link); err != nil {
			return err
		}
	}
	return nil
}

type pipes struct {
	io.WriteCloser
	io.Reader
	closeReader func() error
}

func (p pipes) Close() error { return errors.Join(p.WriteCloser.Close(), p.closeReader()) }

// connect starts a new agent on the host.
func (l *lab) connect(t *testing.T) {
	t.Helper()
	path := build(t)
	command := exec.Command(path, "-state", l.state)
	command.Env = []string{}
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	// Our own pipe: exec's would be closed by Wait under the reader.
	out, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stdout = theirs
	l.host.in(command.Start)
	_ = theirs.Close()
	c := client.New(pipes{in, out, out.Close})
	l.agent, l.Client = command, c
	waited := make(chan struct{})
	go func() { _ = command.Wait(); close(waited) }()
	t.Cleanup(func() {
		_ = c.Close()
		_ = command.Process.Signal(syscall.SIGCONT)
		select {
		case <-waited:
		case <-time.After(10 * time.Second):
			t.Error("the agent does not end with its input")
			_ = command.Process.Kill()
		}
	})
	if _, err := l.Hello(t.Context(), protocol.Hello{Holder: "a test", Management: []protocol.Endpoint{{Address: "192.0.2.1", Port: 22}}}); err != nil {
		t.Fatal(err)
	}
}

func (l *lab) arm(t *testing.T, f protocol.Fault) protocol.Armed {
	t.Helper()
	armed, err := l.Arm(t.Context(), protocol.Arm{Fault: f, Wait: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return armed
}

func (l *lab) fire(t *testing.T, f protocol.Fault) (string, protocol.Fired) {
	t.Helper()
	armed := l.arm(t, f)
	fired, err := l.Fire(t.Context(), armed.ID)
	if err != nil {
		t.Fatal(err)
	}
	return armed.ID, fired
}

func (l *lab) report(t *testing.T, id string) protocol.Report {
	t.Helper()
	report, err := l.Report(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// healed heals and expects that nothing is left.
func (l *lab) healed(t *testing.T, id string) protocol.Healed {
	t.Helper()
	healed, err := l.Heal(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if len(healed.Ours) > 0 {
		t.Errorf("healing left %v", healed.Ours)
	}
	return healed
}

// listen makes a UDP socket in the room.
func (r *room) listen(address string) *net.UDPConn {
	r.t.Helper()
	var conn *net.UDPConn
	r.in(func() (err error) {
		conn, err = net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(strings.Split(address, "|")[0])})
		return err
	})
	r.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// arrive sends n packets one by one and counts those that arrive.
func arrive(t *testing.T, from, to *net.UDPConn, n int) int {
	t.Helper()
	var got int
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 100)
		for {
			n, _, err := to.ReadFrom(buffer)
			if err != nil || n == 4 { // the last word, below
				return
			}
			got++
		}
	}()
	for i := range n {
		_, err := from.WriteTo([]byte("a packet"), to.LocalAddr())
		if err != nil && !errors.Is(err, unix.EPERM) { // what the sender's own kernel drops
			t.Fatal(err)
		}
		if i%64 == 63 {
			time.Sleep(time.Millisecond) // no more than the receiver's buffer holds
		}
	}
	_ = to.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	<-done
	_ = to.SetReadDeadline(time.Time{})
	return got
}

// sawEnd sends a packet each millisecond until one arrives. Packets carry the boot clock when they were sent: the last one
// that was lost met the cut at before or later, the first one that arrived came through it at after or earlier. That holds however
// busy the machine is.
func sawEnd(t *testing.T, from, to *net.UDPConn, limit time.Duration) (before, after int64) {
	t.Helper()
	arrived := make(chan int64, 1)
	go func() {
		defer close(arrived)
		_ = to.SetReadDeadline(time.Now().Add(limit))
		buffer := make([]byte, 8)
		if _, _, err := to.ReadFrom(buffer); err == nil {
			after = bootNow()
			arrived <- int64(binary.BigEndian.Uint64(buffer))
		}
	}()
	var sent []int64
	for {
		select {
		case first, any := <-arrived:
			if !any {
				t.Fatalf("nothing arrived within %v", limit)
			}
			if i := slices.Index(sent, first); i > 0 {
				before = sent[i-1]
			}
			return before, after
		default:
		}
		sent = append(sent, bootNow())
		_, err := from.WriteTo(binary.BigEndian.AppendUint64(nil, uint64(sent[len(sent)-1])), to.LocalAddr())
		if err != nil && !errors.Is(err, unix.EPERM) {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
}

// sleeper is a process to hang or to kill.
func sleeper(t *testing.T) (protocol.Process, <-chan struct{}) {
	t.Helper()
	command := exec.Command("sleep", "300")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = command.Wait(); close(ended) }()
	t.Cleanup(func() { _ = command.Process.Kill(); <-ended })
	pid := command.Process.Pid
	executable, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		t.Fatal(err)
	}
	stat, err := readStat(pid)
	if err != nil {
		t.Fatal(err)
	}
	return protocol.Process{PID: pid, Executable: executable, UID: uint32(os.Getuid()), StartTicks: stat.start}, ended
}

// sameEnd expects that something ended at the deadline: as seen between two stamps, it must not be over before deadline -
// early, nor last beyond deadline + late.
func sameEnd(t *testing.T, what string, deadline, before, after int64, early, late time.Duration) {
	t.Helper()
	t.Logf("%s: over between %v and %v after its deadline", what, time.Duration(before-deadline), time.Duration(after-deadline))
	if after < deadline-int64(early) {
		t.Errorf("%s was over %v before its deadline", what, time.Duration(deadline-after))
	}
	if before > deadline+int64(late) {
		t.Errorf("%s lasted %v beyond its deadline", what, time.Duration(before-deadline))
	}
}

// refused expects an error of that class that names something.
func refused(t *testing.T, err error, code protocol.Code, names string) {
	t.Helper()
	var e *protocol.Error
	if !errors.As(err, &e) || e.Code != code || !strings.Contains(e.Text, names) {
		t.Errorf("want %s naming %q, got: %v", code, names, err)
	}
}

// killKeeper kills the keeper of the fault: the one process whose last argument is its id, which is unique.
func killKeeper(id string) error {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return err
	}
	for _, e := range entries {
		line, err := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		if err != nil || !strings.HasSuffix(string(line), "\x00keep\x00"+id+"\x00") {
			continue
		}
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			return err
		}
		if err := unix.Kill(pid, unix.SIGKILL); err != nil {
			return err
		}
		// Its first thread may be gone before its sockets are: only when the agent has taken its end in is all of it over.
		return wait(5*time.Second, func() bool { _, err := readStat(pid); return err != nil })
	}
	return fmt.Errorf("no keeper of %s", id)
}

// noChains is true where the host's chains were listed and there are none.
func noChains() bool {
	lines, err := chains()
	return err == nil && len(lines) == 0
}
