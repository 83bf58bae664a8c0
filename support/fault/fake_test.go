package fault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// dc1 and dc2 are the names of the fake data centers.
const dc1, dc2 = "dc1", "dc2"

// world is an environment made of fakes that can be told to misbehave. Everything that acts is noted in order.
type world struct {
	mu    sync.Mutex
	notes []string

	one, two *fakeDC
	link     *fakeLink // nil: none
}

func newWorld() *world {
	w := &world{}
	w.one = &fakeDC{world: w, name: dc1, pids: []int{11, 12, 13}, reachable: true, job: "1", pes: map[string]int{"3": 1, "12": 1}}
	w.two = &fakeDC{world: w, name: dc2, pids: []int{21, 22, 23}, reachable: true, job: "1", pes: map[string]int{"1": 1, "2": 1}}
	w.link = &fakeLink{world: w}
	return w
}

func (w *world) DataCenters() (DataCenter, DataCenter) { return w.one, w.two }

func (w *world) Link() Link {
	if w.link == nil {
		return nil
	}
	return w.link
}

// note records an act. The lock is held.
func (w *world) note(text string) { w.notes = append(w.notes, text) }

// acts returns and forgets what was done.
func (w *world) acts() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	notes := w.notes
	w.notes = nil
	return notes
}

// fakeDC is a data center in memory. stuck names the calls that have no effect, hung those that never return by
// themselves, deaf those that ignore even their context until free is closed.
type fakeDC struct {
	*world
	name       string
	remote     bool
	pids       []int
	stopped    bool
	suspended  bool // the application alone
	noFolder   bool
	unwritable bool
	stalled    string // a replica
	hangs      bool   // its storage
	spoiled    string // a replica
	dbStopped  bool
	dbHeld     bool
	offset     time.Duration // of its toolkit's clock
	reachable  bool
	job        string
	jobs       int
	pes        map[string]int

	fails             error // what asking for the instance fails with, whatever is done to it
	stuck, hung, deaf string
	free              chan struct{}
	onAct             func()
	turnedAway        map[string][]error // by call: what its next attempts fail with, without effect
	asked             []time.Time        // when an attempt was turned away
}

// turnAway is the next error of a call that is turned away, or nil.
func (d *fakeDC) turnAway(call string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	waiting := d.turnedAway[call]
	if len(waiting) == 0 {
		return nil
	}
	d.turnedAway[call], d.asked = waiting[1:], append(d.asked, time.Now())
	return waiting[0]
}

func (d *fakeDC) Name() string { return d.name }
func (d *fakeDC) Processes() Processes {
	if d.remote {
		return nil
	}
	return d
}
func (d *fakeDC) Management() Management { return d }
func (d *fakeDC) Storage() Storage {
	if d.remote {
		return nil
	}
	return fakeStorage{d}
}

func (d *fakeDC) TickClock() TickClock {
	if d.remote {
		return nil
	}
	return fakeClock{d}
}

// fakeClock is the clock of a fake data center's toolkit.
type fakeClock struct{ dc *fakeDC }

func (c fakeClock) Step(ctx context.Context, offset time.Duration) error {
	return c.dc.act(ctx, "step clock", func() { c.dc.offset = offset })
}

func (c fakeClock) Slew(ctx context.Context, offset time.Duration) error {
	return c.dc.act(ctx, "slew clock", func() { c.dc.offset = offset })
}

func (c fakeClock) Offset(context.Context) (time.Duration, error) {
	c.dc.mu.Lock()
	defer c.dc.mu.Unlock()
	return c.dc.offset, nil
}

// fakeStorage is the snapshot folder of a fake data center.
type fakeStorage struct{ dc *fakeDC }

func (s fakeStorage) Hide(ctx context.Context) error {
	return s.dc.act(ctx, "hide storage", func() { s.dc.noFolder = true })
}

func (s fakeStorage) Show(ctx context.Context) error {
	return s.dc.act(ctx, "show storage", func() { s.dc.noFolder = false })
}

func (s fakeStorage) Stall(ctx context.Context, replica string) error {
	return s.dc.act(ctx, "stall "+replica, func() { s.dc.stalled = replica })
}

func (s fakeStorage) Flow(ctx context.Context, replica string) error {
	return s.dc.act(ctx, "flow "+replica, func() { s.dc.stalled = "" })
}

func (s fakeStorage) Stalled(_ context.Context, replica string) (bool, error) {
	s.dc.mu.Lock()
	defer s.dc.mu.Unlock()
	return s.dc.stalled == replica, nil
}

func (s fakeStorage) Hang(ctx context.Context) error {
	return s.dc.act(ctx, "hang storage", func() { s.dc.hangs = true })
}

func (s fakeStorage) GoOn(ctx context.Context) error {
	return s.dc.act(ctx, "let storage go on", func() { s.dc.hangs = false })
}

func (s fakeStorage) Hung(context.Context) (bool, error) {
	s.dc.mu.Lock()
	defer s.dc.mu.Unlock()
	return s.dc.hangs, nil
}

