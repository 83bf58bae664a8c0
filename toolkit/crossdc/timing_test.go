package crossdc

import (
	"math"
	"strings"
	"testing"
	"time"
)

const second = time.Second

// profiles are the three of 6.8.
func profiles() (shipped, fast, f3 Timing) {
	shipped = Timing{Interval: 30 * second, Misses: 4, SnapshotInterval: 180 * second, InitDelay: 40 * second, ConnectTimeout: 25 * second, ReadTimeout: 100 * second, Machines: 1, Pairs: 1}
	fast = Timing{Interval: second / 5, Misses: 4, SnapshotInterval: second, InitDelay: second, ConnectTimeout: second, ReadTimeout: second, Machines: 1, Pairs: 1}
	f3 = Timing{Interval: second, Misses: 3, SnapshotInterval: 5 * second, InitDelay: 2 * second, ConnectTimeout: 2 * second, ReadTimeout: 3 * second, Machines: 1, Pairs: 1}
	return shipped, fast, f3
}

func TestTimingOfTheShippedConfiguration(t *testing.T) {
	cfg := Shipped()
	cfg.RemoteMachineNames = "b1"
	if got, _, _ := profiles(); cfg.Timing() != got {
		t.Errorf("%+v, want %+v", cfg.Timing(), got)
	}
}

func TestWorkedExamples(t *testing.T) {
	shipped, fast, f3 := profiles()
	for _, x := range []struct {
		name                   string
		t                      Timing
		least, mean, most      float64
		gap                    float64
		losses                 int
		period, rpoMean        float64
		survivable, silent     float64
		invisible, contactMost float64
	}{
		{"shipped", shipped, 90, 120, 150, 120, 3, 150, 75, 90, 150, 50, 70},
		{"fast", fast, 0.6, 0.8, 1, 0.8, 3, 0.2, 0.1, 0.6, 1, -0.4, 1.2},
		{"F3", f3, 2, 3, 4, 3, 2, 4, 2, 2, 4, 0, 3},
	} {
		is := func(what string, got time.Duration, want float64) {
			t.Helper()
			if got != seconds(want) {
				t.Errorf("%s: %s %v, want %v s", x.name, what, got, want)
			}
		}
		b := x.t.DetectionBounds(0)
		is("least detection", b.Min, x.least)
		is("mean detection", x.t.DetectionMean(0), x.mean)
		is("most detection", b.Max, x.most)
		is("safe gap", x.t.SafeGap(), x.gap)
		is("tolerated jitter", x.t.ToleratedJitter(), x.least)
		is("recovery time", x.t.RecoveryTime(0, second).Max, x.most+1)
		if x.t.ToleratedLosses() != x.losses {
			t.Errorf("%s: %d tolerated losses, want %d", x.name, x.t.ToleratedLosses(), x.losses)
		}
		period, _ := x.t.SnapshotPeriod()
		is("snapshot period", period, x.period)
		mean, _ := x.t.MeanRPO(0)
		is("mean RPO", mean, x.rpoMean)
		rpo, _ := x.t.RPO(second, 2)
		is("RPO after two lost rounds", rpo.Max, 3*x.period+1)
		is("least RPO", rpo.Min, 1)
		age, _ := x.t.AgeAtTakeover(second, 0, 0)
		is("age at takeover", age.Max, x.period+1+x.most)
		for _, order := range []TickOrder{PreparerFirst, WatchdogFirst} {
			if o := x.t.Partition(order, seconds(x.survivable)); o.Down != Impossible {
				t.Errorf("%s: %v after the survivable partition", x.name, o)
			}
			if o := x.t.Partition(order, seconds(x.silent)); o.Silence != Certain {
				t.Errorf("%s: %v after the longest partition", x.name, o)
			}
		}
		if o := x.t.Partition(PreparerFirst, seconds(x.silent)-1); o.Silence != Possible {
			t.Errorf("%s: %v just below the longest partition", x.name, o)
		}
		is("invisible restart", x.t.InvisibleRestart().AlwaysInvisible, x.invisible)
		is("first contact", x.t.FirstContact(0, 0, 0).Max, x.contactMost)
	}
	first, _ := shipped.FirstSnapshot()
	if first != 190*second || shipped.InvisibleRestart().AlwaysVisible != 110*second {
		t.Errorf("first snapshot %v, always visible from %v, want 190 s and 110 s", first, shipped.InvisibleRestart().AlwaysVisible)
	}
}

