package fleet

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/crossdc/failover/support/environment/hostsfile"
	"github.com/crossdc/failover/support/environment/ssh"
	"github.com/crossdc/failover/support/environment/ssh/sshtest"
	"github.com/crossdc/failover/support/fault"
)

const (
	port = 25091 // P
	// apart is set in the process that has a network of its own; helper in those that play the product.
	apart  = "FLEET_TEST_APART"
	helper = "FLEET_TEST_LISTEN"
	dying  = "FLEET_TEST_DIE"
)

func TestMain(m *testing.M) {
	if address := os.Getenv(helper); address != "" {
		listen(address)
		return
	}
	if file := os.Getenv(dying); file != "" {
		if err := injectAndStay(file); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	if built.folder != "" {
		_ = os.RemoveAll(built.folder)
	}
	os.Exit(code)
}

// listen is the product: it answers on P and P+1 until it is killed.
func listen(address string) {
	ended := make(chan error)
	for _, p := range []int{port, port + 1} {
		go func() {
			ended <- http.ListenAndServe(fmt.Sprintf("%s:%d", address, p), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
		}()
	}
	fmt.Fprintln(os.Stderr, <-ended)
	os.Exit(1)
}

// alone runs the test in a process with a network of its own, in which it makes two hosts. It returns true in that process.
func alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(apart) == t.Name() {
		return true
	}
	if testing.Short() {
		t.Skip("builds the agent and starts two sshd")
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root: it makes network namespaces and programs the kernel")
	}
	for _, tool := range []string{"unshare", "nsenter", "ip"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("there is no %s here (util-linux, iproute2)", tool)
		}
	}
	command := exec.Command("unshare", "--net", os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v", "-test.timeout", "3m")
	command.Env = append(os.Environ(), apart+"="+t.Name())
	out, err := command.CombinedOutput()
	switch {
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	case strings.Contains(string(out), "--- SKIP"):
		t.Skipf("%s", out)
	}
	t.Logf("%s", out)
	return false
}

// lab is two hosts, each a network namespace with an sshd and the product, a network between them and one to us.
type lab struct {
	files  [2]*hostsfile.File
	enter  [2][]string
	folder [2]string
	agent  string
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{agent: t.TempDir()}
	run := func(argv ...string) {
		t.Helper()
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v %s", argv, err, out)
		}
	}
	var pids [2]string
	for i := range 2 {
		holder := exec.Command("unshare", "--net", "sleep", "infinity")
		holder.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := holder.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = holder.Process.Kill(); _ = holder.Wait() })
		pids[i] = strconv.Itoa(holder.Process.Pid)
		l.enter[i] = []string{"nsenter", "--target", pids[i], "--net", "--"}
		own, _ := os.Readlink("/proc/self/ns/net")
		for ours := own; ours == own; time.Sleep(time.Millisecond) { // until it has left ours
			ours, _ = os.Readlink("/proc/" + pids[i] + "/ns/net")
			if ours != own {
				break
			}
		}
	}
	run("ip", "link", "set", "lo", "up")
	run("ip", "link", "add", "app", "netns", pids[0], "type", "veth", "peer", "name", "app", "netns", pids[1])
	for i := range 2 {
		in := func(argv ...string) { t.Helper(); run(append(slices.Clone(l.enter[i]), argv...)...) }
		n := strconv.Itoa(i + 1)
		run("ip", "link", "add", "m"+n, "type", "veth", "peer", "name", "mgmt", "netns", pids[i])
		run("ip", "address", "add", "10.9."+n+".1/24", "dev", "m"+n)
		run("ip", "link", "set", "m"+n, "up")
		in("ip", "address", "add", "10.9."+n+".2/24", "dev", "mgmt")
		in("ip", "address", "add", "10."+n+".0.1/24", "dev", "app")
		for _, device := range []string{"lo", "mgmt", "app"} {
			in("ip", "link", "set", device, "up")
		}
		in("ip", "route", "add", "10."+strconv.Itoa(2-i)+".0.0/24", "dev", "app")
		server := sshtest.OpenSSHAt(t, "10.9."+n+".2:22", l.enter[i]...)
		l.install(t, i)
		l.files[i] = &hostsfile.File{Name: "dc" + n, Hosts: []hostsfile.Host{{
			Login:     hostsfile.Login{Address: server.Address, User: server.User, Keys: []string{server.Key}, KnownHosts: server.KnownHosts},
			Privilege: hostsfile.NoPrivilege, ReplicaFolder: filepath.Join(l.folder[i], "replicas"), InstallFolder: l.folder[i], ApplicationNetwork: "10." + n + ".0.0/24",
			Service: &hostsfile.Service{Stop: []string{l.folder[i] + "/stop"}, Start: []string{l.folder[i] + "/start"}, Status: []string{l.folder[i] + "/status"}, Stopped: []int{3}},
		}}}
	}
	return l
}

