package model

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
)

// steadyAfter is when both sides of the shipped pair have exchanged at least two rounds of snapshots.
const steadyAfter = 10 * time.Minute

// pair is the shipped pair with phases drawn from the seed.
func pair(seed uint64) Setup {
	s := Shipped()
	s.Seed = seed
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range s.Centers {
		s.Centers[i].Start = time.Duration(r.Int64N(int64(30 * time.Second)))
	}
	return s
}

// watched runs a world and keeps what was observed.
func watched(t testing.TB, s Setup, until time.Duration, schedule ...Action) (*World, []Observation) {
	t.Helper()
	var seen []Observation
	w, err := New(s, schedule, func(o Observation) { seen = append(seen, o) })
	if err != nil {
		t.Fatal(err)
	}
	w.Run(until)
	return w, seen
}

// of filters by side and kind; side -1 is both.
func of(seen []Observation, side int, what Seen) []Observation {
	var found []Observation
	for _, o := range seen {
		if o.What == what && (side < 0 || o.Side == side) {
			found = append(found, o)
		}
	}
	return found
}

func TestAnUndisturbedPairMeetsOnceAndReplicates(t *testing.T) {
	w, seen := watched(t, pair(1), time.Hour)
	for side := range 2 {
		if ups, downs := of(seen, side, Up), of(seen, side, Down); len(ups) != 1 || len(downs) != 0 {
			t.Errorf("dc%d: %d UP and %d DOWN, want one UP", side+1, len(ups), len(downs))
		}
		rounds := of(seen, side, Round)
		for i := 1; i < len(rounds); i++ {
			if period := rounds[i].At - rounds[i-1].At; period != 150*time.Second {
				t.Errorf("dc%d: a snapshot round after %s, want 150 s (toolkit contract 6.6)", side+1, period)
			}
		}
	}
	if stored := of(seen, -1, Stored); len(stored) < 2*5*20 {
		t.Errorf("%d replicas stored in an hour", len(stored))
	}
	for i, a := range w.Account() {
		if a.Acknowledged == 0 || a.Lost != 0 || a.Doubled != 0 {
			t.Errorf("dc%d: %+v, want nothing lost and nothing doubled", i+1, a)
		}
	}
}

func TestTheSameSeedGivesTheSameTrace(t *testing.T) {
	schedule := []Action{
		{At: 11 * time.Minute, What: Drop, Target: 0, For: 170 * time.Second},
		{At: 20 * time.Minute, What: Crash, Target: 1, For: 4 * time.Minute},
		{At: 40 * time.Minute, What: Lossy, Share: 0.3, For: time.Hour},
	}
	s := pair(7)
	s.Delay.Jitter = 20 * time.Millisecond
	first, seen := watched(t, s, 2*time.Hour, schedule...)
	again, _ := watched(t, s, 2*time.Hour, schedule...)
	if first.Hash() != again.Hash() || len(seen) == 0 {
		t.Errorf("hashes %x and %x of %d observations", first.Hash(), again.Hash(), len(seen))
	}
	s.Seed = 8
	other, _ := watched(t, s, 2*time.Hour, schedule...)
	if other.Hash() == first.Hash() {
		t.Error("another seed gives the same trace, although delays and losses are drawn from it")
	}
}

// Detection of a crash is triangular between 90 and 150 s with mean 120 s (toolkit contract 6.1).
func TestDetectionFollowsTheClosedForm(t *testing.T) {
	const draws = 1200
	timing := func() crossdc.Timing { c := Shipped().Centers[1].Config; return c.Timing() }()
	law := timing.Detection(500 * time.Microsecond)
	r := rand.New(rand.NewPCG(3, 3))
	var sum time.Duration
	below := 0
	median := law.Quantile(0.5)
	for seed := range uint64(draws) {
		at := steadyAfter + time.Duration(r.Int64N(int64(150*time.Second)))
		_, seen := watched(t, pair(seed), at+5*time.Minute, Action{At: at, What: Crash, Target: 0})
		downs := of(seen, 1, Down)
		if len(downs) != 1 {
			t.Fatalf("seed %d: %d DOWN", seed, len(downs))
		}
		detection := downs[0].At - at
		if detection <= law.Interval.Min || detection > law.Interval.Max {
			t.Fatalf("seed %d: detected after %s, outside of (%s, %s]", seed, detection, law.Interval.Min, law.Interval.Max)
		}
		sum += detection
		if detection <= median {
			below++
		}
		if taken := of(seen, 1, TakenOver); len(taken) != 5 {
			t.Fatalf("seed %d: %d fragments taken over", seed, len(taken))
		}
	}
	if mean := (sum / draws).Seconds(); mean < 118.5 || mean > 121.5 {
		t.Errorf("mean detection %.1f s, want 120 s", mean)
	}
	if share := float64(below) / draws; share < 0.456 || share > 0.544 { // three standard deviations of 1,200 draws
		t.Errorf("%.3f of the detections are below the median of the closed form", share)
	}
}

