package crossdc

import "testing"

func TestQ12OrderlyShutdownStillEndsInDOWN(t *testing.T) {
	a, b := connected(t)
	a.special(OrderlyShutdownText)
	a.wantTrace("ERROR Heartbeat-Message-Preparer _XXXXX_ We sent an orderly shutdown message from the local DC dc1") // Q39: at error level
	transfer(a, b)
	b.wantFiles() // the replica is forgotten
	b.wantStatuses(true)
	b.ticks(5)
	b.wantStatuses(true, false)
	b.wantDelivered()
}

func TestQ13SnapshotBehindTheShutdownIsResurrected(t *testing.T) {
	a, b := connected(t)
	late := Message{Type: Snapshot, Count: 9, DataCenter: "dc1", Origin: "0", Snapshot: []byte("state")}
	a.special(OrderlyShutdownText)
	transfer(a, b)
	b.hear(late) // it was queued on another input of the sender
	b.ticks(5)
	b.wantDelivered("2 dc1-0")
}

func TestQ14LostShutdownMessageEndsInTakeover(t *testing.T) {
	a, b := connected(t)
	a.special(OrderlyShutdownText)
	a.sent = nil // fire and forget
	b.ticks(5)
	b.wantStatuses(true, false)
	b.wantDelivered("2 dc1-0")
}

func TestQ15ShutdownDeletesOnlyReplicasKnownInMemory(t *testing.T) {
	a, b := connected(t)
	b.side.Remote = NewRemoteWatchdog(Options{})
	a.special(OrderlyShutdownText)
	transfer(a, b)
	b.wantFiles("dc1-0.snapshot")
	b.special(SendStoredText) // and resurrected
	b.wantDelivered("2 dc1-0")
	b.wantFiles()
}

func TestQ16ShutdownMakesMuteAndDeafForEver(t *testing.T) {
	a, b := connected(t)
	a.special(OrderlyShutdownText)
	a.sent = nil
	before := a.heartbeat
	for range 20 {
		round(a, b)
	}
	if a.heartbeat != before {
		t.Error("heartbeats after the shutdown")
	}
	a.wantStatuses(true) // b went mute and is never reported
	a.hear(Message{Type: Snapshot, DataCenter: "dc2", Origin: "0", Snapshot: []byte("state")})
	a.wantFiles()
	inner := Message{Type: Snapshot, DataCenter: "dc1", Origin: "0", Snapshot: []byte("state")}
	a.hear(Message{Type: ReturnedData, DataCenter: "dc2", Snapshot: Marshal(LittleEndian, &inner)})
	a.wantDelivered()
	a.feed(Event{Kind: HeartbeatBody, Body: []byte("not even looked at")})
	if a.aborted != "" {
		t.Error("a deaf watchdog decoded a body:", a.aborted)
	}
	a.special("orderlyshutdown") // case-sensitive: ignored
	if len(a.sent) != 0 {
		t.Error("an unknown special message sent something")
	}
}

func TestQ16ApplicationSnapshotsOfAClosingSideAreStillTheirsToSend(t *testing.T) {
	c := newCenter(t, "dc1")
	c.special(OrderlyShutdownText)
	c.special(SendStoredText) // HP9 has no guard
	if c.order[len(c.order)-1] != ReadStored {
		t.Errorf("actions %v, want the stored data to be read", c.order)
	}
}
