package toolkit

import (
	"errors"
	"strings"
	"testing"
	"time"
)

const goingDown = "Received a notification about the remote data center going down"

func stampedLine(at int, text string) string {
	return ms(at).UTC().Format(traceTime) + traceHead[len(traceTime):] + text + "\n"
}

// A line that was read before it was stamped shows that the host's clock stepped: what it tells is bounded by the readings
// alone, in order, and the same host's other stamps count no more.
func TestATraceStampedLaterThanItWasReadIsNotCompared(t *testing.T) {
	for name, step := range map[string]int{"a second ahead": 1000, "an hour ahead": 3600_000, "an hour behind": -3600_000} {
		t.Run(name, func(t *testing.T) {
			m := newTestMemory(t, &ClockBound{Error: time.Millisecond})
			text := stampedLine(900, "anything")
			m.traces("1", text, ms(1000), ms(1010))
			got := m.traces("1", text+stampedLine(1100+step, goingDown), ms(1150), ms(1160))
			if len(got) != 1 || got[0].Event != PeerDown || !got[0].Earliest.Equal(ms(1000)) || !got[0].Latest.Equal(ms(1160)) {
				t.Fatalf("got %v, want DOWN between the two readings", got)
			}
			err := m.clockTrouble(TraceLines)
			if !errors.Is(err, ErrClock) || CauseOf(err) != CauseClock || !spokeNevertheless(err) {
				t.Fatalf("the clock's trouble is not told: %v", err)
			}
			if again := m.clockTrouble(TraceLines); again != nil {
				t.Errorf("it is told once, not again: %v", again)
			}
			if m.clock() != nil {
				t.Error("the clock that stepped is still compared")
			}
		})
	}
}

func TestASampleStampedLaterThanItWasReadBoundsNothing(t *testing.T) {
	m := newTestMemory(t, &ClockBound{Error: time.Millisecond})
	m.counters(look(1000, 1010, value{StatusTuples, 1, 3600_950, 1}))
	m.counters(look(1050, 1060, value{StatusTuples, 1, 3601_050, 1}))
	got := m.counters(look(1100, 1110, value{StatusTuples, 2, 3601_100, 1}))
	if len(got) != 1 || !got[0].Earliest.Equal(ms(1000)) || !got[0].Latest.Equal(ms(1110)) {
		t.Fatalf("got %v; want DOWN after the request that showed another sample and before this answer", got)
	}
}

func TestAReversedChangeIsDroppedAndNamed(t *testing.T) {
	good := Change{Site: "dc1", Indicator: TraceLines, Event: PeerDown, Earliest: ms(1), Latest: ms(1)}
	bad := Change{Site: "dc1", Indicator: OperatorMetrics, Event: PeerDown, Earliest: ms(2), Latest: ms(1), Evidence: "1 -> 2"}
	kept, problems := sound([]Change{good, bad})
	if len(kept) != 1 || kept[0] != good || len(problems) != 1 || CauseOf(problems[0].(Problem).Err) != CauseUnknown ||
		!strings.Contains(problems[0].Error(), "it would have ended 1ms before it began") {
		t.Errorf("kept %v, problems %v", kept, problems)
	}
}

// Two stamps of one clock measure a silence, unless that clock stepped in between: our own two readings bound it too.
func TestASilenceIsHeldAgainstOurOwnClock(t *testing.T) {
	const beat = "Received the heartbeat message 7 with no data snapshot from the data center named dc2"
	for name, tt := range map[string]struct {
		step    int
		stepped bool
	}{"no step": {0, false}, "a second ahead": {1000, true}, "a second behind": {-1000, true}} {
		m := newTestMemory(t, nil)
		text := ""
		m.traces("1", text, ms(0), ms(10))
		for at := 100; at <= 4000; at += 100 {
			switch at {
			case 300:
				text += stampedLine(250, beat)
			case 3300:
				text += stampedLine(3250+tt.step, goingDown) + stampedLine(3251+tt.step, goingDown)
			}
			m.traces("1", text, ms(at), ms(at+10))
		}
		told := m.silence.told
		if told == nil || told.Stamped != time.Duration(3000+tt.step)*time.Millisecond || told.Least != 2890*time.Millisecond || told.Most != 3110*time.Millisecond {
			t.Fatalf("%s: %+v", name, told)
		}
		if told.Stepped(50*time.Millisecond) != tt.stepped {
			t.Errorf("%s: stepped %t", name, !tt.stepped)
		}
	}
}
