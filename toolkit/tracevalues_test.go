package toolkit

import (
	"strings"
	"testing"

	"github.com/crossdc/failover/toolkit/crossdc"
)

func TestValuesInTraceTexts(t *testing.T) {
	const named = "Received the heartbeat message 6 with a non-zero length data snapshot from the data center named ../a b. Data snapshot origin=0"
	snapshot := TraceLine{Text: named}
	if dc, ok := snapshot.DataCenter(); !ok || dc != "../a b" {
		t.Errorf("named %q, %v", dc, ok)
	}
	if origin, ok := snapshot.Origin(); !ok || origin != "0" {
		t.Errorf("origin %q, %v", origin, ok)
	}
	beat := TraceLine{Text: "Received the heartbeat message 7 with no data snapshot from the data center named dc1"}
	if dc, ok := beat.DataCenter(); !ok || dc != "dc1" {
		t.Errorf("named %q, %v", dc, ok)
	}
	if origin, ok := beat.Origin(); ok {
		t.Errorf("a heartbeat has the origin %q", origin)
	}
	cut := TraceLine{Text: named[:len(named)-4], LeftOut: crossdc.Omission(4)}
	if dc, ok := cut.DataCenter(); ok {
		t.Errorf("of a cut line the name is not known, got %q", dc)
	}
	if origin, ok := cut.Origin(); ok {
		t.Errorf("of a cut line the origin is not known, got %q", origin)
	}
}

func TestWhereAReplicaWasStored(t *testing.T) {
	for text, want := range map[string]string{
		"Successfully replicated and persisted the data snapshot in this file: /a: b/../dc1-0.snapshot": "/a: b/../dc1-0.snapshot",
		"Successfully replicated and persisted the data snapshot in the DB. Result=true":                "",
		"Unable to replicate and persist the data snapshot in this file: /dc1-0.snapshot":               "",
	} {
		if got, ok := (TraceLine{Text: text}).StoredIn(); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", text, got, ok)
		}
	}
}

func TestWhichReplicaWasNotRead(t *testing.T) {
	for text, want := range map[string]string{
		"Unable to read the binary data snapshot from this file: /s/dc1-10.snapshot. Error code=2":      "dc1-10",
		"Skipping the zero length binary data snapshot from this file: /s.snapshot/a b-0.snapshot":      "a b-0",
		"Rejected a malformed body on the stored replica /s/dc1-1.snapshot: it ends after 7 of 9 bytes": "dc1-1",
		"Unable to read the binary data snapshot from this file: /s/dc1-1":                              "", // its end is missing
		"Successfully replicated and persisted the data snapshot in this file: /s/dc1-1.snapshot":       "",
	} {
		if got, ok := (TraceLine{Text: text}).NotRead(); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", text, got, ok)
		}
	}
	cut := TraceLine{Text: "Skipping the zero length binary data snapshot from this file: /s/dc1-1.snapshot", LeftOut: crossdc.Omission(4)}
	if name, ok := cut.NotRead(); ok {
		t.Errorf("of a cut line the replica is not known, got %q", name)
	}
}

func TestWhatASenderPosted(t *testing.T) {
	const host = "http://127.0.0.1:8080/crossdcrx/"
	for text, want := range map[string]Posting{
		"812 bytes have been sent to this URL: " + host + "CrossDataCenterReceiver[0]/ports/output/0/inject":  {Bytes: 812, Snapshot: true},
		"21 bytes have been sent to this URL: " + host + "CrossDataCenterReceiverForHB/ports/output/0/inject": {Bytes: 21},
	} {
		got, ok := TraceLine{Text: text}.Posted()
		want.URL = got.URL
		if !ok || got != want || !strings.HasPrefix(got.URL, host) {
			t.Errorf("%s: %+v, %v", text, got, ok)
		}
	}
	for _, text := range []string{
		"-1 bytes have been sent to this URL: " + host, "many bytes have been sent to this URL: " + host,
		"5 bytes have been sent to this URL: http://[", "5 bytes have been sent", "",
	} {
		if got, ok := (TraceLine{Text: text}).Posted(); ok {
			t.Errorf("%q is taken for %+v", text, got)
		}
	}
}