func (s fakeStorage) Corrupt(ctx context.Context, replica string, how Corruption) error {
	return s.dc.act(ctx, "corrupt "+replica+" "+string(how), func() { s.dc.spoiled = replica })
}

func (s fakeStorage) Restore(ctx context.Context, replica string) error {
	return s.dc.act(ctx, "restore "+replica, func() { s.dc.spoiled = "" })
}

func (s fakeStorage) Corrupted(_ context.Context, replica string) (bool, error) {
	s.dc.mu.Lock()
	defer s.dc.mu.Unlock()
	return s.dc.spoiled == replica, nil
}

func (s fakeStorage) Break(ctx context.Context, how Breakage, _ time.Duration) error {
	return s.dc.act(ctx, "break storage "+string(how), func() { s.dc.unwritable = true })
}

func (s fakeStorage) Mend(ctx context.Context) error {
	return s.dc.act(ctx, "mend storage", func() { s.dc.unwritable = false })
}

func (s fakeStorage) Writable(context.Context) (bool, error) {
	s.dc.mu.Lock()
	defer s.dc.mu.Unlock()
	return !s.dc.unwritable, nil
}

func (s fakeStorage) Broken(ctx context.Context) (string, error) {
	if writable, err := s.Writable(ctx); err != nil || writable {
		return "", errors.Join(errors.New("the folder can be written"), err)
	}
	return "the folder cannot be written", nil
}

func (s fakeStorage) CannotBreak(Breakage) string { return "" }
func (s fakeStorage) Holder() string              { return "a test" }
func (s fakeStorage) Claim(string)                {}

func (s fakeStorage) There(context.Context) (bool, error) {
	s.dc.mu.Lock()
	defer s.dc.mu.Unlock()
	return !s.dc.noFolder, nil
}

// act notes a call and lets it take effect, unless told otherwise.
func (d *fakeDC) act(ctx context.Context, call string, effect func()) error {
	if d.deaf == call {
		<-d.free
		return nil
	}
	if d.hung == call {
		<-ctx.Done()
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.turnAway(call); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.note(call + " " + d.name)
	if d.stuck != call {
		effect()
	}
	if d.onAct != nil {
		d.onAct()
	}
	return nil
}

func (d *fakeDC) List(context.Context) ([]int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.pids), nil
}
func (d *fakeDC) Kill(ctx context.Context) error {
	return d.act(ctx, "kill", func() { d.pids, d.reachable, d.job = nil, false, "" })
}
func (d *fakeDC) Suspend(ctx context.Context) error {
	return d.act(ctx, "suspend", func() { d.stopped, d.reachable = true, false })
}
func (d *fakeDC) Resume(ctx context.Context) error {
	return d.act(ctx, "resume", func() { d.stopped, d.suspended, d.reachable = false, false, len(d.pids) > 0 })
}
func (d *fakeDC) SuspendApplication(ctx context.Context) error {
	return d.act(ctx, "suspend application", func() { d.suspended = true })
}
func (d *fakeDC) Suspended(context.Context) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.suspended {
		return "", errors.New("not everything is suspended any more")
	}
	return "pid 12 stopped: true", nil
}
func (d *fakeDC) CannotStopService() string { return "" }
func (d *fakeDC) StopService(ctx context.Context) error {
	return d.act(ctx, "stop service", func() { d.pids, d.reachable, d.job = nil, false, "" })
}
func (d *fakeDC) ServiceStopped(context.Context) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.pids) > 0 {
		return "", errors.New("its service runs")
	}
	return "its service does not run", nil
}
func (d *fakeDC) KillPE(ctx context.Context, pe string) error {
	return d.act(ctx, "kill pe "+pe, func() { d.pids[1] += 100; d.pes[pe]++ })
}
func (d *fakeDC) Start(ctx context.Context) error {
	return d.act(ctx, "start", func() { d.pids, d.reachable, d.job = []int{31, 32, 33}, true, "1" })
}
func (d *fakeDC) Reachable(ctx context.Context) error {
	if err := d.turnAway("reachable"); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.fails != nil:
		return d.fails
	case !d.reachable && d.stopped:
		d.mu.Unlock()
		<-ctx.Done()
		d.mu.Lock()
		return ctx.Err()
	case !d.reachable && len(d.pids) == 0:
		return syscall.ECONNREFUSED
	case !d.reachable:
		return ErrNotRunning
	}
	return ctx.Err()
}
func (d *fakeDC) CancelJob(ctx context.Context) error {
	return d.act(ctx, "cancel", func() { d.job = "" })
}
func (d *fakeDC) JobRunning(context.Context) (string, bool, error) {
	if err := d.turnAway("job"); err != nil {
		return "", false, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.reachable {
		return "", false, errors.New("no answer")
	}
	return d.job, d.job != "", nil
}
func (d *fakeDC) SubmitJob(ctx context.Context) (string, error) {
	return "", d.act(ctx, "submit", func() { d.jobs++; d.job = fmt.Sprint(100 + d.jobs) })
}
func (d *fakeDC) StopInstance(ctx context.Context) error {
	return d.act(ctx, "stop instance", func() { d.reachable, d.job = false, "" })
}
func (d *fakeDC) StartInstance(ctx context.Context) error {
	return d.act(ctx, "start instance", func() { d.reachable = true })
}
func (d *fakeDC) PEs(context.Context) (map[string]int, error) {
	if err := d.turnAway("pes"); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.pes), nil
}
func (d *fakeDC) StopPE(ctx context.Context, pe string) error {
	return d.act(ctx, "stop pe "+pe, func() {})
}
func (d *fakeDC) StartPE(ctx context.Context, pe string) error {
	return d.act(ctx, "start pe "+pe, func() { d.pes[pe]++ })
}
func (d *fakeDC) RestartPE(ctx context.Context, pe string) error {
	return d.act(ctx, "restart pe "+pe, func() { d.pes[pe]++ })
}
func (d *fakeDC) SpecialMessage(ctx context.Context, text string) error {
	return d.act(ctx, text, func() {})
}

