package crossdc

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// center is one data center for tests: a Side whose actions are carried out on a map instead of a disk.
type center struct {
	t    *testing.T
	cfg  Config
	side Side

	files      map[string][]byte // the storage directory; survives a restart
	unreadable map[string]bool

	sent      []Message // everything handed to the senders and not yet taken by transfer
	heartbeat uint64    // heartbeats sent in all
	signals   []uint64  // counts of the snapshot signals
	statuses  []bool
	delivered []Message
	traces    []string
	order     []ActionKind
	aborted   string
	life      int // starts so far

	fragments []string // origins that the application answers a snapshot signal with
}

func newCenter(t *testing.T, name string, change ...func(*Config)) *center {
	cfg := Shipped()
	cfg.LocalDataCenterName, cfg.StorageDirectory, cfg.RemoteMachineNames = name, "/storage", "peer"
	for _, c := range change {
		c(&cfg)
	}
	c := &center{t: t, cfg: cfg, files: map[string][]byte{}, unreadable: map[string]bool{}}
	c.restart()
	return c
}

// restart loses everything in memory, and the record of it.
func (c *center) restart() {
	c.life++
	c.side = NewSide(PreparerFirst, Fused, Options{})
	c.sent, c.statuses, c.delivered, c.signals, c.traces, c.order = nil, nil, nil, nil, nil, nil
}

func (c *center) feed(ev Event) {
	if c.aborted != "" {
		return
	}
	var out []Action
	c.side, out = c.side.Step(&c.cfg, ev, 0, nil)
	c.carryOut(out)
}

func (c *center) tick()               { c.feed(Event{Kind: Tick}) }
func (c *center) special(text string) { c.feed(Event{Kind: SpecialMessage, Text: text}) }

func (c *center) ticks(n int) {
	for range n {
		c.tick()
	}
}

func (c *center) hear(m Message) {
	kind := SnapshotBody
	if m.Type == Heartbeat {
		kind = HeartbeatBody
	}
	c.feed(Event{Kind: kind, Body: Marshal(LittleEndian, &m)})
}

func (c *center) carryOut(actions []Action) {
	for _, a := range actions {
		if c.aborted != "" {
			return
		}
		c.order = append(c.order, a.Kind)
		c.one(a)
	}
}

func (c *center) one(a Action) {
	switch a.Kind {
	case SendHeartbeat:
		c.heartbeat++
		c.sent = append(c.sent, a.Message)
	case SendOther:
		c.sent = append(c.sent, a.Message)
	case SignalSnapshot:
		c.signals = append(c.signals, a.Message.Count)
		for _, origin := range c.fragments {
			m := a.Message
			m.Origin, m.Snapshot = origin, fmt.Appendf(nil, "state of %s in life %d at %d", origin, c.life, m.Count)
			c.sent = append(c.sent, m)
		}
	case EmitStatus:
		c.statuses = append(c.statuses, a.Up)
	case Deliver:
		c.delivered = append(c.delivered, a.Message)
	case Persist:
		c.files[a.Name+".snapshot"] = a.Body
		c.feed(Event{Kind: Persisted, Name: a.Name, OK: true})
	case RemoveReplica:
		delete(c.files, a.Name+".snapshot")
	case RemoveFile:
		delete(c.files, a.Name)
	case PurgeStored:
		maps.DeleteFunc(c.files, func(name string, _ []byte) bool { return IsReplicaFile(name) })
	case TakeOver:
		c.answer(a.Name, a.Name+".snapshot", func(ev Event) (out []Action) {
			c.side.Remote, out = c.side.Remote.Step(&c.cfg, ev, 0, nil)
			return out
		})
	case ReturnStored:
		c.scan(func(ev Event) (out []Action) {
			c.side.Preparer, out = c.side.Preparer.Step(&c.cfg, ev, 0, nil)
			return out
		})
	case ReadStored:
		c.scan(func(ev Event) (out []Action) {
			c.side.Stored, out = c.side.Stored.Step(&c.cfg, ev, 0, nil)
			return out
		})
	case Trace:
		c.traces = append(c.traces, a.Level.String()+" "+a.Aspect+" "+a.Text)
	case Abort:
		c.aborted = a.Text
	default:
		c.t.Fatalf("unexpected action %d", a.Kind)
	}
}

func (c *center) scan(step func(Event) []Action) {
	for _, name := range slices.Sorted(maps.Keys(c.files)) {
		if IsReplicaFile(name) {
			c.answer(name, name, step)
		}
	}
}

func (c *center) answer(name, file string, step func(Event) []Action) {
	ev := Event{Kind: StoredRead, Name: name}
	if body, ok := c.files[file]; ok && !c.unreadable[file] {
		ev.OK, ev.Body = true, body
	} else {
		ev.Code = int(syscall.ENOENT)
	}
	c.carryOut(step(ev))
}

// transfer delivers everything that from has sent.
func transfer(from, to *center) {
	sent := from.sent
	from.sent = nil
	for _, m := range sent {
		to.hear(m)
	}
}

// round is one interval of two connected data centers.
func round(a, b *center) {
	a.tick()
	transfer(a, b)
	b.tick()
	transfer(b, a)
}

// connected returns two active data centers that are UP for each other, a with a snapshot of fragment "0" at b.
func connected(t *testing.T, change ...func(*Config)) (a, b *center) {
	a, b = newCenter(t, "dc1", change...), newCenter(t, "dc2", change...)
	a.fragments = []string{"0"}
	for range 6 {
		round(a, b)
	}
	b.wantStatuses(true)
	b.wantFiles("dc1-0.snapshot")
	return a, b
}

func (c *center) wantStatuses(want ...bool) {
	c.t.Helper()
	if !slices.Equal(c.statuses, want) {
		c.t.Errorf("%s: statuses %v, want %v", c.cfg.LocalDataCenterName, c.statuses, want)
	}
}

func (c *center) wantFiles(want ...string) {
	c.t.Helper()
	if got := slices.Sorted(maps.Keys(c.files)); !slices.Equal(got, want) {
		c.t.Errorf("%s: stored %v, want %v", c.cfg.LocalDataCenterName, got, want)
	}
}

// wantDelivered gives the deliveries as "type dc-origin".
func (c *center) wantDelivered(want ...string) {
	c.t.Helper()
	var got []string
	for _, m := range c.delivered {
		got = append(got, fmt.Sprintf("%d %s", m.Type, m.ReplicaName()))
	}
	if !slices.Equal(got, want) {
		c.t.Errorf("%s: delivered %v, want %v", c.cfg.LocalDataCenterName, got, want)
	}
}

func (c *center) wantTrace(want string) {
	c.t.Helper()
	if !slices.ContainsFunc(c.traces, func(line string) bool { return strings.Contains(line, want) }) {
		c.t.Errorf("%s: no trace line with %q in %q", c.cfg.LocalDataCenterName, want, c.traces)
	}
}

func passive(c *Config)      { c.OperationMode = 0 }
func retain(c *Config)       { c.RetainOlderSnapshots = true }
func sendToOrigin(c *Config) { c.SendSnapshotsToOriginDC = true }