// A link that refuses ends in mutual silence with the closed form's probability (toolkit contract 6.4).
func TestSilenceAfterARefusedLinkFollowsTheClosedForm(t *testing.T) {
	cfg := Shipped().Centers[0].Config
	timing := cfg.Timing()
	for _, order := range []crossdc.TickOrder{crossdc.PreparerFirst, crossdc.WatchdogFirst} {
		for _, length := range []float64{3, 3.6, 4.4, 4.5, 5} {
			l := time.Duration(length * 30 * float64(time.Second))
			const draws = 400
			silent := 0
			r := rand.New(rand.NewPCG(uint64(length*10), uint64(order)))
			for seed := range uint64(draws) {
				s := pair(seed)
				s.Centers[0].Order, s.Centers[1].Order = order, order
				at := steadyAfter + time.Duration(r.Int64N(int64(150*time.Second)))
				w, _ := watched(t, s, at+l+20*time.Minute,
					Action{At: at, What: Refuse, Target: 0, For: l}, Action{At: at, What: Refuse, Target: 1, For: l})
				if holds := w.Holds(); !holds[0] && !holds[1] {
					silent++
				}
			}
			want := timing.SilenceProbability(order, l)
			if share := float64(silent) / draws; share < want-0.06 || share > want+0.06 {
				t.Errorf("%s, %.1f I: silent for good in %.3f, closed form %.3f", order, length, share, want)
			}
		}
	}
}

// A link that swallows packets heals by a heartbeat that waits in the queue, up to the window of toolkit contract 6.4.
func TestASwallowedLinkHealsByWhatWaits(t *testing.T) {
	heals := func(length time.Duration) int {
		healed := 0
		for seed := range uint64(60) {
			s := pair(seed)
			at := steadyAfter + time.Duration(seed)*2500*time.Millisecond
			w, _ := watched(t, s, at+length+20*time.Minute, Action{At: at, What: Drop, Target: 0, For: length})
			if holds := w.Holds(); holds[0] && holds[1] {
				healed++
			}
		}
		return healed
	}
	if n := heals(115 * time.Second); n != 60 {
		t.Errorf("115 s: %d of 60 healed by themselves, the contract says all up to about 120 s", n)
	}
	if n := heals(200 * time.Second); n != 0 {
		t.Errorf("200 s: %d of 60 healed by themselves, the contract says none beyond about 165 s", n)
	}
}

// A restart within the detection time is never noticed, and the state is lost for good (Q17).
func TestQ17AFastRestartLosesStateSilently(t *testing.T) {
	for boot, noticed := range map[time.Duration]bool{49 * time.Second: false, 111 * time.Second: true} {
		for seed := range uint64(40) {
			at := steadyAfter + time.Duration(seed)*3700*time.Millisecond
			_, seen := watched(t, pair(seed), at+20*time.Minute, Action{At: at, What: Crash, Target: 0, For: boot})
			if downs := of(seen, 1, Down); (len(downs) > 0) != noticed {
				t.Errorf("boot %s, seed %d: %d DOWN (toolkit contract 6.5)", boot, seed, len(downs))
			}
		}
	}
}

// One request that hangs without arriving makes a gap of I + R = 130 s, a false DOWN in a third of the phases (Q10).
func TestQ10OneHungHeartbeat(t *testing.T) {
	const draws = 900
	down := 0
	r := rand.New(rand.NewPCG(5, 5))
	for seed := range uint64(draws) {
		at := steadyAfter + time.Duration(r.Int64N(int64(30*time.Second)))
		// for one interval, so that exactly one heartbeat is swallowed
		_, seen := watched(t, pair(seed), at+10*time.Minute, Action{At: at, What: Swallow, Target: 0, For: 30 * time.Second, Ports: HeartbeatPort})
		if len(of(seen, 1, Down)) > 0 {
			down++
		}
	}
	if share := float64(down) / draws; share < 0.28 || share > 0.39 {
		t.Errorf("%.3f ended in DOWN, the contract has 0.33 (6.3)", share)
	}
}

// The announcement of a shutdown empties the peer's replicas; DOWN comes all the same (Q12).
func TestQ12AnOrderlyShutdownEndsInDown(t *testing.T) {
	at := steadyAfter + 7*time.Second
	w, seen := watched(t, pair(2), at+10*time.Minute,
		Action{At: at, What: Special, Target: 0, Text: crossdc.OrderlyShutdownText}, Action{At: at + time.Minute, What: Crash, Target: 0})
	if downs, taken := of(seen, 1, Down), of(seen, 1, TakenOver); len(downs) != 1 || len(taken) != 0 {
		t.Errorf("%d DOWN and %d takeovers at the peer, want one and none", len(downs), len(taken))
	}
	if w.Replicas()[1] != 0 {
		t.Errorf("%d replicas are left", w.Replicas()[1])
	}
}

func TestWhatCannotBeRunIsRefused(t *testing.T) {
	for name, broken := range map[string]func(*Setup, *Action){
		"target":   func(_ *Setup, a *Action) { a.Target = 2 },
		"what":     func(_ *Setup, a *Action) { a.What = "explode" },
		"for":      func(_ *Setup, a *Action) { a.For = -1 },
		"at":       func(_ *Setup, a *Action) { a.At = -1 },
		"share":    func(_ *Setup, a *Action) { a.What, a.Share = Lossy, 2 },
		"fused":    func(_ *Setup, a *Action) { a.What, a.Operator = Restart, PreparerOperator },
		"interval": func(s *Setup, _ *Action) { s.Centers[1].Config.HeartbeatInterval = 0 },
		"pairs":    func(s *Setup, _ *Action) { s.Centers[1].Config.HTTPSenderReceiverPairs = 0 },
		"loss":     func(s *Setup, _ *Action) { s.Loss = -1 },
		"rate":     func(s *Setup, _ *Action) { s.Rate = -1 },
	} {
		s, a := pair(1), Action{What: Crash}
		broken(&s, &a)
		if _, err := New(s, []Action{a}, nil); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
