package scenario

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/mix"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/toolkit"
)

// What became of events is explained by what was done, or by nothing.
func TestEveryTroubleExplainsWhatItMayCause(t *testing.T) {
	lost := func(of string, events int64, seconds float64) traffic.Account {
		return traffic.Account{Loss: model.Loss{EarliestEvents: events, LatestEvents: events, EarliestSeconds: seconds}, LostOf: map[string]int64{of: events}}
	}
	split := traffic.Account{SplitBrain: 3, Ledger: model.Ledger{Duplicated: 3}}
	for name, c := range map[string]struct {
		kind    mix.Kind
		account traffic.Account
		quirks  []string
		wrong   string // in what is not explained; empty: all is
	}{
		"nothing":                  {mix.Jitter, traffic.Account{}, nil, ""},
		"a crash within the RPO":   {mix.Crash, lost("dc1", 50, 100), nil, ""},
		"a crash beyond the RPO":   {mix.Crash, lost("dc1", 50, 200), nil, "200.0 s of traffic are lost"},
		"a crash and its survivor": {mix.Crash, lost("dc2", 5, 10), nil, "5 events of dc2 are lost"},
		"a restart":                {mix.Restart, lost("dc1", 50, 100), []string{"Q17"}, ""},
		"loss on a slow link":      {mix.SlowLink, lost("dc1", 1, 1), nil, "1 events are lost"},
		"split by a hang":          {mix.LongHang, split, []string{"Q2"}, ""},
		"split by a short hang":    {mix.ShortHang, split, nil, "3 events were processed by both sides"},
		"twice":                    {mix.LongHang, traffic.Account{Ledger: model.Ledger{Duplicated: 1}}, nil, "1 events were processed twice"},
		"back again":               {mix.Crash, traffic.Account{Ledger: model.Ledger{Resurrected: 2}}, nil, "2 events are back"},
		"late after a hang":        {mix.ShortHang, traffic.Account{Ledger: model.Ledger{Reordered: 4}}, nil, ""},
		"late by nothing":          {mix.Loss, traffic.Account{Ledger: model.Ledger{Reordered: 4}}, nil, "4 events were processed after newer ones"},
		"corrupted":                {mix.Crash, traffic.Account{Ledger: model.Ledger{Corrupted: 1}}, nil, "1 events came back"},
		"an anomaly":               {mix.Crash, traffic.Account{Ledger: model.Ledger{Anomalies: []model.Anomaly{{Text: "kept"}}}}, nil, "kept"},
		"a contradiction":          {mix.Crash, traffic.Account{Contradictions: []string{"no set of events"}}, nil, "no set of events"},
	} {
		_, wrong, quirks := explain(mix.Action{Kind: c.kind}, troubles[c.kind], c.account, "dc1", "dc2", 180)
		if !slices.Equal(quirks, c.quirks) {
			t.Errorf("%s: explained by %v, want %v", name, quirks, c.quirks)
		}
		if text := strings.Join(wrong, "; "); (c.wrong == "") != (text == "") || !strings.Contains(text, c.wrong) {
			t.Errorf("%s: not explained: %q, want %q", name, text, c.wrong)
		}
	}
	for _, kind := range mix.Kinds() {
		if troubles[kind].run == nil || troubles[kind].fault == nil {
			t.Errorf("%s is in no row of the table", kind)
		}
	}
}

// Which machine took what is read from the traces of the senders, heartbeats and snapshots apart.
func TestMachinesAreReadFromTraces(t *testing.T) {
	at := time.Now()
	line := func(after time.Duration, text string) toolkit.TraceLine {
		return toolkit.TraceLine{At: at.Add(after), Text: text}
	}
	lines := []toolkit.TraceLine{
		line(0, "25 bytes have been sent to this URL: http://127.0.0.12:25091/crossdcrx/CrossDataCenterReceiverForHB/ports/output/0/inject"),
		line(time.Second, "99 bytes have been sent to this URL: http://127.0.0.12:25092/crossdcrx/CrossDataCenterReceiver[0]/ports/output/0/inject"),
		line(2*time.Second, "25 bytes have been sent to this URL: http://127.0.0.2:25091/crossdcrx/CrossDataCenterReceiverForHB/ports/output/0/inject"),
		line(3*time.Second, "Exception while communicating with http://127.0.0.12:25091/x. Error message: refused"),
	}
	before, after := took(lines, time.Time{}, at.Add(1500*time.Millisecond)), took(lines, at.Add(1500*time.Millisecond), at.Add(time.Minute))
	if before[sentHeartbeats].String() != "127.0.0.12" || before[sentSnapshots].String() != "127.0.0.12" || after[sentHeartbeats].String() != "127.0.0.2" || len(after[sentSnapshots]) != 0 {
		t.Errorf("before %v, after %v", before, after)
	}
}

// Entries that know less than before are counted, whoever's fragment they are in.
func TestEntriesThatKnowLessAreCounted(t *testing.T) {
	state := func(channel int32, entries ...toolkit.FragmentEntry) toolkit.FragmentState {
		return toolkit.FragmentState{Channel: channel, Entries: entries}
	}
	entry := func(dc string, channel int32, count uint64) toolkit.FragmentEntry {
		return toolkit.FragmentEntry{DC: dc, Channel: channel, LastSeq: count, Count: count}
	}
	before := []toolkit.FragmentState{state(0, entry("dc1", 0, 5), entry("dc2", 0, 7)), state(1, entry("dc1", 1, 5))}
	after := []toolkit.FragmentState{state(0, entry("dc1", 0, 4), entry("dc2", 0, 8)), state(1)}
	if got := heldLess(before, after, func(dc string) bool { return dc == "dc1" }); got != (held{less: 2, of: 2}) {
		t.Errorf("dc1: %+v", got)
	}
	if got := heldLess(before, after, func(dc string) bool { return dc == "dc2" }); got != (held{less: 0, of: 1}) {
		t.Errorf("dc2: %+v", got)
	}
}
