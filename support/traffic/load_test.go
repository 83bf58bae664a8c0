package traffic

import (
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// flow lets stream dc1 be served by a site at 1,000 events/s for [from, to) milliseconds after the epoch.
func flow(l *Ledger, site, from, to int, share float64) {
	for ms := from; ms < to; ms += 10 {
		at := epoch.Add(time.Duration(ms) * time.Millisecond)
		n := int(10 * share)
		l.activity.due[0].mark(at, 10)
		l.activity.due[1].mark(at, 10)
		l.activity.served[1][1].mark(at, 10)
		l.activity.sends[0][site].mark(at)
		if n > 0 {
			l.activity.served[0][site].mark(at, n)
			l.activity.results[0][site].mark(at.Add(time.Millisecond))
		}
	}
}

func millis(ms int) model.Instant { return model.Instant(time.Duration(ms) * time.Millisecond) }

// failover is served by dc1 until 1 s, by nobody until 3 s, half by dc2 until 3.5 s, then fully.
func failover(t *testing.T) *Ledger {
	t.Helper()
	l := newTestLedger(t)
	flow(l, 0, 0, 1000, 1)
	flow(l, 0, 1000, 3000, 0)
	flow(l, 1, 3000, 3500, 0.5)
	flow(l, 1, 3500, 6000, 1)
	return l
}

func TestServiceOfTheSurvivorBeginsBetweenSendingAndResult(t *testing.T) {
	l := failover(t)
	when, ok := l.FirstServed("dc1", "dc2", epoch.Add(time.Second))
	if !ok || when.Earliest != millis(3000) || when.Latest != millis(3001) {
		t.Errorf("first served %+v %t, want 3000..3001 ms", when, ok)
	}
	// Asked in the middle of a busy period: service goes on, so the next one is at most slack away.
	when, ok = l.FirstServed("dc1", "dc2", epoch.Add(4*time.Second+3*time.Millisecond))
	if !ok || when.Earliest != millis(4003) || when.Latest < when.Earliest || when.Latest > millis(4023) {
		t.Errorf("in a busy period %+v %t", when, ok)
	}
	for _, name := range []string{"dc1", "dc9"} {
		if _, ok := l.FirstServed("dc2", name, epoch); ok {
			t.Errorf("%s served nothing of dc2", name)
		}
	}
}

func TestThroughputIsBackWhenItStaysAtItsLevel(t *testing.T) {
	l := failover(t)
	if level := l.Level("dc1", 0, millis(1000)); level != 1000 {
		t.Errorf("level before %g, want 1000/s", level)
	}
	if level := l.Level("dc1", millis(1000), millis(3000)); level != 0 {
		t.Errorf("level during %g", level)
	}
	when, ok := l.BackToLevel("dc1", millis(1000), 900, 500*time.Millisecond)
	// With 90 % asked of half a second, one bucket in ten may lie before the step.
	if !ok || !when.Contains(millis(3500)) && !when.Contains(millis(3400)) || when.Width() > 100*time.Millisecond {
		t.Errorf("back to level %+v %t, want about 3500 ms", when, ok)
	}
	if _, ok := l.BackToLevel("dc1", millis(1000), 1100, 500*time.Millisecond); ok {
		t.Error("back at a level that was never reached")
	}
	if _, ok := l.BackToLevel("dc1", millis(5800), 900, 500*time.Millisecond); ok {
		t.Error("back before the stretch to keep it has passed")
	}
}

func TestTooLittleLoadIsSaidInWords(t *testing.T) {
	l := failover(t)
	if reasons := l.CheckLoad(Window{Phase: "before", From: 0, To: millis(1000), Served: true}, 0.8); len(reasons) != 0 {
		t.Errorf("full load, yet %q", reasons)
	}
	if reasons := l.CheckLoad(Window{Phase: "during", From: millis(1000), To: millis(3000)}, 0.8); len(reasons) != 0 {
		t.Errorf("what the fault takes away is no lack of load: %q", reasons)
	}
	for what, c := range map[string]struct {
		window Window
		says   string
	}{
		"not served": {Window{Phase: "after", From: millis(3000), To: millis(3500), Served: true}, "load after the fault: of stream dc1 250 events were served in 500ms, the minimum is 400"},
		"not due":    {Window{Phase: "during", From: millis(5500), To: millis(7500)}, "load during the fault: stream dc1 made 500 events due in 2s, the minimum is 1600"},
		"too short":  {Window{Phase: "before", From: millis(10), To: millis(40)}, "shorter than one bucket"},
	} {
		if reasons := l.CheckLoad(c.window, 0.8); len(reasons) == 0 || !strings.Contains(reasons[0], c.says) {
			t.Errorf("%s: %q", what, reasons)
		}
	}
}

func TestServedBucketsShowTheGap(t *testing.T) {
	l := failover(t)
	events := map[string]int64{}
	gap := true
	for _, bucket := range l.Served(0, millis(6000)) {
		events[bucket.Site] += bucket.Events
		if bucket.Site == "dc1" && bucket.From >= millis(1000) {
			gap = gap && bucket.Events == 0
		}
		if bucket.To-bucket.From != millis(50) {
			t.Fatalf("bucket %+v", bucket)
		}
	}
	if events["dc1"] != 1000 || events["dc2"] != 6000+250+2500 || !gap {
		t.Errorf("served %v, gap shows: %t", events, gap)
	}
}

// What was accepted is counted when it was, whoever took it: service is held against it where events are refused on the way.
func TestTheAcceptedLevelCountsBothSides(t *testing.T) {
	l := newTestLedger(t)
	l.take(t, 0, 0, l.issue(0, 0, 500, dueAt))
	l.take(t, 0, 1, l.issue(0, 500, 500, dueAt))
	from, to := model.Instant(-time.Hour), model.Instant(1000*time.Hour)
	if got := l.AcceptedLevel("dc9", from, to); got != 0 {
		t.Errorf("a stream that nobody knows: %v", got)
	}
	all := 0.0
	for _, name := range []string{"dc1", "dc2"} {
		all += l.AcceptedLevel(name, from, to)
	}
	if all <= 0 || l.AcceptedLevel("dc2", from, to) != 0 {
		t.Errorf("1000 events of dc1 were accepted: %v of both, %v of dc2", all, l.AcceptedLevel("dc2", from, to))
	}
}

// What a data center refused is told apart from what nobody answered and from what our own queue refused.
func TestAnsweredCountsWhatASiteSaid(t *testing.T) {
	l := newTestLedger(t)
	l.take(t, 0, 0, l.issue(0, 0, 30, dueAt))
	l.answer(0, 1, l.issue(0, 30, 20, dueAt), refused, l.options.Epoch)
	l.answer(0, 0, l.issue(0, 50, 10, dueAt), unanswered, l.options.Epoch)
	l.queueFull(0, l.issue(0, 60, 5, dueAt))
	from, to := model.Instant(-time.Hour), model.Instant(1000*time.Hour)
	if accepted, refused := l.Answered("dc1", from, to); accepted != 30 || refused != 20 {
		t.Errorf("30 events were accepted and 20 refused: %d, %d", accepted, refused)
	}
	for _, other := range []string{"dc2", "dc9"} {
		if accepted, refused := l.Answered(other, from, to); accepted+refused != 0 {
			t.Errorf("%s sent nothing: %d, %d", other, accepted, refused)
		}
	}
}