// install puts the product on a host, with commands that start and stop it, and starts it.
func (l *lab) install(t *testing.T, i int) {
	t.Helper()
	folder := t.TempDir()
	l.folder[i] = folder
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"product": string(self),
		"start":   fmt.Sprintf("#!/bin/sh\n%s=10.%d.0.1 setsid %s/product </dev/null >/dev/null 2>&1 &\n", helper, i+1, folder),
		"stop":    fmt.Sprintf("#!/bin/sh\nfor p in /proc/[0-9]*; do [ \"$(readlink $p/exe)\" = %s/product ] && kill -9 ${p#/proc/}; done; true\n", folder),
		"status":  fmt.Sprintf("#!/bin/sh\nfor p in /proc/[0-9]*; do [ \"$(readlink $p/exe)\" = %s/product ] && exit 0; done; exit 3\n", folder),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	l.command(t, i, "start")
	t.Cleanup(func() { l.command(t, i, "stop") })
}

func (l *lab) command(t *testing.T, i int, name string) {
	t.Helper()
	if out, err := exec.Command(l.enter[i][0], append(slices.Clone(l.enter[i][1:]), filepath.Join(l.folder[i], name))...).CombinedOutput(); err != nil {
		t.Errorf("%s: %v %s", name, err, out)
	}
}

// patient limits are for a busy machine.
func patient() ssh.Limits {
	return ssh.Limits{Dial: 10 * time.Second, Handshake: 30 * time.Second, Request: 30 * time.Second, KeepAlive: 5 * time.Second}
}

