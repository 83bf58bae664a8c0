package fleet

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/fault"
)

// pair is what faults act on: the kernels and processes of the lab's hosts, with a management API that says what a probe says.
type pair struct {
	dcs  [2]*side
	link *Link
}

func (p *pair) DataCenters() (dc1, dc2 fault.DataCenter) { return p.dcs[0], p.dcs[1] }
func (p *pair) Link() fault.Link                         { return p.link }

type side struct {
	name      string
	processes *struck
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
	lasts time.Duration
}

func (s *struck) Lasting(d time.Duration) fault.Processes { return &struck{s.Processes, d} }
func (s *struck) Cannot(deeds ...fault.Deed) string       { return s.Processes.Cannot("kill", true) }
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

// Each fault lives its whole life over SSH and the kernel: journal, arm, fire, bite by probes and counters, heal, nothing left.
func TestFaultsLiveOnHosts(t *testing.T) {
	if !alone(t) {
		return
	}
	l := newLab(t)
	both := l.fleets(t, "this test")
	env := &pair{link: NewLink(both[0], both[1], port, 1, "this test")}
	for i, direction := range []string{fault.ToDC1, fault.ToDC2} {
		env.dcs[i] = &side{name: l.files[i].Name, processes: &struck{Processes: NewProcesses(both[i], "this test")}, link: env.link, direction: direction}
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
		fault.Hang("dc2", 0), fault.Crash("dc1"),
	} {
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
	if ok, why := fault.Flap(time.Second, time.Second).Available(env); ok || why == "" {
		t.Errorf("a link that flaps: %t, %q", ok, why)
	}
	_ = os.Remove(journal.Path())
}
