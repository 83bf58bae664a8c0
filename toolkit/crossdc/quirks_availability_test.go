package crossdc

import "testing"

func TestQ1MutualSilenceAfterLongPartition(t *testing.T) {
	for _, order := range []TickOrder{PreparerFirst, WatchdogFirst} {
		a, b := connected(t)
		a.side.Order, b.side.Order = order, order
		for range 5 { // partition: nothing arrives for (N+1)*I
			a.tick()
			b.tick()
			a.sent, b.sent = nil, nil
		}
		a.wantStatuses(true, false)
		b.wantStatuses(true, false)
		before := a.heartbeat + b.heartbeat
		for range 1000 { // the link is back
			round(a, b)
		}
		if after := a.heartbeat + b.heartbeat; after != before {
			t.Errorf("%v: %d heartbeats after the link came back, want none", order, after-before)
		}
		a.wantStatuses(true, false)
		b.wantStatuses(true, false)

		// S55, the way out: any body on a heartbeat port ends it.
		a.feed(Event{Kind: HeartbeatBody, Body: Marshal(LittleEndian, &Message{Type: Heartbeat, Count: 1, DataCenter: "dc1"})})
		round(a, b)
		round(a, b)
		a.wantStatuses(true, false, true)
		b.wantStatuses(true, false, true)
	}
}

func TestQ2PartitionIsTakenForACrashOnBothSides(t *testing.T) {
	a, b := connected(t)
	b.fragments = []string{"0"}
	for range 10 {
		round(a, b)
	}
	for range 5 {
		a.tick()
		b.tick()
	}
	a.wantDelivered("2 dc2-0") // both run, both own both states
	b.wantDelivered("2 dc1-0")
}

func TestQ4StalledTickThreadIsMuteAndBlind(t *testing.T) {
	a, b := connected(t)
	before := b.heartbeat
	a.ticks(100) // b's tick thread stalls while its peer dies
	if b.heartbeat != before {
		t.Error("a side without ticks sent heartbeats")
	}
	b.wantStatuses(true)
}

func TestQ5AnyBodyOnTheHeartbeatPortIsAHeartbeat(t *testing.T) {
	bodies := map[string][]byte{
		"another type":     Marshal(LittleEndian, &Message{Type: OrderlyShutdown, DataCenter: "dc1"}),
		"unknown type":     Marshal(LittleEndian, &Message{Type: 99}),
		"own name":         Marshal(LittleEndian, &Message{Type: Heartbeat, DataCenter: "dc2"}),
		"trailing bytes":   append(Marshal(LittleEndian, &Message{Type: Heartbeat}), "and more"...),
		"not parseable":    []byte("hello"),
		"nothing":          nil,
		"other byte order": Marshal(BigEndian, &Message{Type: Heartbeat, DataCenter: "dc1"}),
	}
	for name, body := range bodies {
		c := newCenter(t, "dc2")
		c.feed(Event{Kind: HeartbeatBody, Body: body})
		if len(c.statuses) != 1 || !c.statuses[0] {
			t.Errorf("%s: statuses %v, want UP", name, c.statuses)
		}
	}
}

func TestMalformedHeartbeatBodyAbortsAfterUP(t *testing.T) {
	c := newCenter(t, "dc2")
	c.feed(Event{Kind: HeartbeatBody, Body: []byte("hello")})
	if c.aborted == "" {
		t.Fatal("no abort")
	}
	if c.order[0] != EmitStatus || c.order[len(c.order)-1] != Abort {
		t.Errorf("actions %v, want the status first and the abort last", c.order)
	}

	c = newCenter(t, "dc2")
	c.side = NewSide(PreparerFirst, Fused, Options{Malformed: RejectOnMalformed})
	c.feed(Event{Kind: HeartbeatBody, Body: []byte("hello")})
	c.feed(Event{Kind: SnapshotBody, Body: []byte("hello")})
	c.wantStatuses(true)
	c.wantTrace("Rejected a malformed body on the heartbeat port")
	c.wantTrace("Rejected a malformed body on the snapshot port")
	if c.aborted != "" {
		t.Error("aborted although told to reject:", c.aborted)
	}
}

func TestQ6SelfContactIsPermanentUP(t *testing.T) {
	c := newCenter(t, "dc1")
	c.fragments = []string{"0"}
	for range 50 {
		c.tick()
		transfer(c, c)
	}
	c.wantStatuses(true)
	c.wantFiles("dc1-0.snapshot") // its own
}