func TestFalseDownRule(t *testing.T) {
	shipped, _, _ := profiles()
	for gap, want := range map[time.Duration]float64{0: 0, 120 * second: 0, 130 * second: 1.0 / 3, 135 * second: 0.5, 150 * second: 1, 500 * second: 1} {
		if got := shipped.FalseDown(gap); math.Abs(got-want) > 1e-9 {
			t.Errorf("gap %v: %v, want %v", gap, got, want)
		}
	}
	for k, want := range map[int]float64{0: 0, 3: 0, 4: 1, 5: 1} {
		if got := shipped.FalseDown(time.Duration(k+1) * shipped.Interval); got != want {
			t.Errorf("%d lost heartbeats: %v, want %v", k, got, want)
		}
	}
	deaf := shipped
	deaf.Misses = 255
	if deaf.FalseDown(never) != 0 || !deaf.NeverDetects() || deaf.Partition(PreparerFirst, never) != (PartitionOutcome{}) ||
		deaf.OneWayPartition(PreparerFirst, never) != (PartitionOutcome{}) || deaf.Flaps(never) != Impossible || deaf.SilenceProbability(PreparerFirst, never) != 0 {
		t.Error("N = 255 never declares DOWN")
	}
}

func TestTimeBetweenFalseDowns(t *testing.T) {
	shipped, fast, _ := profiles()
	if got := shipped.TicksBetweenFalseDowns(0.1); math.Abs(got-11110) > 1e-6 {
		t.Errorf("%v ticks, want 11110", got)
	}
	if got := shipped.TimeBetweenFalseDowns(0.1).Hours(); math.Abs(got-92.6) > 0.1 {
		t.Errorf("%v h at 30 s, want 92", got)
	}
	if got := fast.TimeBetweenFalseDowns(0.1).Minutes(); math.Abs(got-37) > 0.1 {
		t.Errorf("%v min at 0.2 s, want 37", got)
	}
	if shipped.TimeBetweenFalseDowns(0) != never || shipped.TicksBetweenFalseDowns(1) != 4 {
		t.Error("wrong at the ends")
	}
}

func TestHeadOfLine(t *testing.T) {
	shipped, fast, _ := profiles()
	unscaled := fast
	unscaled.ConnectTimeout, unscaled.ReadTimeout = shipped.ConnectTimeout, shipped.ReadTimeout
	for i, want := range []HungVerdict{
		{25 * second, false, 55 * second, 0},
		{100 * second, false, 130 * second, 1.0 / 3},
		{100 * second, true, 100 * second, 0},
		{125 * second, false, 155 * second, 1},
	} {
		got := shipped.HungExchanges()[i]
		if math.Abs(got.FalseDown-want.FalseDown) > 1e-9 || got.Gap != want.Gap || got.Hang != want.Hang || got.Delivered != want.Delivered {
			t.Errorf("shipped: %+v, want %+v", got, want)
		}
		if v := unscaled.HungExchanges()[i]; v.FalseDown != 1 {
			t.Errorf("0.2/4 with shipped timeouts: %+v, want a certain DOWN", v)
		}
	}
	if shipped.ServiceTime(3*second, second) != 7*second || fast.ServiceTime(3*second, second) != 4*second {
		t.Error("a new connection costs a round trip more than a reused one")
	}
	if p := shipped.FalseDown(shipped.DeadMachines(5)); p == 0 || p == 1 {
		t.Errorf("5 dead machines: P(DOWN) = %v, want it possible", p)
	}
	if p := shipped.FalseDown(shipped.DeadMachines(6)); p != 1 {
		t.Errorf("6 dead machines: P(DOWN) = %v, want it certain", p)
	}
	if shipped.RescanCost() != 250*second {
		t.Errorf("rescan %v, want (M+1)*(C+R) = 250 s", shipped.RescanCost())
	}
	if b := shipped.Backlog(60 * second); math.Abs(b.Growth-1.0/60) > 1e-12 || b.Full != 60_000*second || b.Tick != 60*second {
		t.Errorf("backlog of a sender half as fast: %+v", b)
	}
	if b := shipped.Backlog(30 * second); b != (Backlog{Tick: 30 * second}) {
		t.Errorf("backlog of a sender that keeps up: %+v", b)
	}
}

func TestHealWindow(t *testing.T) {
	shipped, fast, f3 := profiles()
	unscaled := fast
	unscaled.ConnectTimeout, unscaled.ReadTimeout = 25*second, 100*second
	for _, x := range []struct {
		name      string
		t         Timing
		from, to  float64 // what 6.4 simulated, s
		tickOrder TickOrder
	}{
		{"shipped", shipped, 120, 175, PreparerFirst},
		{"0.2 s, unscaled", unscaled, 170, 200, PreparerFirst},
		{"0.2 s, C=R=1", fast, 4, 5.5, PreparerFirst},
		{"F3", f3, 5, 10, WatchdogFirst},
	} {
		if got := x.t.HealWindow(x.tickOrder).Seconds(); got < x.from || got > x.to {
			t.Errorf("%s: %v s, want it between %v and %v s", x.name, got, x.from, x.to)
		}
	}
}