func (l *lab) fleets(t *testing.T, holder string) [2]*Fleet {
	t.Helper()
	var both [2]*Fleet
	for i, file := range l.files {
		both[i] = New(file.Name, file, Options{
			Holder: holder, Limits: patient(),
			Programs: func(ctx context.Context, architecture string) (string, error) {
				built := filepath.Join(l.agent, "agent-"+architecture)
				if _, err := os.Stat(built); err == nil {
					return built, nil
				}
				return ssh.Build(ctx, l.agent, "github.com/crossdc/failover/support/fault/agent", architecture)
			},
		})
	}
	for i := range both { // one after the other, so that the agent is built once
		if err := both[i].Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := both[i].Close(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
	return both
}

// connects opens a connection from the other host.
func (l *lab) connects(i, at int) ([]byte, error) {
	ask := fmt.Sprintf("exec 3<>/dev/tcp/10.%d.0.1/%d", i+1, at)
	return exec.Command(l.enter[1-i][0], append(slices.Clone(l.enter[1-i][1:]), "timeout", "5", "bash", "-c", ask)...).CombinedOutput()
}

// tables lists the nftables of a host.
func (l *lab) tables(t *testing.T, i int) string {
	t.Helper()
	out, err := exec.Command(l.enter[i][0], append(slices.Clone(l.enter[i][1:]), "nft", "list", "tables")...).CombinedOutput()
	if err != nil {
		t.Logf("nft: %v %s", err, out)
		return ""
	}
	return string(out)
}

// probe asks until the answer is the wanted one, for at most some seconds.
func probe(t *testing.T, link *Link, direction string, at int, want error) {
	t.Helper()
	var err error
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		err = link.Probe(ctx, direction, at)
		cancel()
		if want == nil && err == nil || want != nil && errors.Is(err, want) {
			return
		}
	}
	t.Fatalf("probe %s at P+%d: %v, want %v", direction, at, err, want)
}

// A partition through the kernels of both hosts: both modes, one way, ports, counted, healed, forgotten, and found by another run.
func TestTheLinkIsCut(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a quarter of a minute, over several logins: make test-long runs it")
	}
	if !alone(t) {
		return
	}
	l := newLab(t)
	both := l.fleets(t, "this test")
	link := NewLink(both[0], both[1], port, 1, "this test")
	for _, direction := range fault.Directions() {
		probe(t, link, direction, 0, nil)
		probe(t, link, direction, 1, nil)
	}
	rule := fault.LinkRule{Ports: fault.AllPorts, Mode: fault.Refuse, Lifetime: time.Minute}
	var rules []fault.LinkRule
	for _, rule.Direction = range fault.Directions() {
		rules = append(rules, rule)
	}
	armed, err := link.Arm(t.Context(), rules)
	if err != nil {
		t.Fatal(err)
	}
	probe(t, link, fault.ToDC1, 0, nil) // armed is not in force
	if err := armed.Fire(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, direction := range fault.Directions() {
		probe(t, link, direction, 0, syscall.ECONNREFUSED)
		probe(t, link, direction, 1, syscall.ECONNREFUSED)
		felt, err := link.Felt(t.Context(), direction)
		if err != nil {
			t.Error(err)
		}
		t.Log(felt)
	}
	now, err := link.Rules(t.Context())
	if err != nil || len(now) != 2 || now[0].Mode != fault.Refuse || now[0].Lifetime <= 0 || now[0].Lifetime > time.Minute {
		t.Fatalf("%+v, %v", now, err)
	}
	// Another run sees what is in force, and may end it once it claims it.
	other := l.fleets(t, "another run")
	theirs := NewLink(other[0], other[1], port, 1, "another run")
	if now, err := theirs.Rules(t.Context()); err != nil || len(now) != 2 {
		t.Fatalf("%+v, %v", now, err)
	}
	if err := theirs.Apply(t.Context(), rules[0]); err == nil || !strings.Contains(err.Error(), "this test") {
		t.Errorf("two runs at once: %v", err)
	}
	theirs.Claim(link.Holder())
	if err := theirs.Clear(t.Context(), fault.ToDC2); err != nil {
		t.Fatal(err)
	}
	probe(t, link, fault.ToDC2, 0, nil)
	probe(t, link, fault.ToDC1, 0, syscall.ECONNREFUSED)
	for _, direction := range fault.Directions() {
		if err := link.Clear(t.Context(), direction); err != nil {
			t.Fatal(err)
		}
		probe(t, link, direction, 0, nil)
	}
	ended, err := link.Ended(t.Context())
	if err != nil || len(ended) != 2 || ended[0].Lasted <= 0 {
		t.Errorf("%+v, %v", ended, err)
	}
	for _, f := range both { // an agent that runs has removed its own file: whatever becomes of us, it is not left
		if _, err := os.Stat(f.members[0].now().placed.Program); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the agent's file is there: %v", err)
		}
	}
	// Connections are accepted, and then fall silent or are reset.
	for mode, effect := range map[fault.Mode]error{fault.HangUp: os.ErrDeadlineExceeded, fault.Reset: syscall.ECONNRESET} {
		if err := link.Apply(t.Context(), fault.LinkRule{Direction: fault.ToDC2, Ports: fault.HeartbeatPort, Mode: mode, Lifetime: time.Minute}); err != nil {
			t.Fatal(err)
		}
		probe(t, link, fault.ToDC2, 0, effect)
		probe(t, link, fault.ToDC2, 1, nil)
		if out, err := l.connects(1, port); err != nil && mode == fault.HangUp { // a reset may come before the connection is seen
			t.Errorf("%s: no connection is accepted: %v %s", mode, err, out)
		}
		if err := link.Clear(t.Context(), fault.ToDC2); err != nil {
			t.Fatal(err)
		}
		probe(t, link, fault.ToDC2, 0, nil)
	}
	// Slower, measured where it is asked.
	const slow = 100 * time.Millisecond
	if err := link.Apply(t.Context(), fault.LinkRule{Direction: fault.ToDC1, Ports: fault.AllPorts, Mode: fault.Delay, Delay: slow, Lifetime: time.Minute}); err != nil {
		t.Fatal(err)
	}
	if took, err := link.ProbeTook(t.Context(), fault.ToDC1, 0); err != nil || took < 2*slow {
		t.Errorf("answered in %v, %v", took, err)
	}
	if felt, err := link.Felt(t.Context(), fault.ToDC1); err != nil {
		t.Errorf("%s, %v", felt, err)
	}
	if err := link.Clear(t.Context(), fault.ToDC1); err != nil {
		t.Fatal(err)
	}
	// One way, the snapshot ports alone, and it ends by itself.
	short := fault.LinkRule{Direction: fault.ToDC2, Ports: fault.SnapshotPorts, Mode: fault.Blackhole, Lifetime: 3 * time.Second}
	if err := link.Apply(t.Context(), short); err != nil {
		t.Fatal(err)
	}
	probe(t, link, fault.ToDC2, 0, nil)
	probe(t, link, fault.ToDC1, 1, nil)
	probe(t, link, fault.ToDC2, 1, os.ErrDeadlineExceeded)
	probe(t, link, fault.ToDC2, 1, nil)
	if err := link.Clear(t.Context(), fault.ToDC2); err != nil {
		t.Fatal(err)
	}
	ended, err = link.Ended(t.Context())
	if last := len(ended) - 1; err != nil || last != 5 || !ended[last].Expired || ended[last].Lasted < 2900*time.Millisecond {
		t.Errorf("%+v, %v", ended, err)
	}
	for i := range 2 {
		if left := l.tables(t, i); strings.Contains(left, "crossdc") {
			t.Errorf("left on host %d: %s", i, left)
		}
	}
}

