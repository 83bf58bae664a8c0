package crossdc

import (
	"bytes"
	"testing"
)

func TestQ17FastRestartOverwritesTheOnlyGoodReplica(t *testing.T) {
	a, b := connected(t)
	good := b.files["dc1-0.snapshot"]
	a.restart() // within the detection time: b never says DOWN
	for range 7 {
		round(a, b)
	}
	b.wantStatuses(true)
	b.wantDelivered()
	if now := b.files["dc1-0.snapshot"]; now == nil || bytes.Equal(now, good) {
		t.Error("the replica of the state before the restart is still there, want it overwritten")
	}
}

func TestQ17SnapshotReturnDoesNotHelp(t *testing.T) {
	a, b := connected(t, sendToOrigin)
	a.restart()
	for range 3 {
		round(a, b)
	}
	a.wantDelivered() // b made its first contact long ago
}

func TestQ18SnapshotBeforeTheFirstTickIsPurgedButItsNameStays(t *testing.T) {
	c := newCenter(t, "dc2")
	c.hear(Message{Type: Heartbeat, DataCenter: "dc1"})
	c.hear(Message{Type: Snapshot, DataCenter: "dc1", Origin: "0", Snapshot: []byte("state")})
	c.wantFiles("dc1-0.snapshot")
	c.tick()
	c.wantFiles()
	c.ticks(4)
	c.wantStatuses(true, false)
	c.wantDelivered()
	c.wantTrace("ERROR RemoteDC-Watchdog _XXXXX_ Unable to read the binary data snapshot from this file: /storage/dc1-0.snapshot")
}

func TestQ19PreparerRestartPurgesTheLivePeersReplicas(t *testing.T) {
	a, b := connected(t)
	b.side.Preparer = NewPreparer(Options{})
	b.tick()
	b.wantFiles()

	a.side.Preparer = NewPreparer(Options{})
	a.signals = nil
	for range 30 {
		round(a, b)
	}
	if len(a.signals) != 0 {
		t.Errorf("%d snapshot rounds, want none until the next status change", len(a.signals))
	}
}

func TestQ21RemoteWatchdogRestartForgetsReplicas(t *testing.T) {
	_, b := connected(t)
	b.side.Remote = NewRemoteWatchdog(Options{})
	b.ticks(5)
	b.wantStatuses(true, false)
	b.wantDelivered()
	b.wantFiles("dc1-0.snapshot")
}

func TestQ22SimultaneousCrashKeepsReplicasOnlyWithAFlag(t *testing.T) {
	for _, flag := range []func(*Config){retain, sendToOrigin} {
		_, b := connected(t, flag)
		b.restart()
		b.tick()
		b.wantFiles("dc1-0.snapshot")
	}
	_, b := connected(t)
	b.restart()
	b.tick()
	b.wantFiles()
}

func TestSnapshotReturnAtFirstContact(t *testing.T) {
	a, b := connected(t, sendToOrigin)
	a.restart()
	b.restart()
	before := b.side.Preparer.Count
	round(a, b)
	a.wantDelivered("4 dc1-0")
	b.wantFiles()
	b.wantTrace("ERROR Heartbeat-Message-Preparer _XXXXX_ During application startup, we sent ")
	if b.side.Preparer.Count != before+2 {
		t.Errorf("count went from %d to %d, want one for the return and one for the heartbeat", before, b.side.Preparer.Count)
	}
}

func TestQ23SnapshotReturnGoesToAHealthyPeerToo(t *testing.T) {
	a, b := connected(t, sendToOrigin)
	b.restart() // a is healthy and ahead of the snapshot
	round(a, b)
	a.wantDelivered("4 dc1-0")
}

func TestQ24ReplicaIsRemovedEvenIfItCannotBeRead(t *testing.T) {
	t.Run("takeover", func(t *testing.T) {
		_, b := connected(t)
		b.unreadable["dc1-0.snapshot"] = true
		b.ticks(5)
		b.wantDelivered()
		b.wantFiles()
	})
	t.Run("return", func(t *testing.T) {
		a, b := connected(t, sendToOrigin)
		b.restart()
		b.unreadable["dc1-0.snapshot"] = true
		round(a, b)
		a.wantDelivered()
		b.wantFiles()
		b.wantTrace("unable to read the binary data snapshot from this file to be sent to the Remote DC")
	})
	t.Run("special message", func(t *testing.T) {
		_, b := connected(t)
		b.unreadable["dc1-0.snapshot"] = true
		b.special(SendStoredText)
		b.wantFiles()
		b.wantTrace("ERROR SendSnapshotFilesData _XXXXX_ Unable to read the binary data snapshot from this file")
	})
	t.Run("empty", func(t *testing.T) {
		_, b := connected(t)
		b.files["dc1-0.snapshot"] = nil
		b.ticks(5)
		b.wantFiles()
		b.wantTrace("Skipping the zero length binary data snapshot")
	})
}