func TestContact(t *testing.T) {
	shipped, _, _ := profiles()
	if got := shipped.FirstContact(0, 50*second, second); got != (Interval{51 * second, 81 * second}) {
		t.Errorf("first contact with a late listener %v", got)
	}
	if survivor, fresh := shipped.Recontact(second); survivor != 41*second || fresh != (Interval{42 * second, 72 * second}) {
		t.Errorf("recontact %v, %v", survivor, fresh)
	}
	if got := shipped.DetectionDuringInit(); got != 190*second {
		t.Errorf("detection during the initial delay %v, want 190 s", got)
	}
	for peer, want := range map[time.Duration]Likelihood{120 * second: Impossible, 121 * second: Possible, 150 * second: Certain} {
		if got := shipped.Flaps(peer); got != want {
			t.Errorf("peer sends every %v: flaps %v, want %v", peer, got, want)
		}
	}
}

func TestCodeDefaultsDoNotOverflow(t *testing.T) {
	c := CodeDefaults()
	c.MissesAllowed = 200
	b := c.Timing().DetectionBounds(0)
	if b.Min != never || b.Max != never || c.Timing().FirstContact(0, 0, 0).Max <= 0 {
		t.Errorf("%+v, want saturation", b)
	}
}

func TestFeasible(t *testing.T) {
	shipped, fast, _ := profiles()
	if err := shipped.Feasible(150*second, 150*second); err != nil {
		t.Error(err)
	}
	if err := shipped.Feasible(0, 0); err != nil {
		t.Error(err)
	}
	for _, x := range []struct {
		t        Timing
		rto, rpo time.Duration
		says     []string
	}{
		{shipped, 60 * second, 0, []string{"an RTO of 60 s cannot be kept", "detection alone takes up to (N+1)*I = 150 s", "I <= 12 s with N = 4", "N <= 1 with I = 30 s"}},
		{shipped, 45 * second, 0, []string{"I <= 9 s with N = 4", "with I = 30 s no N >= 1 meets it"}},
		{shipped, 0, 100 * second, []string{"an RPO of 100 s cannot be kept", "every P_s = 150 s", "S of 120 s gives P_s = 90 s"}},
		{shipped, 0, 20 * second, []string{"no S meets it with I = 30 s: it needs I <= 20 s"}},
		{shipped, 60 * second, 100 * second, []string{"RTO", "RPO"}},
		{fast, second / 2, 0, []string{"(N+1)*I = 1 s", "I <= 0.1 s with N = 4", "N <= 1"}},
		{Timing{Interval: 30 * second, Misses: 255, SnapshotInterval: 180 * second}, 3600 * second, 0, []string{"DOWN is never declared"}},
	} {
		err := x.t.Feasible(x.rto, x.rpo)
		for _, want := range x.says {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("RTO %v, RPO %v: %v does not say %q", x.rto, x.rpo, err, want)
			}
		}
	}
}

// Sums beyond what a duration holds end at its limit, and large ones before it are themselves.
func TestLargeSumsSaturate(t *testing.T) {
	const most = time.Duration(math.MaxInt64)
	if got := add(most, most); got != most {
		t.Errorf("beyond the limit: %d", got)
	}
	want := most / 4 * 3
	if got := add(most/4, most/4, most/4); math.Abs(float64(got-want)) > float64(want)/1e6 {
		t.Errorf("three quarters of the limit: %d, want about %d", got, want)
	}
}

// An RPO of exactly I is met by the shortest period, which is I.
func TestTheShortestPeriodMeetsAnRPOOfOneInterval(t *testing.T) {
	timing := Timing{Interval: 30 * second, Misses: 4}
	s, ok := timing.longestSnapshotInterval(30 * second)
	if !ok {
		t.Fatal("no S is named")
	}
	timing.SnapshotInterval = s
	if period, err := timing.SnapshotPeriod(); err != nil || period != 30*second {
		t.Errorf("S of %v gives a period of %v, %v", s, period, err)
	}
	if s, ok := timing.longestSnapshotInterval(30*second - 1); ok {
		t.Errorf("S of %v is said to be quicker than I", s)
	}
}
