package pulse

import (
	"testing"
	"time"
)

func TestLateBeatsAreGaps(t *testing.T) {
	epoch := time.Now()
	at := func(n int) time.Time { return epoch.Add(time.Duration(n) * time.Millisecond) }
	p := &Pulse{limit: 100 * time.Millisecond, beat: at(2)}
	p.note(at(2))   // on time; the next is due at 4
	p.note(at(14))  // 10 late; 16
	p.note(at(166)) // 150 late; 168
	if got := p.Worst(at(0), at(20)); got != 150*time.Millisecond {
		t.Errorf("the gap that began in the stretch counts: got %v", got)
	}
	if got := p.Worst(at(0), at(15)); got != 10*time.Millisecond {
		t.Errorf("a later gap does not: got %v", got)
	}
	if got := p.Worst(at(167), at(400)); got != 232*time.Millisecond {
		t.Errorf("a gap that is not over yet counts: got %v", got)
	}
	if got := p.Starved(at(0), at(1000)); len(got) != 1 || got[0].Length() != 150*time.Millisecond {
		t.Errorf("starved: %v", got)
	}
	if got := p.Starved(at(500), at(1000)); len(got) != 0 {
		t.Errorf("starved later: %v", got)
	}
}

func TestTheMemoryIsBounded(t *testing.T) {
	epoch := time.Now()
	p := &Pulse{limit: time.Millisecond, beat: epoch}
	for n := range 5 * kept {
		p.note(epoch.Add(time.Duration(n) * time.Second))
	}
	if len(p.recent) > 2*kept || len(p.starved) > maxStarved {
		t.Errorf("%d recent, %d starved", len(p.recent), len(p.starved))
	}
}

func TestItBeatsUntilStopped(t *testing.T) {
	p := Start(time.Hour)
	p.mu.Lock()
	before := p.beat
	p.mu.Unlock()
	for deadline := time.Now().Add(5 * time.Second); ; {
		p.mu.Lock()
		moved := p.beat.After(before)
		p.mu.Unlock()
		if moved {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no beat")
		}
		time.Sleep(Period)
	}
	p.Stop()
	p.Stop()
}
