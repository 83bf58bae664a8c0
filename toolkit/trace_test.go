package toolkit

import (
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
)

const traceHead = "22 Nov 2026 19:58:20.123456 [20511] INFO #splapptrc,J[12],P[31],CrossDCFailover.RemoteDataCenterWatchdog,RemoteDC-Watchdog M[CrossDataCenterFailover.spl:RemoteDataCenterWatchdog:0]  - _XXXXX_ "

func TestParseTraceLine(t *testing.T) {
	line, ok := ParseTraceLine(traceHead + "Received a remote DC orderly shutdown message with a heartbeat count 42 from dc1")
	want := TraceLine{
		At: time.Date(2026, 11, 22, 19, 58, 20, 123456000, time.UTC), Process: "20511", Level: "info", Job: "12", PE: "31",
		Operator: "CrossDCFailover.RemoteDataCenterWatchdog", Aspect: "RemoteDC-Watchdog",
		Text: "Received a remote DC orderly shutdown message with a heartbeat count 42 from dc1",
	}
	if !ok || line != want {
		t.Errorf("got %+v", line)
	}
	if n, ok := line.Count(); !ok || n != 42 || line.Kind() != TraceShutdownReceived {
		t.Errorf("count %d, kind %q", n, line.Kind())
	}
	for _, bad := range []string{"", "at java.lang.Thread.run", strings.Replace(traceHead, "22 Nov", "32 Nov", 1), strings.Replace(traceHead, "  - ", " ", 1), strings.Replace(traceHead, "J[12]", "J12", 1)} {
		if line, ok := ParseTraceLine(bad); ok {
			t.Errorf("%q read as %+v", bad, line)
		}
	}
}

// A writer may cut long texts; what is left keeps its kind and its count.
func TestParseTraceLineThatWasCut(t *testing.T) {
	line, ok := ParseTraceLine(traceHead + crossdc.CutText("Received the heartbeat message 7 with no data snapshot from the data center named "+strings.Repeat("d", 2*crossdc.MaxTraceText)))
	if count, _ := line.Count(); !ok || count != 7 || line.Kind() != TraceHeartbeat {
		t.Errorf("%t, %d, %q", ok, count, line.Kind())
	}
	if line.LeftOut < crossdc.MaxTraceText || strings.Contains(line.Text, "left out") || !strings.HasSuffix(line.Text, "ddd") {
		t.Errorf("%d left out, ends in %q", line.LeftOut, line.Text[len(line.Text)-20:])
	}
}

func TestTraceKinds(t *testing.T) {
	for text, want := range map[string]TraceKind{
		"Received the heartbeat message 7 with no data snapshot from the data center named dc1":                  TraceHeartbeat,
		"Received the heartbeat message 8 with a non-zero length data snapshot from dc1. Data snapshot origin=3": TraceSnapshot,
		"Received the heartbeat message 8 with a zero length data snapshot":                                      TraceSnapshot,
		"Successfully replicated and persisted the data snapshot in this file: /x":                               TracePersisted,
		"Unable to replicate and persist the data snapshot in this file: /x. Error code=28":                      TracePersistFailed,
		"We sent an orderly shutdown message from the local DC dc1":                                              TraceShutdownSent,
		"We received a data snapshot that originally belonged to this DC":                                        TraceReturned,
		"Unable to read the binary data snapshot from this file /x":                                              TraceReadFailed,
		"Skipping the zero length binary data snapshot":                                                          TraceReadFailed,
		"UDP channel 1-->Received a notification about the remote data center coming up":                         TraceRemoteUp,
		"UDP channel 1-->Received a notification about the remote data center going down":                        TraceRemoteDown,
		"UDP channel 1-->Completed the taking-over of the replicated data from dc1. A total of 3 data items":     TraceTakeoverCompleted,
		"Exception while communicating with http://h:25091/x. Error message: java.net.ConnectException":          TraceSendFailed,
		"HTTP Request Headers={}": TraceOther,
	} {
		if got := (TraceLine{Text: text}).Kind(); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func traceLine(process, at, text string) string {
	line := strings.Replace(traceHead, "20511", process, 1)
	return strings.Replace(line, "19:58:20.123456", at, 1) + text + "\n"
}

func TestTracesBecomeFactsAndChanges(t *testing.T) {
	cfg, err := Config{Sites: [2]Site{{Name: "dc1"}, {Name: "dc2"}}}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	m := newMemory(&cfg, 0)
	look := func(n int) (time.Time, time.Time) {
		return epoch.Add(time.Duration(n) * time.Second), epoch.Add(time.Duration(n)*time.Second + 100*time.Millisecond)
	}
	feed := func(n int, text string) []Change {
		asked, answered := look(n)
		return m.traces("31", text, asked, answered)
	}
	beat := func(n string) string {
		return traceLine("1", "12:00:00.000000", "Received the heartbeat message "+n+" with no data snapshot from the data center named dc2")
	}
	text := beat("8") + traceLine("1", "12:00:00.100000", "We sent an orderly shutdown message from the local DC dc1")
	if got := feed(1, text); len(got) != 0 || !m.trace.ShutdownSent || m.trace.PeerCountDecrease {
		t.Fatalf("the first text is the baseline: %v, %+v", got, m.trace)
	}
	text += beat("2") + traceLine("1", "12:00:01.500000", "Received a remote DC orderly shutdown message with a heartbeat count 3") + "half a li"
	asked1, _ := look(1)
	_, answered2 := look(2)
	got := feed(2, text)
	if len(got) != 1 || got[0].Event != ShutdownReceived || !got[0].Earliest.Equal(asked1) || !got[0].Latest.Equal(answered2) || !m.trace.PeerCountDecrease {
		t.Fatalf("without a comparable clock: %v, %+v", got, m.trace)
	}
	if got := feed(3, text); len(got) != 0 {
		t.Errorf("nothing new: %v", got)
	}
	if got := feed(2, text+beat("1")); len(got) != 0 {
		t.Errorf("an answer that was overtaken: %v", got)
	}
	cfg.Sites[0].Clock = &ClockBound{Offset: 2 * time.Second, Error: 10 * time.Millisecond}
	text = strings.TrimSuffix(text, "half a li") + traceLine("1", "12:00:01.500000", "Received a remote DC orderly shutdown message with a heartbeat count 3")
	got = feed(4, text)
	if len(got) != 1 || !got[0].Earliest.Equal(epoch.Add(3490*time.Millisecond)) || !got[0].Latest.Equal(epoch.Add(3510*time.Millisecond+time.Microsecond)) {
		t.Errorf("with a comparable clock: %v", got)
	}
	feed(5, traceLine("2", "12:00:05.000000", "anything"))
	if m.trace.ShutdownSent {
		t.Error("a new process has not sent the shutdown of the old one")
	}
}

func FuzzParseTraceLine(f *testing.F) {
	f.Add(traceHead + "Received the heartbeat message 7 with no data snapshot")
	f.Add("22 Nov 2026 19:58:20.123456 [] X #splapptrc,J[],P[], - ")
	f.Fuzz(func(t *testing.T, raw string) {
		line, ok := ParseTraceLine(raw)
		if ok && (line.At.IsZero() || len(line.Text) > len(raw)) {
			t.Errorf("%q read as %+v", raw, line)
		}
		line.Kind()
		line.Count()
	})
}
