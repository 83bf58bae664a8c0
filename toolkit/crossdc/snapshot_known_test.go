package crossdc

import (
	"reflect"
	"testing"
)

// A snapshot of a replica that is kept already takes a shorter way to the very same actions, and costs no memory there.
func TestAKnownReplicaIsPersistedLikeANewOne(t *testing.T) {
	cfg := Shipped()
	cfg.StorageDirectory = "/replicas"
	m := Message{Type: Snapshot, Count: 7, DataCenter: "dc2", Snapshot: []byte("state"), Origin: "1"}
	body := Marshal(LittleEndian, &m)
	fresh := NewRemoteWatchdog(Options{})
	_, first := fresh.Step(&cfg, Event{Kind: SnapshotBody, Body: body}, 0, nil)
	known, _ := fresh.Step(&cfg, Event{Kind: Persisted, Name: "dc2-1", OK: true}, 0, nil)
	after, again := known.Step(&cfg, Event{Kind: SnapshotBody, Body: body}, 0, nil)
	if !reflect.DeepEqual(first, again) || !reflect.DeepEqual(after, known) {
		t.Errorf("%+v, at first %+v", again, first)
	}
	for name, other := range map[string]Message{
		"another origin":      {Type: Snapshot, DataCenter: "dc2", Snapshot: []byte("s"), Origin: "2"},
		"another data center": {Type: Snapshot, DataCenter: "dc3", Snapshot: []byte("s"), Origin: "1"},
		"another separator":   {Type: Snapshot, DataCenter: "dc", Snapshot: []byte("s"), Origin: "-1"},
	} {
		if _, ok := known.replicaKnown(Marshal(LittleEndian, &other)); ok {
			t.Errorf("%s passes for the replica dc2-1", name)
		}
	}
	for name, bad := range map[string][]byte{"empty": nil, "cut": body[:len(body)-1], "no state": Marshal(LittleEndian, &Message{Type: Snapshot, DataCenter: "dc2", Origin: "1"}),
		"a heartbeat": Marshal(LittleEndian, &Message{Type: Heartbeat, DataCenter: "dc2", Snapshot: []byte("s"), Origin: "1"})} {
		if _, ok := known.replicaKnown(bad); ok {
			t.Errorf("%s passes for a snapshot of a known replica", name)
		}
	}
	out := make([]Action, 0, 4)
	if n := testing.AllocsPerRun(100, func() { _, out = known.Step(&cfg, Event{Kind: SnapshotBody, Body: body}, 0, out[:0]) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}
