package crossdc

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestSideProperties drives a fused side with arbitrary events and checks what 5.3 and 5.7 promise of any history: statuses
// alternate and begin with UP, nothing but a body brings UP, a side that is DOWN or closing sends no heartbeat, and a step
// changes nothing of the state that it came from.
func TestSideProperties(t *testing.T) {
	snapshot := func(origin string) []byte {
		return Marshal(LittleEndian, &Message{Type: Snapshot, Count: 1, DataCenter: "dc2", Origin: origin, Snapshot: []byte("state")})
	}
	events := []Event{
		{Kind: Tick}, {Kind: Tick}, {Kind: Tick},
		{Kind: HeartbeatBody, Body: Marshal(LittleEndian, &Message{Type: Heartbeat})},
		{Kind: SnapshotBody, Body: snapshot("0")},
		{Kind: SnapshotBody, Body: snapshot("1")},
		{Kind: SnapshotBody, Body: Marshal(LittleEndian, &Message{Type: OrderlyShutdown, DataCenter: "dc2"})},
		{Kind: Persisted, Name: "dc2-0", OK: true},
		{Kind: Persisted, Name: "dc2-1", OK: true},
		{Kind: Persisted, Name: "dc2-0"},
		{Kind: SpecialMessage, Text: SendStoredText},
		{Kind: SpecialMessage, Text: OrderlyShutdownText},
		{Kind: StatusChanged, Up: true}, // not for a fused side
	}
	rapid.Check(t, func(t *rapid.T) {
		cfg := Shipped()
		cfg.StorageDirectory = "/storage"
		cfg.MissesAllowed = rapid.Uint8Range(0, 5).Draw(t, "N")
		cfg.OperationMode = rapid.Int32Range(0, 1).Draw(t, "mode")
		s := NewSide(TickOrder(rapid.IntRange(0, 1).Draw(t, "order")), Fused, Options{})
		up, everUp, closing := false, false, false
		for range rapid.IntRange(1, 120).Draw(t, "events") {
			ev := rapid.SampledFrom(events).Draw(t, "event")
			names := slices.Clone(s.Remote.Names())
			next, actions := s.Step(&cfg, ev, 0, nil)
			if again, same := s.Step(&cfg, ev, 0, nil); !reflect.DeepEqual(again, next) || !reflect.DeepEqual(same, actions) {
				t.Fatal("the same step gave another result")
			}
			if !slices.Equal(names, s.Remote.Names()) {
				t.Fatal("a step changed the state that it came from")
			}
			wasUp, wasClosing := up, closing
			for _, a := range actions {
				switch a.Kind {
				case EmitStatus:
					if a.Up == up || closing {
						t.Fatalf("status %v after %v, closing %v", a.Up, up, closing)
					}
					if a.Up != (ev.Kind == HeartbeatBody) {
						t.Fatalf("status %v from event %d", a.Up, ev.Kind)
					}
					up, everUp = a.Up, true
				case SendHeartbeat:
					if wasClosing || everUp && !wasUp {
						t.Fatal("a heartbeat of a side that is mute")
					}
				case TakeOver:
					if cfg.OperationMode == 0 {
						t.Fatal("a passive side took over")
					}
				}
			}
			closing = closing || ev.Text == OrderlyShutdownText
			s = next
		}
	})
}