// fakeLink is a relay in memory. stuck: "apply" takes no effect although listed, "unlisted" is not even listed, "clear"
// clears nothing, "leak" cuts every port.
type fakeLink struct {
	*world
	rules   []LinkRule
	applied []time.Time
	stuck   string
	dead    bool  // nothing answers behind it
	fails   error // what a probe fails with where a rule refuses it
}

func (l *fakeLink) Apply(_ context.Context, rule LinkRule) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.note(fmt.Sprintf("apply %s %s %s", rule.Mode, rule.Direction, rule.Ports))
	if l.stuck != "unlisted" {
		l.rules = append(l.rules, rule)
		l.applied = append(l.applied, time.Now())
	}
	return nil
}
func (l *fakeLink) Clear(_ context.Context, direction string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.note("clear " + direction)
	if l.stuck != "clear" {
		l.rules = slices.DeleteFunc(l.live(), func(r LinkRule) bool { return r.Direction == direction })
		l.applied = l.applied[:len(l.rules)]
	}
	return nil
}

// live are the rules that have not ended by themselves. The lock is held.
func (l *fakeLink) live() (rules []LinkRule) {
	for i, rule := range l.rules {
		if time.Since(l.applied[i]) < rule.Lifetime || l.stuck == "clear" {
			rules = append(rules, rule)
		}
	}
	return rules
}
func (l *fakeLink) Rules(context.Context) ([]LinkRule, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.live(), nil
}
func (l *fakeLink) Probe(ctx context.Context, direction string, port int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead {
		return syscall.ECONNRESET
	}
	for _, rule := range l.live() {
		hit := rule.Direction == direction && (rule.Ports == AllPorts || (rule.Ports == HeartbeatPort) == (port == 0))
		if l.stuck == "apply" || (!hit && l.stuck != "leak") {
			continue
		}
		switch rule.Mode {
		case Delay:
			l.mu.Unlock()
			select { // synctest's clock
			case <-time.After(4 * (rule.Delay + rule.Jitter)):
			case <-ctx.Done():
			}
			l.mu.Lock()
			if err := ctx.Err(); err != nil {
				return err
			}
		case Throttle, Lossy, Reordering, Duplicating, Corrupting:
		case HangUp, Blackhole:
			l.mu.Unlock()
			<-ctx.Done()
			l.mu.Lock()
			return ctx.Err()
		default:
			if l.fails != nil {
				return l.fails
			}
			return syscall.ECONNREFUSED
		}
	}
	return nil
}

// newJournal opens one in a folder of the test.
func newJournal(t *testing.T) *Journal {
	t.Helper()
	j, err := OpenJournal(filepath.Join(t.TempDir(), "faults.jsonl"), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

// events are the journal's lines, as "event" in order.
func events(t *testing.T, j *Journal) (all []string) {
	t.Helper()
	for _, e := range entries(t, j) {
		all = append(all, e.Event)
	}
	return all
}

// named names a fault as it is named once it was injected into a world.
func named(f Fault) Fault {
	f.Target = f.footprint.target(newWorld(), f.Target)
	return f
}

// fakeDatabase is the database of a fake data center.
type fakeDatabase struct{ dc *fakeDC }

func (d *fakeDC) Database() Database {
	if d.remote {
		return nil
	}
	return fakeDatabase{d}
}

func (f fakeDatabase) Stop(ctx context.Context) error {
	return f.dc.act(ctx, "stop database", func() { f.dc.dbStopped = true })
}

func (f fakeDatabase) Start(ctx context.Context) error {
	return f.dc.act(ctx, "start database", func() { f.dc.dbStopped = false })
}

func (f fakeDatabase) Answers(context.Context) (bool, error) {
	f.dc.mu.Lock()
	defer f.dc.mu.Unlock()
	return !f.dc.dbStopped, nil
}

func (f fakeDatabase) Hold(ctx context.Context) error {
	return f.dc.act(ctx, "hold database", func() { f.dc.dbHeld = true })
}

func (f fakeDatabase) Release(ctx context.Context) error {
	return f.dc.act(ctx, "release database", func() { f.dc.dbHeld = false })
}

func (f fakeDatabase) Held(context.Context) (bool, error) {
	f.dc.mu.Lock()
	defer f.dc.mu.Unlock()
	return f.dc.dbHeld, nil
}
