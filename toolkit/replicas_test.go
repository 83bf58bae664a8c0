package toolkit

import (
	"reflect"
	"testing"
	"time"
)

func traced(t testing.TB, at string, text string) TraceLine {
	t.Helper()
	line, ok := ParseTraceLine("22 Nov 2026 " + at + ".000000 [7] INFO #splapptrc,J[1],P[2],Watchdog,Aspect M[f:g:1]  - _XXXXX_ " + text)
	if !ok {
		t.Fatal("the line is not understood")
	}
	return line
}

func TestReplicasAreCountedByFragment(t *testing.T) {
	lines := []TraceLine{
		traced(t, "19:58:20", "Received the heartbeat message 6 with a non-zero length data snapshot from the data center named dc1. Data snapshot origin=0"),
		traced(t, "19:58:20", "Successfully replicated and persisted the data snapshot in this file: /a b/dc1-0.snapshot"),
		traced(t, "19:58:21", "Received the heartbeat message 6 with a non-zero length data snapshot from the data center named dc1. Data snapshot origin=1"),
		traced(t, "19:58:21", "Unable to replicate and persist the data snapshot in this file: /a b/dc1-1.snapshot. Error code=28"),
		traced(t, "19:58:22", "Received the heartbeat message 7 with no data snapshot from the data center named dc1"),
		traced(t, "19:58:23", "Received the heartbeat message 9 with a zero length data snapshot from the data center named dc1. Data snapshot origin=0"),
		traced(t, "19:58:24", "Received the heartbeat message 12 with a non-zero length data snapshot from the data center named dc1. Data snapshot origin=1"),
		traced(t, "19:58:24", "Successfully replicated and persisted the data snapshot in the DB. Result=true"),
	}
	at := func(s int) time.Time { return time.Date(2026, 11, 22, 19, 58, s, 0, time.UTC) }
	want := []Replica{{"dc1-0", 6, at(20), true}, {"dc1-1", 6, at(21), false}, {"dc1-1", 12, at(24), true}}
	if got := Replicas(lines); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}

// A database answers what it was asked in turn, through another operator than the one that received the replicas; a statement that
// failed is answered by its failure alone.
func TestRepliesOfADatabaseAreMatchedInTurn(t *testing.T) {
	var lines []TraceLine
	receive := func(origins ...string) {
		for _, origin := range origins {
			lines = append(lines, traced(t, "19:58:20", "Received the heartbeat message 6 with a non-zero length data snapshot from the data center named dc1. Data snapshot origin="+origin))
		}
	}
	reply := func(operator, text string) {
		line := traced(t, "19:58:21", text)
		line.Operator = operator
		lines = append(lines, line)
	}
	receive("0", "1", "2", "3")
	reply("X.SnapshotInsertResultSink", "Successfully replicated and persisted the data snapshot in the DB. Result=true")
	reply("X.SnapshotInserter", "SQL operation threw an exception: conn closed")
	reply("X.SnapshotRemover", "SQL operation threw an exception: conn closed")
	reply("X.SnapshotInsertResultSink", "Unable to replicate and persist the data snapshot in the DB. Result=false")
	reply("X.SnapshotInsertResultSink", "Successfully replicated and persisted the data snapshot in the DB. Result=true")
	var stored []string
	for _, replica := range Replicas(lines) {
		if replica.Persisted {
			stored = append(stored, replica.Name)
		}
	}
	if want := []string{"dc1-0", "dc1-3"}; !reflect.DeepEqual(stored, want) {
		t.Errorf("stored are %v, want %v", stored, want)
	}
}

func TestHandedEntriesAreReadOrRefused(t *testing.T) {
	good := traced(t, "19:58:20", "UDP channel 3-->Taking-over the replicated data: Remote DC=dc1, Key=dc1/x/3, Value={lastSeq=9,count=8,sum=44}")
	got, ok := HandedEntries([]TraceLine{traced(t, "19:58:19", "something else"), good})
	if !ok || len(got) != 1 || got[0].Fragment != 3 || got[0].From != "dc1" || got[0].FragmentEntry != (FragmentEntry{DC: "dc1/x", Channel: 3, LastSeq: 9, Count: 8, Sum: 44}) {
		t.Errorf("%+v, %v", got, ok)
	}
	for _, bad := range []string{
		"UDP channel x-->Taking-over the replicated data: Remote DC=dc1, Key=dc1/3, Value={lastSeq=9,count=8,sum=44}",
		"UDP channel 3-->Taking-over the replicated data: Remote DC=dc1, Key=dc1_3, Value={lastSeq=9,count=8,sum=44}",
		"UDP channel 3-->Taking-over the replicated data: Remote DC=dc1, Key=dc1/3, Value={lastSeq=9,count=8}",
		"UDP channel 3-->Taking-over the replicated data: Remote DC=dc1, Key=dc1/3, Value={lastSeq=-9,count=8,sum=44}",
		"UDP channel 3-->Taking-over the replicated data: Remote DC=dc1, Key=k, Value=v",
	} {
		if got, ok := HandedEntries([]TraceLine{good, traced(t, "19:58:21", bad)}); ok || len(got) != 1 {
			t.Errorf("%q is taken for %+v", bad, got)
		}
	}
}

func FuzzReplicaLines(f *testing.F) {
	f.Add("UDP channel 3-->Taking-over the replicated data: Remote DC=dc1, Key=dc1/3, Value={lastSeq=9,count=8,sum=44}")
	f.Add("Received the heartbeat message 6 with a non-zero length data snapshot from the data center named dc1. Data snapshot origin=0")
	f.Add("Successfully replicated and persisted the data snapshot in this file: /dc1-0.snapshot")
	f.Fuzz(func(t *testing.T, text string) {
		line := TraceLine{Text: text}
		if entries, ok := HandedEntries([]TraceLine{line}); len(entries) > 1 || !ok && len(entries) > 0 {
			t.Errorf("%+v, %v", entries, ok)
		}
		if list := Replicas([]TraceLine{line, line}); len(list) > 2 {
			t.Errorf("%+v", list)
		}
	})
}
