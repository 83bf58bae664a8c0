package fault

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crossdc/failover/reports/model"
)

func entries(t *testing.T, j *Journal) []Entry {
	t.Helper()
	file, err := os.Open(j.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	all, damage, err := ReadJournal(file)
	if err != nil || len(damage) > 0 {
		t.Fatalf("journal: %v, %v", damage, err)
	}
	return all
}

// every fault with what it does to the fakes, injected and healed.
var lives = []struct {
	fault Fault
	acts  string // when injected
	heals string
	bite  string
	proof string
}{
	{NoOp(), "", "", "unchanged: PEs of dc1, PEs of dc2, job of dc1, job of dc2, processes of dc1, processes of dc2, rules on dc1->dc2, rules on dc2->dc1", "nothing had been done"},
	{Crash(dc1), "kill dc1", "kill dc1, start dc1", "the management API of dc1 refuses connections (connection refused)", "dc1 answers and its job 1 runs"},
	{KillPE(dc1, 0), "kill pe 3 dc1", "", "process 12 of dc1/pe 3 is gone, the other 2 are there", "launch count 2, before 1"},
	{Hang(dc2, 0), "suspend dc2", "resume dc2", "3 processes are there and stopped", "dc2 answers"},
	{HangApplication(dc2, 0), "suspend application dc2", "resume dc2", "pid 12 stopped: true; the management API of dc2 answers", "dc2 answers"},
	{StopService(dc1), "stop service dc1", "kill dc1, start dc1", "its service does not run", "dc1 answers and its job 1 runs"},
	{CancelJob(dc1), "cancel dc1", "submit dc1", "dc1 no longer lists job 1", "its job 101 runs"},
	{StopInstance(dc1), "stop instance dc1", "start instance dc1, submit dc1", "says that it does not run", "its job 101 runs"},
	{RestartPE(dc1, 1), "restart pe 12 dc1", "", "dc1/pe 12 was launched again", "launch count 2, before 1"},
	{Drop(dc1), "apply blackhole dc1->dc2 all, apply blackhole dc2->dc1 all", "clear dc1->dc2, clear dc2->dc1", "dc2->dc1 heartbeat port: answered in 0s before, now context deadline exceeded", "no rule; 4 port(s) answer"},
	{Partition(Refuse), "apply refuse dc1->dc2 all, apply refuse dc2->dc1 all", "clear dc1->dc2, clear dc2->dc1", "dc2->dc1 snapshot port: answered in 0s before, now connection refused", "no rule; 4 port(s) answer"},
	{OneWay(dc2, HangUp), "apply hang dc2->dc1 all", "clear dc2->dc1", "dc2->dc1 heartbeat port: answered in 0s before, now context deadline exceeded", "2 port(s) answer"},
	{Block(HeartbeatPort, Blackhole), "apply blackhole dc1->dc2 heartbeat, apply blackhole dc2->dc1 heartbeat", "clear dc1->dc2, clear dc2->dc1", "dc1->dc2 heartbeat port", "2 port(s) answer"},
	{Degrade(Quality{Delay: 50 * time.Millisecond}), "apply delay dc1->dc2 all, apply delay dc2->dc1 all", "clear dc1->dc2, clear dc2->dc1", "answers in 200ms, 0s before", "4 port(s) answer"},
	{Lose(Loss{Share: 0.05, Handshake: time.Second, Retransmit: time.Second / 5}), "apply loss dc1->dc2 all, apply loss dc2->dc1 all", "clear dc1->dc2, clear dc2->dc1", "the relay lists the rule", "4 port(s) answer"},
	{Flap(time.Second, time.Second), "apply flap dc1->dc2 all, apply flap dc2->dc1 all", "clear dc1->dc2, clear dc2->dc1", "connection refused", "4 port(s) answer"},
	{Reorder(0.1, 20*time.Millisecond), "apply reorder dc1->dc2 all, apply reorder dc2->dc1 all", "clear dc1->dc2, clear dc2->dc1", "the relay lists the rule", "4 port(s) answer"},
	{Duplicate(0.1), "apply duplicate dc1->dc2 all, apply duplicate dc2->dc1 all", "clear dc1->dc2, clear dc2->dc1", "the relay lists the rule", "4 port(s) answer"},
	{Corrupt(0.1), "apply corrupt dc1->dc2 all, apply corrupt dc2->dc1 all", "clear dc1->dc2, clear dc2->dc1", "the relay lists the rule", "4 port(s) answer"},
	{LoseStorage(dc2), "hide storage dc2", "show storage dc2", "the snapshot folder of dc2 is missing", "the snapshot folder of dc2 is there"},
	{FillStorage(dc2), "break storage full dc2", "mend storage dc2", "the folder cannot be written", "the snapshot folder of dc2 can be written"},
	{DenyStorage(dc2), "break storage read-only dc2", "mend storage dc2", "the folder cannot be written", "the snapshot folder of dc2 can be written"},
	{StallStorage(dc2, 3), "stall dc1-3 dc2", "flow dc1-3 dc2", "whoever reads the replica dc1-3 at dc2 waits", "nobody waits for the replica dc1-3 at dc2"},
	{HangStorage(dc2), "hang storage dc2", "let storage go on dc2", "whoever touches a replica at dc2 waits", "nobody waits for the storage of dc2"},
	{CorruptReplica(dc2, 3, Truncated), "corrupt dc1-3 truncated dc2", "restore dc1-3 dc2", "the replica dc1-3 at dc2 is corrupt (truncated)", "the replica dc1-3 at dc2 is none of ours any more"},
	{StopDatabase(dc2), "stop database dc2", "start database dc2", "the database of dc2 does not answer", "the database of dc2 answers"},
	{HoldDatabase(dc2), "hold database dc2", "release database dc2", "statements on the replicas of dc2 wait", "no statement on the replicas of dc2 waits"},
	{ClockStep(dc1, -time.Second), "step clock dc1", "slew clock dc1", "the toolkit of dc1 waits on a clock that is off by -1s", "the clock of dc1 is right"},
	{OrderlyShutdown(dc1), "OrderlyShutdown dc1", "cancel dc1, submit dc1", "dc1/job 1 accepted OrderlyShutdown", "dc1 runs a fresh job 101"},
}

func TestEveryFaultBitesHealsAndIsJournaledInOrder(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range lives {
		seen[c.fault.Name] = true
		t.Run(c.fault.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, j := newWorld(), newJournal(t)
				if ok, reason := c.fault.Available(w); !ok {
					t.Fatal(reason)
				}
				// The journal must have the fault before it acts.
				w.one.onAct = func() {
					if e := entries(t, j); len(e) == 0 || e[0].Event != eventOpen || e[0].Fault != c.fault.Name {
						t.Errorf("acted with the journal at %+v", e)
					}
				}
				in, err := c.fault.Inject(t.Context(), w, j)
				if err != nil {
					t.Fatal(err)
				}
				if acts := strings.Join(w.acts(), ", "); acts != c.acts {
					t.Errorf("did %q; expected %q", acts, c.acts)
				}
				if !strings.Contains(in.Bite, c.bite) {
					t.Errorf("bite %q; expected %q in it", in.Bite, c.bite)
				}
				if in.T0.Earliest.IsZero() || in.T0.Latest.Before(in.T0.Earliest) {
					t.Errorf("t0 %+v", in.T0)
				}
				if _, healed := in.Healing(); healed {
					t.Error("healed before anybody healed it")
				}
				for range 2 { // idempotent
					if err := in.Heal(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				if acts := strings.Join(w.acts(), ", "); acts != c.heals {
					t.Errorf("healing did %q; expected %q", acts, c.heals)
				}
				healing, healed := in.Healing()
				if !healed || !strings.Contains(healing.Proof, c.proof) || healing.Forgotten {
					t.Errorf("healing %+v; expected %q in its proof", healing, c.proof)
				}
				want := []string{eventOpen, eventActed, eventBit, eventHealing, eventHealed}
				if got := events(t, j); !slices.Equal(got, want) {
					t.Errorf("journal %v; expected %v", got, want)
				}
				<-in.Done()
				if c := Cleanup(nil, in); c.Outcome != model.Passed || len(c.Left) > 0 || len(c.Healed) != 1 || len(c.Injected) != 1 || c.Injected[0] != in.fault.String() {
					t.Errorf("cleanup %+v", c)
				}
			})
		})
	}
	for _, kind := range Kinds() {
		if !seen[kind.Name] {
			t.Errorf("%s is in the catalogue, but has no line here", kind.Name)
		}
	}
}

