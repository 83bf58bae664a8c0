package fleet

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/crossdc/failover/support/environment/hostsfile"
	"github.com/crossdc/failover/support/fault"
)

// pair is what faults act on: the kernels and processes of the lab's hosts, with a management API that says what a probe says.
type pair struct {
	dcs  [2]*side
	link *Link
}

func (p *pair) DataCenters() (dc1, dc2 fault.DataCenter) { return p.dcs[0], p.dcs[1] }
func (p *pair) Link() fault.Link                         { return p.link }

func pairOf(both [2]*Fleet, holder string) *pair {
	env := &pair{link: NewLink(both[0], both[1], port, 1, holder)}
	for i, direction := range []string{fault.ToDC1, fault.ToDC2} {
		env.dcs[i] = &side{name: both[i].name, processes: &struck{Processes: NewProcesses(both[i], holder)}, link: env.link, direction: direction}
	}
	return env
}

type side struct {
	name      string
	processes *struck
	storage   fault.Storage
	link      *Link
	direction string // of the requests that it takes
}

func (s *side) Name() string                 { return s.name }
func (s *side) Processes() fault.Processes   { return s.processes }
func (s *side) Management() fault.Management { return &management{side: s} }

// management answers for as long as the product does. What no test of this package needs, it does not have.
type management struct {
	fault.Management
	side *side
}

func (m *management) Reachable(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return m.side.link.Probe(ctx, m.side.direction, 0)
}

func (m *management) JobRunning(ctx context.Context) (string, bool, error) {
	list, err := m.side.processes.List(ctx)
	return "1", len(list) > 0, err
}

func (m *management) PEs(context.Context) (map[string]int, error) { return map[string]int{"1": 1}, nil }

// struck makes fault.Processes of ours.
type struck struct {
	*Processes
	lasts       time.Duration
	application int // process
}

func (s *struck) Lasting(d time.Duration) fault.Processes {
	return &struck{s.Processes, d, s.application}
}
func (s *struck) SuspendApplication(ctx context.Context) error {
	return s.SuspendSome(ctx, []Numbered{{PID: s.application}}, s.lasts)
}
func (s *struck) CannotStopService() string { return s.Processes.Cannot("service", true) }
func (s *struck) StopService(ctx context.Context) error {
	return s.StopServices(ctx, s.lasts)
}
func (s *struck) ServiceStopped(ctx context.Context) (string, error) { return s.ServicesStopped(ctx) }
func (s *struck) Cannot(deeds ...fault.Deed) string                  { return s.Processes.Cannot("kill", true) }
func (s *struck) Arm(ctx context.Context, d fault.Deed) error {
	return s.Processes.Arm(ctx, d, s.lasts)
}
func (s *struck) Kill(ctx context.Context) error       { return s.Crash(ctx, s.lasts) }
func (s *struck) Suspend(ctx context.Context) error    { return s.Processes.Suspend(ctx, s.lasts) }
func (s *struck) Resume(ctx context.Context) error     { return s.Heal(ctx) }
func (s *struck) Start(ctx context.Context) error      { return s.StartServices(ctx) }
func (s *struck) KillPE(context.Context, string) error { return errors.ErrUnsupported }
func (s *struck) Restore(ctx context.Context) error {
	return errors.Join(s.Heal(ctx), s.StartServices(ctx))
}

// pe starts one more program from the folder of the product, and tells its process.
func (l *lab) pe(t *testing.T, i int) int {
	t.Helper()
	path, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(l.folder[i], "pe")
	if err := os.WriteFile(path, program, 0o755); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, "infinity")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	return command.Process.Pid
}

// folder makes fault.Storage of ours.
type folder struct {
	*Storage
	lasts time.Duration
}

func (f *folder) Lasting(d time.Duration) fault.Storage { return &folder{f.Storage, d} }
func (f *folder) Hide(ctx context.Context) error        { return f.Storage.Hide(ctx, f.lasts) }

func (s *side) Storage() fault.Storage { return s.storage }