// The folder of the replicas is missing for a while, and is back whoever is alive.
func TestStorageIsHidden(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a quarter of a minute, over several logins: make test-long runs it")
	}
	if !alone(t) {
		return
	}
	l := newLab(t)
	storage := NewStorage(l.fleets(t, "this test")[0], "this test")
	folder := l.files[0].Hosts[0].ReplicaFolder
	if there, err := storage.There(t.Context()); err != nil || there {
		t.Fatalf("%t, %v", there, err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	seen := func(want bool) {
		t.Helper()
		if there, err := storage.There(t.Context()); err != nil || there != want {
			t.Fatalf("there: %t, want %t, %v", there, want, err)
		}
	}
	seen(true)
	if err := storage.Hide(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	seen(false)
	if err := storage.Show(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen(true)
	if err := storage.Hide(t.Context(), 2*time.Second); err != nil {
		t.Fatal(err)
	}
	seen(false)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if there, err := storage.There(t.Context()); err == nil && there {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the folder did not come back at its deadline")
		}
	}
	if err := storage.Show(t.Context()); err != nil { // of what ended by itself
		t.Fatal(err)
	}
	seen(true)
}

// The product's processes are listed, hang, are killed and come back.
func TestProcessesAreStruck(t *testing.T) {
	if !alone(t) {
		return
	}
	l := newLab(t)
	both := l.fleets(t, "this test")
	link := NewLink(both[0], both[1], port, 1, "this test")
	processes := NewProcesses(both[1], "this test")
	probe(t, link, fault.ToDC2, 0, nil)
	pids, err := processes.List(t.Context())
	if err != nil || len(pids) != 1 {
		t.Fatalf("%v, %v", pids, err)
	}
	if err := processes.Suspend(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	probe(t, link, fault.ToDC2, 0, os.ErrDeadlineExceeded)
	if err := processes.Heal(t.Context()); err != nil {
		t.Fatal(err)
	}
	probe(t, link, fault.ToDC2, 0, nil)
	if err := processes.Arm(t.Context(), fault.Killing, time.Minute); err != nil {
		t.Fatal(err)
	}
	probe(t, link, fault.ToDC2, 0, nil) // armed is not done
	if err := processes.Crash(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if pids, err := processes.List(t.Context()); err != nil || len(pids) != 0 {
		t.Fatalf("%v, %v", pids, err)
	}
	probe(t, link, fault.ToDC2, 0, syscall.ECONNREFUSED)
	if err := processes.Heal(t.Context()); err != nil { // what stopped the service starts it
		t.Fatal(err)
	}
	probe(t, link, fault.ToDC2, 0, nil)
	if pids, err = processes.List(t.Context()); err != nil || len(pids) != 1 {
		t.Fatalf("%v, %v", pids, err)
	}
	if err := processes.KillOne(t.Context(), pids[0], ""); err != nil {
		t.Fatal(err)
	}
	if err := processes.KillOne(t.Context(), os.Getpid(), ""); err == nil {
		t.Error("a process that is not of the product was killed, and the test goes on?")
	}
	probe(t, link, fault.ToDC2, 0, syscall.ECONNREFUSED)
	if err := processes.StartServices(t.Context()); err != nil {
		t.Fatal(err)
	}
	probe(t, link, fault.ToDC2, 0, nil)
}