func TestQ7PeerNeverSeenIsNeverDown(t *testing.T) {
	c := newCenter(t, "dc1")
	c.ticks(10_000)
	c.wantStatuses()
	if c.heartbeat != 10_000 {
		t.Errorf("%d heartbeats in 10000 ticks: before the first contact it must keep sending", c.heartbeat)
	}
}

func TestQ8FractionalIntervals(t *testing.T) {
	t.Run("I below 1 s: a snapshot at every tick", func(t *testing.T) {
		c := newCenter(t, "dc1", func(c *Config) { c.HeartbeatInterval = 0.9 })
		c.hear(Message{Type: Heartbeat})
		for range 20 {
			c.tick()
			c.hear(Message{Type: Heartbeat})
		}
		if len(c.signals) != 20 {
			t.Errorf("%d snapshot rounds in 20 ticks", len(c.signals))
		}
	})
	for _, mode := range []int32{0, 1} {
		c := newCenter(t, "dc1", func(c *Config) { c.SnapshotInterval, c.OperationMode = 0.9, mode })
		c.ticks(3)
		if c.aborted != "" {
			t.Errorf("mode %d: aborted before UP: the modulo is short-circuited", mode)
		}
		c.hear(Message{Type: Heartbeat})
		c.tick()
		if c.aborted == "" {
			t.Errorf("mode %d: S below 1 s must abort at the first tick after UP", mode)
		}
	}
}

func TestQ9SnapshotPeriodIsNotS(t *testing.T) {
	c := newCenter(t, "dc1")
	c.hear(Message{Type: Heartbeat})
	var at []int
	for i := range 20 {
		c.tick()
		c.hear(Message{Type: Heartbeat})
		if len(c.signals) > len(at) {
			at = append(at, i+1)
		}
	}
	want := []int{6, 11, 16} // the 6th tick, then every 5 ticks = 150 s, not 180 s
	if len(at) != len(want) || at[0] != want[0] || at[1] != want[1] || at[2] != want[2] {
		t.Errorf("snapshot rounds at ticks %v, want %v", at, want)
	}
}

func TestQ10OneHungPostCanCauseFailover(t *testing.T) {
	c := Shipped()
	timing := c.Timing()
	if p := timing.FalseDown(timing.HungGap(timing.ReadTimeout, false)); p < 0.33 || p > 0.34 {
		t.Errorf("P(DOWN) of an undelivered POST hung for R is %.3f, want 1/3", p)
	}
	if p := timing.FalseDown(timing.HungGap(timing.ConnectTimeout+timing.ReadTimeout, false)); p != 1 {
		t.Errorf("P(DOWN) of a POST hung for C+R is %.3f, want 1", p)
	}
}

func TestQ20WatchdogRestartMakesALaterDeathUnnoticed(t *testing.T) {
	_, b := connected(t)
	b.side.Watchdog = NewHeartbeatWatchdog(Options{})
	b.ticks(100) // dc1 is dead
	b.wantStatuses(true)
	b.wantDelivered()

	a, b := connected(t)
	b.side.Watchdog = NewHeartbeatWatchdog(Options{})
	round(a, b)
	b.wantStatuses(true, true) // heard again: a duplicate UP
}

func TestQ44ExtremeMissCounts(t *testing.T) {
	c := newCenter(t, "dc1", func(c *Config) { c.MissesAllowed = 255 })
	c.hear(Message{Type: Heartbeat})
	c.ticks(10_000)
	c.wantStatuses(true) // the 8-bit counter wraps: never DOWN

	c = newCenter(t, "dc1", func(c *Config) { c.MissesAllowed = 254 })
	c.hear(Message{Type: Heartbeat})
	c.ticks(254)
	c.wantStatuses(true)
	c.tick()
	c.wantStatuses(true, false)

	a, b := newCenter(t, "dc1", func(c *Config) { c.MissesAllowed = 0 }), newCenter(t, "dc2")
	for range 3 { // flaps on every tick
		b.tick()
		transfer(b, a)
		a.tick()
		b.hear(Message{Type: Heartbeat})
	}
	a.wantStatuses(true, false, true, false, true, false)
}

func TestDownTickSendsOneMoreHeartbeatOnlyIfPreparerFirst(t *testing.T) {
	for order, want := range map[TickOrder]uint64{PreparerFirst: 5, WatchdogFirst: 4} {
		c := newCenter(t, "dc1")
		c.side.Order = order
		c.hear(Message{Type: Heartbeat})
		c.ticks(5)
		c.wantStatuses(true, false)
		if c.heartbeat != want {
			t.Errorf("%v: %d heartbeats up to and including the DOWN tick, want %d", order, c.heartbeat, want)
		}
	}
}
