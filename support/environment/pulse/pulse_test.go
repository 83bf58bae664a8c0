package pulse

import (
	"testing"
	"time"
)

func TestLateBeatsAreGaps(t *testing.T) {
	epoch := time.Now()
	at := func(n int) time.Time { return epoch.Add(time.Duration(n) * time.Millisecond) }
	p := &Pulse{limit: 100 * time.Millisecond, beat: at(2)}
	p.note(at(2), 0)   // on time; the next is due at 4
	p.note(at(14), 0)  // 10 late; 16
	p.note(at(166), 0) // 150 late; 168
	if got := p.Worst(at(0), at(20)); got != 150*time.Millisecond {
		t.Errorf("the gap that began in the stretch counts: got %v", got)
	}
	if got := p.Worst(at(0), at(15)); got != 10*time.Millisecond {
		t.Errorf("a later gap does not: got %v", got)
	}
	if got := p.Worst(at(167), at(400)); got != 232*time.Millisecond {
		t.Errorf("a gap that is not over yet counts: got %v", got)
	}
	if got := p.Starved(at(0), at(200)); len(got) != 1 || got[0].Length() != 150*time.Millisecond {
		t.Errorf("starved: %v", got)
	}
	if got := p.Starved(at(167), at(200)); len(got) != 0 {
		t.Errorf("starved later: %v", got)
	}
}

func TestTheMemoryIsBounded(t *testing.T) {
	epoch := time.Now()
	p := &Pulse{limit: time.Millisecond, beat: epoch}
	for n := range 5 * kept {
		p.note(epoch.Add(time.Duration(n)*time.Second), 0)
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

func TestAGapThatIsNotOverYetIsStarvation(t *testing.T) {
	epoch := time.Now()
	p := &Pulse{limit: 100 * time.Millisecond, beat: epoch, began: epoch}
	if got := p.Starved(epoch.Add(-time.Second), epoch.Add(5*time.Second)); len(got) != 1 || got[0].Length() != 5*time.Second {
		t.Errorf("a process that was stopped and has only just gone on: %v", got)
	}
	if got := p.Missed(epoch, epoch.Add(5*time.Second)); got < 0.8 {
		t.Errorf("share %v", got)
	}
}

func TestMissedTurnsAddUp(t *testing.T) {
	epoch := time.Now()
	at := func(n int) time.Time { return epoch.Add(time.Duration(n) * time.Millisecond) }
	p := &Pulse{limit: time.Second, beat: epoch, began: epoch}
	for n := 50; n < 4000; n += 50 { // 40 of every 50 ms, none of them a gap beyond the limit
		p.beat = at(n - 40)
		p.note(at(n), 0)
	}
	if got := p.Missed(at(1000), at(2999)); got < 0.75 || got > 0.85 {
		t.Errorf("%.2f of the time, want 0.8", got)
	}
	if got := p.Starved(at(0), at(3950)); len(got) != 0 {
		t.Errorf("starved: %v", got)
	}
	quiet := &Pulse{limit: time.Second, beat: epoch, began: epoch}
	for n := 2; n < 4000; n += 3 { // a timer that is a millisecond late each time
		quiet.note(at(n), 0)
	}
	if got := quiet.Missed(at(0), at(3999)); got > 0.01 {
		t.Errorf("a coarse timer is no missed turn: %.2f", got)
	}
}

func TestASuspendedMachineIsAGapThatOurClockDoesNotCount(t *testing.T) {
	epoch := time.Now()
	p := &Pulse{limit: time.Second, beat: epoch, began: epoch, slept: time.Hour}
	p.note(epoch.Add(time.Millisecond), time.Hour+20*time.Second)
	if got := p.Starved(epoch, epoch.Add(10*time.Millisecond)); len(got) != 1 || got[0].Asleep != 20*time.Second {
		t.Errorf("starved: %v", got)
	}
	if now := suspended(); now < 0 {
		t.Errorf("suspended for %v", now)
	}
}
