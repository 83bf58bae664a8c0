package fault

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// slowAct is an action that takes a while and says when it was called.
type slowAct struct{ called time.Time }

func (*slowAct) prepare(context.Context) (string, error) { return "", nil }
func (*slowAct) recall(string)                           {}
func (s *slowAct) act(context.Context) error {
	s.called = time.Now()
	time.Sleep(300 * time.Millisecond) // synctest's clock
	return nil
}
func (*slowAct) bite(context.Context) (string, error) { return "bit", nil }
func (*slowAct) heal(context.Context) error           { return nil }
func (*slowAct) gone(context.Context) (string, error) { return "gone", nil }

func TestTheFaultBeginsNoLaterThanTheAct(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		act := &slowAct{}
		f := newFault("slow", dc1, "takes a while", Parameters{}, footprint{dc: dc1}, func(Fault, Environment) (action, string) { return act, "" })
		in, err := f.Inject(t.Context(), newWorld(), newJournal(t))
		if err != nil {
			t.Fatal(err)
		}
		if in.T0.Earliest.After(act.called) || in.Acted.After(act.called) || in.T0.Latest.Before(act.called.Add(300*time.Millisecond)) {
			t.Errorf("t0 %v..%v, acted %v; the act was called at %v and took 300 ms", in.T0.Earliest, in.T0.Latest, in.Acted, act.called)
		}
		if err := in.Heal(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAFaultIsLookedAtAgainOnAllThatItCovers(t *testing.T) {
	for name, c := range map[string]struct {
		fault Fault
		spoil func(*world)
		says  string // empty: it lasts
	}{
		"a partition":                    {Partition(Refuse), func(*world) {}, ""},
		"a crash":                        {Crash(dc1), func(*world) {}, ""},
		"a hang":                         {Hang(dc1, 0), func(*world) {}, ""},
		"a cancelled job":                {CancelJob(dc1), func(*world) {}, ""},
		"one direction came back":        {Partition(Refuse), func(w *world) { w.link.rules = w.link.rules[:1] }, "does not list refuse on dc2->dc1"},
		"the rules do nothing any more":  {Partition(Refuse), func(w *world) { w.link.stuck = "apply" }, "still answers"},
		"somebody started it again":      {Crash(dc1), func(w *world) { w.one.pids, w.one.reachable = []int{99}, true }, "still has 1 process(es)"},
		"somebody submitted it again":    {CancelJob(dc1), func(w *world) { w.one.job = "7" }, "still lists job 7"},
		"somebody resumed its processes": {Hang(dc1, 0), func(w *world) { w.one.stopped, w.one.reachable = false, true }, "still answers"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				in, err := c.fault.Inject(t.Context(), w, newJournal(t))
				if err != nil {
					t.Fatal(err)
				}
				w.mu.Lock()
				c.spoil(w)
				w.mu.Unlock()
				evidence, err := in.Still(t.Context())
				switch {
				case c.says == "" && (err != nil || evidence == ""):
					t.Errorf("%q, %v; it lasts", evidence, err)
				case c.says != "" && (!errors.Is(err, ErrDidNotLast) || !strings.Contains(err.Error(), c.says)):
					t.Errorf("%v; want %q", err, c.says)
				}
				w.mu.Lock()
				w.link.stuck = ""
				w.mu.Unlock()
				if in.Heal(t.Context()) != nil {
					return
				}
				if evidence, err := in.Still(t.Context()); evidence != "" || err != nil {
					t.Errorf("healed, and still %q, %v", evidence, err)
				}
			})
		})
	}
}

// reportingLink reports what it is told to.
type reportingLink struct {
	*fakeLink
	ended []EndedRule
}

func (l *reportingLink) Ended(context.Context) ([]EndedRule, error) { return l.ended, nil }

// reporting is a world whose link reports.
type reporting struct {
	*world
	link *reportingLink
}

func (r reporting) Link() Link { return r.link }

func TestTheLinkReportsForHowLongItsRulesHeld(t *testing.T) {
	rule := func(direction string, lasted time.Duration, expired bool) EndedRule {
		return EndedRule{Direction: direction, Ports: AllPorts, Mode: Refuse, Lasted: lasted, Expired: expired}
	}
	for name, c := range map[string]struct {
		ended []EndedRule
		says  string
	}{
		"as planned":              {[]EndedRule{rule(ToDC2, 2*time.Second, true), rule(ToDC1, 1990*time.Millisecond, true)}, ""},
		"cleared by us":           {[]EndedRule{rule(ToDC2, time.Second, false), rule(ToDC1, time.Second, false)}, ""},
		"after half its life":     {[]EndedRule{rule(ToDC2, 2*time.Second, true), rule(ToDC1, time.Second, true)}, "dc2->dc1 ended by itself after 1s of 2s"},
		"only an earlier one did": {[]EndedRule{rule(ToDC1, time.Second, true), rule(ToDC1, 2*time.Second, true)}, "no rule refuse on dc1->dc2"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			env := reporting{w, &reportingLink{w.link, c.ended}}
			in, err := Partition(Refuse).For(2*time.Second).Inject(t.Context(), env, newJournal(t))
			if err != nil {
				t.Fatal(err)
			}
			<-in.Done()
			report, err := in.Lasted(t.Context())
			if c.says == "" && (err != nil || report == "") || c.says != "" && (!errors.Is(err, ErrDidNotLast) || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("%s: %q, %v; want %q", name, report, err, c.says)
			}
		})
	}
}