func TestQ27CorruptReplicaCrashesTheTakeoverAndTheRestIsPurged(t *testing.T) {
	a, b := connected(t)
	b.hear(Message{Type: Snapshot, DataCenter: "dc1", Origin: "1", Snapshot: []byte("state")})
	b.files["dc1-0.snapshot"] = b.files["dc1-0.snapshot"][:20]
	b.ticks(5)
	if b.aborted == "" {
		t.Fatal("no abort")
	}
	b.wantDelivered()
	b.wantFiles("dc1-0.snapshot", "dc1-1.snapshot")
	b.aborted = ""
	b.restart()
	round(a, b)
	b.wantFiles()
}

func TestQ28EqualOriginsOverwriteEachOther(t *testing.T) {
	a, b := connected(t)
	a.fragments = []string{"0", "0"}
	for range 5 {
		round(a, b)
	}
	b.wantFiles("dc1-0.snapshot")
	if names := b.side.Remote.Names(); len(names) != 1 {
		t.Errorf("names %v, want one", names)
	}
}

func TestQ29ReplicaPathIsNotSanitized(t *testing.T) {
	c := Config{StorageDirectory: "/storage"}
	m := Message{DataCenter: "../etc/dc1", Origin: "a/b"}
	if got, want := c.ReplicaFile(m.ReplicaName()), "/storage/../etc/dc1-a/b.snapshot"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestQ31TakeoverHappensAgainAfterEachDOWN(t *testing.T) {
	a, b := connected(t)
	b.ticks(5)
	a.restart()
	for range 7 { // back, replicating again
		round(a, b)
	}
	b.ticks(5)
	b.wantStatuses(true, false, true, false)
	b.wantDelivered("2 dc1-0", "2 dc1-0")
}

func TestQ32PassiveSideStoresAndNeverRestores(t *testing.T) {
	a, b := newCenter(t, "dc1"), newCenter(t, "dc2", passive)
	a.fragments, b.fragments = []string{"0"}, []string{"0"}
	for range 12 {
		round(a, b)
	}
	if len(b.signals) != 0 {
		t.Error("a passive side asked for snapshots")
	}
	b.ticks(5)
	b.wantStatuses(true, false)
	b.wantDelivered()
	b.wantFiles("dc1-0.snapshot")

	b.cfg.OperationMode = 1 // the script starts the active application
	b.restart()
	b.tick()
	b.wantFiles()

	_, b = connected(t, retain)
	b.restart()
	b.tick()
	b.special(SendStoredText)
	b.wantDelivered("2 dc1-0")
}

func TestQ34DatabaseNameIsKnownBeforeTheInsertSucceeds(t *testing.T) {
	cfg := Shipped()
	cfg.JDBCURL = "jdbc:db2://host/db"
	w := NewRemoteWatchdog(Options{})
	m := Message{Type: Snapshot, DataCenter: "dc1", Origin: "0", Snapshot: []byte("state")}
	w, out := w.Step(&cfg, Event{Kind: SnapshotBody, Body: Marshal(LittleEndian, &m)}, 0, nil)
	if len(out) != 1 || out[0].Kind != Persist || out[0].Store != Database || len(w.Names()) != 1 {
		t.Fatalf("%+v, names %v: want the insert and the name at once", out, w.Names())
	}
	w, out = w.Step(&cfg, Event{Kind: Persisted, Name: "dc1-0"}, 0, nil)
	if len(w.Names()) != 1 || len(out) != 1 || out[0].Kind != Trace {
		t.Errorf("%+v, names %v: a failed insert must leave the name and only be traced", out, w.Names())
	}
	w, out = w.Step(&cfg, Event{Kind: StatusChanged}, 0, nil)
	if len(out) != 1 || out[0].Kind != TakeOver || out[0].Store != Database || len(w.Names()) != 0 {
		t.Errorf("%+v, names %v: want one read and the names cleared", out, w.Names())
	}
	row := Event{Kind: StoredRead, Name: "dc1-0", OK: true, Body: Marshal(LittleEndian, &m)}
	_, out = NewStoredSender(Options{}).Step(&cfg, row, 0, nil)
	if len(out) != 2 || out[0].Kind != Deliver || out[1].Kind != RemoveReplica || out[1].Store != Database {
		t.Errorf("%+v: want the row delivered and deleted", out)
	}
}

func TestFailedPersistForgetsTheReplica(t *testing.T) {
	_, b := connected(t)
	b.feed(Event{Kind: Persisted, Name: "dc1-0", Code: 28})
	b.wantFiles()
	b.wantTrace("ERROR RemoteDC-Watchdog _XXXXX_ Unable to replicate and persist the data snapshot in this file: /storage/dc1-0.snapshot. Error code=28")
	b.ticks(5)
	b.wantDelivered()
}

func TestEmptySnapshotDeletesTheReplica(t *testing.T) {
	_, b := connected(t)
	before := b.side.Remote
	b.hear(Message{Type: Snapshot, DataCenter: "dc1", Origin: "0"})
	b.wantFiles()
	if len(b.side.Remote.Names()) != 0 || len(before.Names()) != 1 {
		t.Error("the name must go from the new state and stay in the old one")
	}
}