// The folder of the replicas is missing, full and read-only, each in its turn, and as it was afterwards.
func TestStorageFaultsLiveOnHosts(t *testing.T) {
	if !alone(t) {
		return
	}
	l := newLab(t)
	both := l.fleets(t, "this test")
	env := pairOf(both, "this test")
	probe(t, env.link, fault.ToDC1, 0, nil)
	host := both[0].members[0]
	for _, argv := range [][]string{{"mkdir", "-p", host.host.ReplicaFolder}, {"mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", host.host.ReplicaFolder}} {
		if result, err := host.now().ssh.Run(t.Context(), argv, nil); err != nil || result.Exit != 0 {
			t.Fatalf("%q: %v %s", argv, err, result.Complaints)
		}
	}
	journal, err := fault.OpenJournal(filepath.Join(t.TempDir(), "journal"), "a test")
	if err != nil {
		t.Fatal(err)
	}
	defer journal.Close()
	env.dcs[0].storage = &folder{Storage: NewStorage(both[0], "this test")}
	for _, f := range []fault.Fault{fault.FillStorage("dc1"), fault.DenyStorage("dc1")} {
		in, err := f.Inject(t.Context(), env, journal)
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		t.Logf("%s, begun within %v: %s", f, in.T0.Latest.Sub(in.T0.Earliest), in.Bite)
		if err := in.Heal(t.Context()); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
	if out, err := host.now().ssh.Run(t.Context(), []string{"ls", "-A", host.host.ReplicaFolder}, nil); err != nil || len(out.Out) > 0 {
		t.Errorf("left in the folder: %s, %v", out.Out, err)
	}
}

// Each fault lives its whole life over SSH and the kernel: journal, arm, fire, bite by probes and counters, heal, nothing left.
func TestFaultsLiveOnHosts(t *testing.T) {
	if !alone(t) {
		return
	}
	l := newLab(t)
	both := l.fleets(t, "this test")
	env := pairOf(both, "this test")
	for _, direction := range fault.Directions() {
		probe(t, env.link, direction, 0, nil)
	}
	journal, err := fault.OpenJournal(filepath.Join(t.TempDir(), "journal"), "a test")
	if err != nil {
		t.Fatal(err)
	}
	defer journal.Close()
	for _, f := range []fault.Fault{
		fault.Partition(fault.Refuse), fault.Partition(fault.Blackhole), fault.Partition(fault.Reset), fault.OneWay("dc1", fault.Refuse), fault.Drop("dc2"),
		fault.Block(fault.HeartbeatPort, fault.HangUp), fault.Degrade(fault.Quality{Delay: 100 * time.Millisecond, Ports: fault.SnapshotPorts}),
		fault.Degrade(fault.Quality{BytesPerSecond: 1 << 20}), fault.Lose(fault.Loss{Share: 0.05, Handshake: time.Second, Retransmit: 200 * time.Millisecond}),
		fault.Flap(300*time.Millisecond, 700*time.Millisecond), fault.Reorder(0.2, 50*time.Millisecond), fault.Duplicate(0.5), fault.Corrupt(0.02),
		fault.Degrade(fault.Quality{BytesPerSecond: 1 << 20, Ports: fault.HeartbeatPort}),
		fault.HangApplication("dc1", 0), fault.StopService("dc1"), fault.Hang("dc2", 0), fault.Crash("dc1"),
	} {
		if f.Name == "hang-application" {
			env.dcs[0].processes.application = l.pe(t, 0)
		}
		if f.Name == "degrade" && f.Parameters.BytesPerSecond > 0 { // the default queue of this kernel may be one that an administrator chose
			if why := env.link.CannotApply(fault.LinkRule{Ports: fault.AllPorts, Mode: fault.Throttle, BytesPerSecond: 1 << 20}); why != "" {
				t.Logf("no narrow line here: %s", why)
				continue
			}
		}
		in, err := f.Inject(t.Context(), env, journal)
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		t.Logf("%s, begun within %v: %s", f, in.T0.Latest.Sub(in.T0.Earliest), in.Bite)
		if err := in.Heal(t.Context()); err != nil {
			t.Errorf("%s: %v", f, err)
		}
		if rules, err := env.link.Rules(t.Context()); err != nil || len(rules) > 0 {
			t.Errorf("%s left %+v, %v", f, rules, err)
		}
		for i := range 2 {
			if left := l.tables(t, i); strings.Contains(left, "crossdc") {
				t.Errorf("%s left on host %d: %s", f, i, left)
			}
		}
	}
	if open, err := fault.Recover(journal.Path()); err != nil || len(open.Open) > 0 {
		t.Errorf("%+v, %v", open, err)
	}
	if ok, why := fault.Flap(time.Millisecond, time.Second).Available(env); ok || why == "" {
		t.Errorf("a link that flaps too fast: %t, %q", ok, why)
	}
}

// will is what a process is told that injects a fault and dies.
type will struct {
	Files   [2]*hostsfile.File
	Agent   string
	Journal string
	Fault   string
}

// injectAndStay injects and waits to be killed.
func injectAndStay(file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var w will
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	var both [2]*Fleet
	for i, f := range w.Files {
		both[i] = New(f.Name, f, Options{Holder: "a run that dies", Limits: patient(), Programs: func(context.Context, string) (string, error) { return w.Agent, nil }})
	}
	for _, f := range both {
		if err := f.Open(context.Background()); err != nil {
			return err
		}
	}
	journal, err := fault.OpenJournal(w.Journal, "a test")
	if err != nil {
		return err
	}
	f, err := fault.Make(w.Fault, fault.Parameters{DC: "dc1", From: "dc1"})
	if err != nil {
		return err
	}
	if _, err := f.Inject(context.Background(), pairOf(both, "a run that dies"), journal); err != nil {
		return err
	}
	fmt.Println("injected")
	select {}
}

// A run is killed while its fault acts: the fault goes on until its deadline, and another process ends it before, by our journal and by what
// the hosts know.
func TestWhatADeadRunLeftIsHealed(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a quarter of a minute, over several logins: make test-long runs it")
	}
	if !alone(t) {
		return
	}
	l := newLab(t)
	both := l.fleets(t, "an heir")
	env := pairOf(both, "an heir")
	for _, direction := range fault.Directions() {
		probe(t, env.link, direction, 0, nil)
	}
	agents, err := filepath.Glob(filepath.Join(l.agent, "agent-*"))
	if err != nil || len(agents) != 1 {
		t.Fatalf("%q, %v", agents, err)
	}
	for _, name := range []string{"partition", "hang", "crash"} {
		w := will{Files: l.files, Agent: agents[0], Journal: filepath.Join(t.TempDir(), "journal"), Fault: name}
		raw, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "will")
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		// What an heir knows of the hosts is from when it reached them: it reaches them after the death.
		for _, f := range both {
			if err := f.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		run := exec.Command(os.Args[0])
		run.Env = append(os.Environ(), dying+"="+file)
		out, err := run.StdoutPipe()
		if err == nil {
			err = run.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		said, _ := bufio.NewReader(out).ReadString('\n')
		_ = run.Process.Kill()
		_ = run.Wait()
		if said != "injected\n" {
			t.Fatalf("%s: %s", name, said)
		}
		for _, f := range both {
			if err := f.Open(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		effect := error(syscall.ECONNREFUSED)
		if name == "hang" {
			effect = os.ErrDeadlineExceeded
		}
		probe(t, env.link, fault.ToDC1, 0, effect) // it goes on without whoever injected it
		journal, err := fault.OpenJournal(w.Journal, "a test")
		if err != nil {
			t.Fatal(err)
		}
		if err := fault.HealAll(t.Context(), env, journal, false, t.Logf); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if open, err := fault.Recover(w.Journal); err != nil || len(open.Open) > 0 {
			t.Errorf("%s: %+v, %v", name, open, err)
		}
		_ = journal.Close()
		probe(t, env.link, fault.ToDC1, 0, nil)
		for i := range 2 {
			if left := l.tables(t, i); strings.Contains(left, "crossdc") {
				t.Errorf("%s left on host %d: %s", name, i, left)
			}
		}
	}
}
