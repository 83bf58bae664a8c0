package toolkit

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// What was under way inside the data center while we asked, or pinged, is older than the question.
func TestDelaysWidenTheLowerBound(t *testing.T) {
	delayed := func(clock *ClockBound) *memory {
		m := newTestMemory(t, clock)
		m.cfg.Delay = func(at time.Time) time.Duration {
			if at.Before(ms(1200)) {
				return 7 * time.Millisecond
			}
			return 40 * time.Millisecond // the machine is busy
		}
		m.cfg.TraceDelay = func(Traced) time.Duration { return 3 * time.Millisecond }
		return m
	}
	tuple := func(active bool, number uint64) json.RawMessage {
		raw, err := json.Marshal(map[string]any{"activeOrInactive": active, "number": number})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	check := func(name string, got []Change, earliest, latest time.Time) {
		t.Helper()
		if len(got) != 1 || !got[0].Earliest.Equal(earliest) || !got[0].Latest.Equal(latest) {
			t.Errorf("%s: got %v", name, got)
			for _, c := range got {
				t.Errorf("  [%v, %v]", c.Earliest.Sub(epoch), c.Latest.Sub(epoch))
			}
		}
	}

	m := delayed(nil)
	first := []json.RawMessage{tuple(true, 1)}
	if _, err := m.statusRead(first, ms(1000), ms(1010)); err != nil {
		t.Fatal(err)
	}
	got, err := m.statusRead(append(first, tuple(false, 2)), ms(1100), ms(1110))
	if err != nil {
		t.Fatal(err)
	}
	check("buffer read", got, ms(993), ms(1110))

	m = delayed(nil)
	m.counters(look(1000, 1010, value{Delivered, 0, 0, 1}))
	check("delivered, merged after that", m.counters(look(1210, 1220, value{Delivered, 5, 0, 1})), ms(1000-100-7), ms(1260))

	m = delayed(&ClockBound{Error: 5 * time.Millisecond})
	traced := func(at time.Time) string {
		return at.UTC().Format(traceTime) + traceHead[len(traceTime):] + "Received a remote DC orderly shutdown message with a heartbeat count 1 from dc2\n"
	}
	m.traces("1", traced(ms(900)), ms(1000), ms(1010))
	stamp := ms(1050)
	check("traced by a comparable clock", m.traces("1", traced(ms(900))+traced(stamp), ms(1100), ms(1110)),
		onOurClock(ms(1110), stamp.Truncate(time.Microsecond)).Add(-8*time.Millisecond), onOurClock(ms(1110), stamp.Truncate(time.Microsecond)).Add(5*time.Millisecond+time.Microsecond))
}

// The watchdog's process decides on the status; the news has to reach those who trace it.
func TestLinesAreBoundedByWhereTheyHappened(t *testing.T) {
	m := newTestMemory(t, &ClockBound{Error: time.Millisecond, Drift: 0.01})
	var asked []Traced
	m.cfg.TraceDelay = func(line Traced) time.Duration {
		asked = append(asked, line)
		return 0
	}
	line := func(text string) string {
		return ms(1500).UTC().Format(traceTime) + traceHead[len(traceTime):] + text + "\n"
	}
	own := traceProcess(t, line(""))
	const down, completed = "Received a notification about the remote data center going down", "Completed the taking-over of the replicated data."
	m.traces("1", "", ms(1100), ms(1110))
	got := m.traces("1", line(down)+line(completed), ms(1990), ms(2000))
	m.counters(look(1000, 1010, value{StatusTuples, 1, 0, 1}))
	m.views[OperatorMetrics].tracks[StatusTuples].sample.Process = "77"
	m.traces("2", "", ms(1100), ms(1110))
	m.traces("2", line(down), ms(1990), ms(2000))
	if len(asked) != 3 || asked[0].Origin != "" || asked[1].Origin != own || asked[2].Origin != "77" || asked[2].Process != own {
		t.Fatalf("asked about %+v", asked)
	}
	stamp := onOurClock(ms(2000), ms(1500).Truncate(time.Microsecond))
	wrong := time.Millisecond + time.Duration(0.01*float64(ms(2000).Sub(stamp)))
	if c := got[0]; c.Event != PeerDown || !c.Earliest.Equal(stamp.Add(-wrong)) || !c.Latest.Equal(stamp.Add(wrong+time.Microsecond)) {
		t.Errorf("%v: %v .. %v around the stamp, want +-%v", c.Event, c.Earliest.Sub(stamp), c.Latest.Sub(stamp), wrong)
	}
}

// A fragment is not complete before its last entry is merged, and that is not before the one before it was traced.
func TestATakeoverIsNotCompleteBeforeItsLastEntry(t *testing.T) {
	m := newTestMemory(t, &ClockBound{Error: time.Millisecond})
	m.cfg.TraceDelay = func(Traced) time.Duration { return time.Second }
	line := func(at int, text string) string {
		return ms(at).UTC().Format(traceTime) + traceHead[len(traceTime):] + text + "\n"
	}
	const entry, completed = "Taking-over the replicated data: Remote DC=dc1, Key=k, Value=v", "Completed the taking-over of the replicated data."
	text := ""
	m.traces("1", text, ms(1000), ms(1010))
	check := func(name string, read int, want time.Time, lines ...string) {
		t.Helper()
		text += strings.Join(lines, "")
		got := m.traces("1", text, ms(read), ms(read+10))
		if len(got) != 1 || got[0].Earliest.Sub(want).Abs() > time.Microsecond {
			t.Errorf("%s: %v, want %v", name, got, want.Sub(epoch))
			for _, c := range got {
				t.Errorf("  from %v", c.Earliest.Sub(epoch))
			}
		}
	}
	check("three entries", 2100, ms(2019), line(2010, entry), line(2020, entry), line(2030, entry), line(2040, completed))
	check("one entry", 3100, ms(3040-1-1000), line(3030, entry), line(3040, completed))
	check("no entry", 3200, ms(3050-1-1000), line(3050, completed))
	if len(m.traced.entries) > 0 {
		t.Errorf("kept %v", m.traced.entries)
	}
}

func traceProcess(t *testing.T, raw string) string {
	t.Helper()
	line, ok := ParseTraceLine(raw[:len(raw)-1])
	if !ok {
		t.Fatalf("%q is no trace line", raw)
	}
	return line.Process
}