func TestAFaultThatDoesNotBiteIsTakenBackAndSaysSo(t *testing.T) {
	for _, c := range []struct {
		fault Fault
		spoil func(*world)
		says  string
	}{
		{Crash(dc1), func(w *world) { w.one.stuck = "kill" }, "inject crash of dc1: did not bite: dc1 still has 3 process(es): [11 12 13]"},
		{KillPE(dc1, 0), func(w *world) { w.one.stuck = "kill pe 3" }, "all 3 processes of dc1 are still there"},
		{Hang(dc1, 0), func(w *world) { w.one.stuck = "suspend" }, "did not bite: the management API of dc1 still answers"},
		{HangApplication(dc1, 0), func(w *world) { w.one.stuck = "suspend application" }, "did not bite: not everything is suspended any more"},
		{StopService(dc1), func(w *world) { w.one.stuck = "stop service" }, "did not bite: its service runs"},
		{CancelJob(dc1), func(w *world) { w.one.stuck = "cancel" }, "did not bite: dc1 still lists job 1"},
		{StopInstance(dc1), func(w *world) { w.one.stuck = "stop instance" }, "did not bite: the management API of dc1 still answers"},
		{RestartPE(dc1, 0), func(w *world) { w.one.stuck = "restart pe 3" }, "did not bite: dc1/pe 3 still has launch count 1"},
		{Partition(Refuse), func(w *world) { w.link.stuck = "apply" }, "did not bite: dc1->dc2 heartbeat port: still answers"},
		{Partition(HangUp), func(w *world) { w.link.stuck = "unlisted" }, "did not bite: the relay does not list hang on dc1->dc2"},
		{Degrade(Quality{Delay: time.Second}), func(w *world) { w.link.stuck = "apply" }, "with 1s delay each way it cannot be under 2s"},
		{Flap(time.Second, time.Second), func(w *world) { w.link.stuck = "apply" }, "did not bite: dc1->dc2 heartbeat port: still answers"},
	} {
		t.Run(c.fault.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, j := newWorld(), newJournal(t)
				c.spoil(w)
				in, err := c.fault.Inject(t.Context(), w, j)
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Fatalf("error %v; expected %q in it", err, c.says)
				}
				if in == nil {
					t.Fatal("no injection to account for")
				}
				_, healed := in.Healing()
				restartNeverHappened := c.fault.Name == "restart-pe" || c.fault.Name == "kill-pe"
				if !healed && !restartNeverHappened {
					t.Errorf("not taken back: %v", events(t, j))
				}
				_ = in.Heal(t.Context())
				synctest.Wait()
			})
		})
	}
}

func TestAFaultThatTouchesOthersIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.one.onAct = func() { w.two.pids = []int{21} }
		in, err := Crash(dc1).Inject(t.Context(), w, newJournal(t))
		if !errors.Is(err, ErrTouchedOthers) || !strings.Contains(err.Error(), "processes of dc2: were [21 22 23], are [21]") {
			t.Errorf("error %v", err)
		}
		if _, healed := in.Healing(); !healed {
			t.Error("not taken back")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.link.stuck = "leak"
		_, err := OneWay(dc1, Refuse).Inject(t.Context(), w, newJournal(t))
		if !errors.Is(err, ErrTouchedOthers) || !strings.Contains(err.Error(), "dc2->dc1 heartbeat port does not answer either") {
			t.Errorf("error %v", err)
		}
	})
}

func TestAFaultThatIsNotHealedSaysWhatIsLeft(t *testing.T) {
	for _, c := range []struct {
		fault Fault
		spoil func(*world)
		says  string
	}{
		{Crash(dc1), func(w *world) { w.one.stuck = "start" }, "heal crash of dc1: not healed: the management API of dc1 does not answer"},
		{Crash(dc1), func(w *world) { w.one.hung = "start" }, "healing it failed: context deadline exceeded"},
		{CancelJob(dc1), func(w *world) { w.one.stuck = "submit" }, "not healed: dc1 lists no job of the application"},
		{OrderlyShutdown(dc1), func(w *world) { w.one.stuck = "cancel" }, "dc1/job 1 still runs and stays silent until it is restarted"},
		{Partition(Refuse), func(w *world) { w.link.stuck = "clear" }, "not healed: dc1->dc2 carries a rule: refuse on all ports"},
	} {
		t.Run(c.fault.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, j := newWorld(), newJournal(t)
				in, err := c.fault.Inject(t.Context(), w, j)
				if err != nil {
					t.Fatal(err)
				}
				c.spoil(w)
				err = in.Heal(t.Context())
				if !errors.Is(err, ErrNotHealed) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), in.ID) {
					t.Errorf("error %v; expected %q in it", err, c.says)
				}
				if c := Cleanup(in); c.Outcome != model.Failed || len(c.Left) != 1 || c.Reason != err.Error() {
					t.Errorf("cleanup %+v", c)
				}
				if got := events(t, j); got[len(got)-1] != eventNotHealed {
					t.Errorf("journal ends with %v", got)
				}
				w.one.stuck, w.one.hung, w.link.stuck = "", "", ""
				if err := in.Heal(t.Context()); err != nil { // it can be tried again
					t.Error(err)
				}
			})
		})
	}
}

func TestHealingSurvivesTheSpecsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		ctx, cancel := context.WithCancel(t.Context())
		in, err := Crash(dc1).Inject(ctx, w, newJournal(t))
		if err != nil {
			t.Fatal(err)
		}
		cancel() // Ctrl-C
		if err := in.Heal(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestAnInterruptedInjectionIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.one.hung = "suspend"
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		in, err := Hang(dc1, 0).Inject(ctx, w, newJournal(t))
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "inject hang of dc1: act:") {
			t.Errorf("error %v", err)
		}
		if _, healed := in.Healing(); !healed || !slices.Contains(w.acts(), "resume dc1") {
			t.Error("not taken back")
		}
	})
}

func TestATargetThatIgnoresEvenItsContextCannotHangUs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.one.deaf, w.one.free = "kill", make(chan struct{})
		defer close(w.one.free)
		start := time.Now()
		f := Crash(dc1)
		f.Limits = Limits{Act: time.Second, Bite: time.Second, Heal: 5 * time.Second}
		_, err := f.Inject(t.Context(), w, newJournal(t))
		if err == nil || !strings.Contains(err.Error(), "no answer within 1s") {
			t.Errorf("error %v", err)
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestAForgottenFaultIsHealedAtItsDeadlineAndReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		in, err := CancelJob(dc1).Within(time.Minute).Inject(t.Context(), w, newJournal(t))
		if err != nil {
			t.Fatal(err)
		}
		w.acts()
		time.Sleep(time.Minute - time.Second)
		if acts := w.acts(); len(acts) > 0 {
			t.Fatalf("did %v before the deadline", acts)
		}
		<-in.Done()
		if healing, ok := in.Healing(); !ok || !healing.Forgotten {
			t.Errorf("healing %+v, %v", healing, ok)
		}
		if c := Cleanup(in); c.Outcome != model.OutcomeInconclusive || c.Reason != "cancel-job of dc1 was forgotten and ended at its deadline" {
			t.Errorf("cleanup %+v", c)
		}
	})
}

func TestAPlannedEndIsNotForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		in, err := Hang(dc1, 2*time.Second).Inject(t.Context(), w, newJournal(t))
		if err != nil {
			t.Fatal(err)
		}
		<-in.Done()
		healing, _ := in.Healing()
		if took := healing.Span.Latest.Sub(in.T0.Earliest); took != 2*time.Second || healing.Forgotten {
			t.Errorf("resumed after %v: %+v", took, healing)
		}
	})
}

func TestTheRelayEndsALinkFaultByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		in, err := Partition(HangUp).For(90*time.Second).Inject(t.Context(), w, newJournal(t))
		if err != nil {
			t.Fatal(err)
		}
		<-in.Done()
		healing, _ := in.Healing()
		if since := healing.Span.Earliest.Sub(in.T0.Earliest); since != 90*time.Second || healing.Span.Latest.Before(healing.Span.Earliest) {
			t.Errorf("ended %v after it began: %+v", since, healing)
		}
		if m := in.Model(func(at time.Time) model.Instant { return model.Instant(at.Sub(in.T0.Earliest)) }); m.Name != "partition" ||
			m.Target != "link dc1<->dc2" || m.Healed == nil || m.Healed.Earliest != model.Instant(90*time.Second) || m.Bite == "" || m.HealProof == "" {
			t.Errorf("model %+v", m)
		}
	})
}

func TestALinkHealsAlthoughNothingServesBehindIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		in, err := Partition(Refuse).Inject(t.Context(), w, newJournal(t))
		if err != nil {
			t.Fatal(err)
		}
		w.one.reachable, w.two.reachable, w.link.dead = false, false, true
		if err := in.Heal(t.Context()); err != nil {
			t.Error(err)
		}
		if h, _ := in.Healing(); !strings.Contains(h.Proof, "nothing serves behind dc1->dc2 heartbeat port") {
			t.Errorf("proof %q", h.Proof)
		}
	})
}

func TestAvailability(t *testing.T) {
	remote := newWorld()
	remote.one.remote, remote.link = true, nil
	for _, c := range []struct {
		fault Fault
		says  string
	}{
		{Crash(dc1), "dc1: its processes cannot be reached"},
		{Hang(dc1, 0), "its processes cannot be reached"},
		{Partition(Refuse), "cannot be shaped in this environment"},
		{Crash("dc3"), `there is no data center "dc3"; want dc1 or dc2`},
		{OneWay("", Refuse), `from: there is no data center ""; want dc1 or dc2`},
		{Partition(Delay), `link mode "delay"; want one of`},
		{Block("some", Refuse), `ports "some"; want all, heartbeat or snapshot`},
		{Degrade(Quality{}), "throttle to 0 bytes/s"},
		{Flap(0, time.Second), "flap 0s down, 1s up; want both above 0"},
		{NoOp().Within(0), "a fault without a deadline is not injected"},
		{Hang(dc2, time.Hour), "lies beyond its deadline"},
		{Fault{}, "it is the zero Fault"},
	} {
		ok, reason := c.fault.Available(remote)
		if ok || !strings.Contains(reason, c.says) {
			t.Errorf("%s: available %v, %q; expected %q", c.fault.Name, ok, reason, c.says)
		}
		if _, err := c.fault.Inject(t.Context(), remote, newJournal(t)); !errors.Is(err, ErrNotAvailable) {
			t.Errorf("%s: %v", c.fault.Name, err)
		}
	}
	if ok, reason := CancelJob(dc1).Available(remote); !ok {
		t.Errorf("cancel-job needs the management API only: %s", reason)
	}
}

func TestNothingIsDoneToATargetThatIsNotFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, j := newWorld(), newJournal(t)
		w.one.job = ""
		w.link.dead = true
		for fault, says := range map[*Fault]string{
			new(Crash(dc1)):         "dc1 lists no job of the application",
			new(Partition(Refuse)):  "does not answer before the fault",
			new(RestartPE(dc2, 5)):  "dc2 has 2 PE(s) (1, 2), so there is none at place 5",
			new(RestartPE(dc2, -1)): "none at place -1",
		} {
			in, err := fault.Inject(t.Context(), w, j)
			if in != nil || err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v, %v; expected %q", fault, in, err, says)
			}
		}
		if acts := w.acts(); len(acts) > 0 || len(entries(t, j)) > 0 {
			t.Errorf("did %v", acts)
		}
	})
}

func TestWithoutAJournalNothingIsDone(t *testing.T) {
	w, j := newWorld(), newJournal(t)
	if _, err := Crash(dc1).Inject(t.Context(), w, nil); err == nil {
		t.Error("injected without a journal")
	}
	_ = j.Close()
	if in, err := Crash(dc1).Inject(t.Context(), w, j); in != nil || err == nil || !strings.Contains(err.Error(), "nothing was done") {
		t.Errorf("%v, %v", in, err)
	}
	if acts := w.acts(); len(acts) > 0 {
		t.Errorf("did %v", acts)
	}
}
