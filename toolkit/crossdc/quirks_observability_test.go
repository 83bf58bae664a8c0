package crossdc

import (
	"slices"
	"testing"
)

func TestQ38StatusTransitionsAreNotTraced(t *testing.T) {
	c := newCenter(t, "dc1")
	c.side = NewSide(PreparerFirst, Fused, Options{Trace: InfoLevel})
	c.hear(Message{Type: Heartbeat, Count: 7, DataCenter: "dc2"})
	want := []string{
		"INFO RemoteDC-Heartbeat-Watchdog _XXXXX_ HTTP Request Headers=",
		"INFO RemoteDC-Heartbeat-Watchdog _XXXXX_ Blob size=25",
		"INFO RemoteDC-Heartbeat-Watchdog _XXXXX_ Blob data=010000000700000000000000036463320000000000000000" + "00",
		"INFO RemoteDC-Heartbeat-Watchdog _XXXXX_ Received the heartbeat message 7 with no data snapshot from the data center named dc2",
	}
	if !slices.Equal(c.traces, want) {
		t.Errorf("traces of the UP heartbeat:\n%q\nwant\n%q", c.traces, want)
	}
	c.traces = nil
	c.ticks(5)
	c.wantStatuses(true, false)
	if len(c.traces) != 0 {
		t.Errorf("DOWN was traced: %q", c.traces)
	}
}

func TestTraceLinesOfTheSnapshotPort(t *testing.T) {
	c := newCenter(t, "dc2")
	c.side = NewSide(PreparerFirst, Fused, Options{Trace: InfoLevel})
	m := Message{Type: Snapshot, Count: 6, DataCenter: "dc1", Origin: "3", Snapshot: []byte("state")}
	c.hear(m)
	c.wantTrace("INFO RemoteDC-Watchdog _XXXXX_ Blob size=")
	c.wantTrace("INFO RemoteDC-Watchdog _XXXXX_ Received the heartbeat message 6 with a non-zero length data snapshot from")
	c.wantTrace("Data snapshot origin=3")
	c.wantTrace("INFO RemoteDC-Watchdog _XXXXX_ Successfully replicated and persisted the data snapshot in this file: /storage/dc1-3.snapshot")
	c.hear(Message{Type: Snapshot, Count: 8, DataCenter: "dc1", Origin: "3"})
	c.wantTrace("Received the heartbeat message 8 with a zero length data snapshot")
	c.hear(Message{Type: OrderlyShutdown, Count: 9, DataCenter: "dc1"})
	c.wantTrace("INFO RemoteDC-Watchdog _XXXXX_ Received a remote DC orderly shutdown message with a heartbeat count 9")
	c.hear(Message{Type: ReturnedData, Count: 9, DataCenter: "dc1", Snapshot: Marshal(LittleEndian, &m)})
	c.wantTrace("received a data snapshot that originally belonged to this DC")
	c.wantDelivered("4 dc1-3")
}

func TestQ41SuffixTestIsContains(t *testing.T) {
	c := newCenter(t, "dc1")
	c.files["x.snapshot.bak"], c.files["notes.txt"] = []byte("x"), []byte("y")
	c.tick()
	c.wantFiles("notes.txt")
}

func TestQ46CountsHaveGapsAndRestartAt1(t *testing.T) {
	a, b := newCenter(t, "dc1"), newCenter(t, "dc2")
	var counts []uint64
	for range 8 {
		a.tick()
		for _, m := range a.sent {
			if m.Type == Heartbeat {
				counts = append(counts, m.Count)
			}
		}
		transfer(a, b)
		b.tick()
		transfer(b, a)
	}
	if want := []uint64{1, 2, 3, 4, 5, 7, 8, 9}; !slices.Equal(counts, want) {
		t.Errorf("heartbeat counts %v, want %v: the snapshot round consumes 6", counts, want)
	}
	a.special(OrderlyShutdownText)
	if got := a.sent[len(a.sent)-1]; got.Type != OrderlyShutdown || got.Count != 10 {
		t.Errorf("%+v, want type 3 with count 10", got)
	}
	a.restart()
	a.tick()
	if a.sent[0].Count != 1 {
		t.Errorf("count %d after a restart, want 1", a.sent[0].Count)
	}
}

func TestStatusReachesTheOperatorsOnlyWhenCarriedIfDistributed(t *testing.T) {
	c := newCenter(t, "dc1")
	c.side = NewSide(PreparerFirst, Distributed, Options{})
	c.hear(Message{Type: Heartbeat})
	c.wantStatuses(true)
	if c.side.Preparer.Active {
		t.Error("the preparer knows of UP before the queue delivered it")
	}
	c.feed(Event{Kind: StatusChanged, Up: true})
	if !c.side.Preparer.Active || !c.side.Preparer.Sensed {
		t.Error("the preparer did not take the status")
	}
	var out []Action
	c.side, out = c.side.Step(&c.cfg, Event{Kind: SpecialMessage, Text: SendStoredText}, 0, nil)
	if len(out) != 1 || out[0].Kind != TriggerStored {
		t.Errorf("%+v, want the trigger for the caller's queue", out)
	}
}

func TestFusedStatusReachesOperatorsBeforeTheApplication(t *testing.T) {
	_, b := connected(t)
	b.ticks(3) // one tick passed since the last heartbeat
	b.order = nil
	b.tick()
	want := []ActionKind{SendHeartbeat, TakeOver, Deliver, RemoveReplica, EmitStatus}
	if !slices.Equal(b.order, want) {
		t.Errorf("actions of the DOWN tick %v, want %v", b.order, want)
	}
}