// Whether a fault can be looked for again, as long as it is in force, is known of each kind: one that is over once it was done, or
// that comes and goes, would be missed in vain.
func TestWhichFaultsLast(t *testing.T) {
	lasting := map[string]bool{"crash": true, "hang": true, "cancel-job": true, "stop-instance": true, "lose-storage": true, "fill-storage": true, "deny-storage": true, "stall-storage": true, "hang-storage": true, "corrupt-replica": false, "stop-database": true, "hold-database": true, "clock-step": true, "drop": true, "partition": true, "one-way": true,
		"block": true, "degrade": true, "lose": true, "flap": false, "reorder": true, "duplicate": true, "corrupt": true, "hang-application": true, "stop-service": true, "orderly-shutdown": false, "kill-pe": false, "restart-pe": false, "no-op": false}
	for _, c := range lives {
		bound, why := c.fault.bound(newWorld())
		if why != "" {
			t.Fatalf("%s: %s", c.fault.Name, why)
		}
		can, is := bound.(enduring)
		want, known := lasting[c.fault.Name]
		if got := is && can.lasts(); !known || got != want {
			t.Errorf("%s lasts: %v", c.fault.Name, got)
		}
	}
}

// A fault that is gone although its journal could not be written is healed, and the error says both.
func TestAHealThatTheJournalDoesNotKnowOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := newJournal(t)
		in, err := CancelJob(dc1).Inject(t.Context(), newWorld(), journal)
		if err != nil {
			t.Fatal(err)
		}
		if err := journal.Close(); err != nil {
			t.Fatal(err)
		}
		if err := in.Heal(t.Context()); err == nil || errors.Is(err, ErrNotHealed) || !strings.Contains(err.Error(), "it is gone") || !strings.Contains(err.Error(), "the journal does not say so") {
			t.Errorf("%v", err)
		}
	})
}

// The same where the journal was lost in the middle: what is missing is that it is gone.
func TestAHealWhoseEndTheJournalDoesNotKnowOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal, w := newJournal(t), newWorld()
		in, err := CancelJob(dc1).Inject(t.Context(), w, journal)
		if err != nil {
			t.Fatal(err)
		}
		w.one.onAct = func() { _ = journal.Close() } // when the job is submitted again
		if err := in.Heal(t.Context()); err == nil || errors.Is(err, ErrNotHealed) || !strings.Contains(err.Error(), "the journal does not say so") {
			t.Errorf("%v", err)
		}
	})
}

// A probe of a slow link is given the time that the delay and its jitter may take.
func TestASlowLinkIsFeltHoweverSlow(t *testing.T) {
	for _, q := range []Quality{{Delay: 2 * time.Second}, {Jitter: 2 * time.Second}, {Delay: time.Second, Jitter: time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			in, err := Degrade(q).Inject(t.Context(), newWorld(), newJournal(t))
			if err != nil {
				t.Fatalf("%+v: %v", q, err)
			}
			if err := in.Heal(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// A scenario may end what listens at one end of a link while a fault of the other direction is in force.
func TestWhatTheScenarioItselfEndedIsNoSideEffect(t *testing.T) {
	for name, c := range map[string]struct {
		ended string
		says  bool
	}{"nobody": {"", true}, "the other end": {dc2, true}, "that end": {dc1, false}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				in, err := OneWay(dc1, Refuse).Inject(t.Context(), w, newJournal(t))
				if err != nil {
					t.Fatal(err)
				}
				l := in.action.(*linkAction)
				l.link = &deafEnd{Link: w.link, direction: ToDC1}
				if c.ended != "" {
					in.Ended(c.ended)
				}
				if _, err := in.Still(t.Context()); (err != nil) != c.says || c.says && !errors.Is(err, ErrTouchedOthers) {
					t.Errorf("%v", err)
				}
				l.link = w.link
				if err := in.Heal(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// deafEnd is a link at one end of which nothing listens.
type deafEnd struct {
	Link
	direction string
}

func (d *deafEnd) Probe(ctx context.Context, direction string, port int) error {
	if direction == d.direction {
		return errors.New("nothing listens")
	}
	return d.Link.Probe(ctx, direction, port)
}
