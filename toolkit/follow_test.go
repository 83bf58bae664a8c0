package toolkit

import "testing"

// TestNotBefore: only a ping answered before a tuple was received proves that the tuple was written after the ping.
func TestNotBefore(t *testing.T) {
	s := &follower{monitor: &Monitor{cfg: &Config{}}}
	s.prove(ms(100))
	s.answered(answer{ms(200), ms(210)})
	s.answered(answer{ms(300), ms(310)})
	for received, want := range map[int]int{150: 100, 209: 100, 210: 200, 305: 200, 400: 300} {
		if got := s.notBefore(Push{Received: ms(received)}); !got.Equal(ms(want)) {
			t.Errorf("received at %d ms: not before %v, want %d ms", received, got.Sub(epoch), want)
		}
	}
	s.monitor.cfg.PushDelayBound = ms(5).Sub(epoch)
	if got := s.notBefore(Push{Received: ms(400)}); !got.Equal(ms(395)) {
		t.Errorf("with a bound: %v", got.Sub(epoch))
	}
	if got := s.notBefore(Push{Received: ms(400), Late: true}); !got.Equal(ms(300)) {
		t.Errorf("a late frame: %v", got.Sub(epoch))
	}
	if got := s.opened(); !got.Equal(ms(300)) || len(s.pings) != 0 {
		t.Errorf("a new connection starts from %v with %v", got.Sub(epoch), s.pings)
	}
	for range 2 * keptPings {
		s.answered(answer{ms(500), ms(510)})
	}
	if len(s.pings) != keptPings {
		t.Errorf("keeps %d answers", len(s.pings))
	}
}
