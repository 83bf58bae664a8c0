package toolkit

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestAStatusStreamAlternatesAndCountsUp(t *testing.T) {
	type tuple struct {
		number uint64
		up     bool
	}
	for name, tt := range map[string]struct {
		tuples []tuple
		wrong  string
	}{
		"as it should be":                       {[]tuple{{1, true}, {2, false}, {3, true}, {4, false}}, ""},
		"the PE was started anew while UP":      {[]tuple{{1, true}, {2, false}, {3, true}, {1, false}, {2, true}}, ""},
		"the job was submitted again":           {[]tuple{{1, true}, {1, true}, {2, false}}, ""},
		"the watchdog alone was restarted":      {[]tuple{{1, true}, {2, true}, {3, false}}, ""},
		"some were missed":                      {[]tuple{{1, true}, {4, false}, {7, true}}, ""},
		"DOWN twice":                            {[]tuple{{1, true}, {2, false}, {3, false}}, "number 3 says DOWN after number 2 said DOWN"},
		"DOWN twice under one number":           {[]tuple{{1, true}, {2, false}, {2, false}}, "number 2 (DOWN) came after number 2 (DOWN)"},
		"numbers go down":                       {[]tuple{{3, true}, {4, false}, {3, true}}, "number 3 (UP) came after number 4 (DOWN)"},
		"numbers stand still":                   {[]tuple{{1, true}, {2, false}, {2, true}}, "numbers must go up"},
		"the wrong one after some were missed":  {[]tuple{{1, true}, {3, false}}, "UP and DOWN must alternate"},
		"the same one after two, as it must be": {[]tuple{{1, true}, {3, true}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := newTestMemory(t, nil)
			var found []string
			for i, one := range tt.tuples {
				raw := json.RawMessage(fmt.Sprintf(`{"activeOrInactive":%t,"number":%d}`, one.up, one.number))
				changes, err := m.statusArrived(arrived{raw, StatusStream, bounds{ms(i), ms(i + 1)}, i == 0})
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range changes {
					if c.Event == StreamIrregular {
						found = append(found, c.Evidence)
					}
				}
			}
			if tt.wrong == "" && len(found) > 0 || tt.wrong != "" && (len(found) != 1 || !strings.Contains(found[0], tt.wrong)) {
				t.Errorf("found %q, want %q", found, tt.wrong)
			}
		})
	}
}

// Only a restart of the watchdog explains an UP after an UP, so that whoever sees its process live on says that nothing does.
func TestUPAfterUPIsIrregularWhereNobodyRestarted(t *testing.T) {
	for name, tt := range map[string]struct {
		before, after value // of the watchdog's counter; the reading after is asked for at asked
		asked         int   // ms
		wrong         bool
	}{
		"the process lives on":                        {value{StatusTuples, 1, 0, 1}, value{StatusTuples, 2, 0, 1}, 2000, true},
		"it was restarted":                            {value{StatusTuples, 1, 0, 1}, value{StatusTuples, 1, 0, 2}, 2000, false},
		"nobody knows its launch":                     {value{StatusTuples, 1, 0, 0}, value{StatusTuples, 2, 0, 0}, 2000, false},
		"the reading may be older than the second UP": {value{StatusTuples, 1, 0, 1}, value{StatusTuples, 2, 0, 1}, 1050, false},
	} {
		t.Run(name, func(t *testing.T) {
			m := newTestMemory(t, nil)
			m.counters(look(100, 110, tt.before))
			for i := range 2 {
				raw := json.RawMessage(fmt.Sprintf(`{"activeOrInactive":true,"number":%d}`, i+1))
				if _, err := m.statusArrived(arrived{raw, StatusStream, bounds{ms(500 + 500*i), ms(501 + 500*i)}, i == 0}); err != nil {
					t.Fatal(err)
				}
			}
			var found []string
			for again := range 2 { // and once only
				for _, c := range m.counters(look(tt.asked+again, tt.asked+10+again, tt.after)) {
					if c.Event == StreamIrregular {
						found = append(found, c.Evidence)
					}
				}
			}
			if tt.wrong != (len(found) == 1) || tt.wrong && !strings.Contains(found[0], "the watchdog was not restarted") || len(found) > 1 {
				t.Errorf("found %q", found)
			}
		})
	}
}

func TestHeartbeatCountsGoUp(t *testing.T) {
	for name, tt := range map[string]struct {
		counts []int
		wrong  string
	}{
		"rounds of snapshots take counts too":      {[]int{1, 2, 4, 5, 6, 7, 8, 10}, ""},
		"one was sent twice for want of an answer": {[]int{1, 2, 2, 3}, ""},
		"the peer was started anew":                {[]int{7, 8, 1, 2, 3}, ""},
		"somebody posted a heartbeat of his own":   {[]int{40, 41, 1, 42, 44}, ""},
		"some were lost":                           {[]int{1, 2, 9}, ""},
		"every heartbeat carries count 1":          {[]int{1, 1, 1, 1, 1}, "3 heartbeats in a row carry the count 1"},
		"more than the time allows":                {[]int{1, 2, 50}, "heartbeat 50 came after 2"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newTestMemory(t, nil)
			text := ""
			m.traces("1", text, ms(0), ms(10))
			var found []string
			for i, n := range tt.counts {
				text += stampedLine(1000*(i+1), fmt.Sprintf("Received the heartbeat message %d with no data snapshot from the data center named dc2", n))
				for _, c := range m.traces("1", text, ms(1000*(i+1)+100), ms(1000*(i+1)+110)) {
					if c.Event == StreamIrregular && c.Subject == "heartbeats of dc2" {
						found = append(found, c.Evidence)
					}
				}
			}
			if tt.wrong == "" && len(found) > 0 || tt.wrong != "" && (len(found) != 1 || !strings.Contains(found[0], tt.wrong)) {
				t.Errorf("found %q, want %q", found, tt.wrong)
			}
		})
	}
}
