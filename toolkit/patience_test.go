package toolkit

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

var busy = &access.Error{Op: "ask", Status: http.StatusServiceUnavailable, Class: access.ErrBusy, RetryAfter: 20 * time.Millisecond}

func TestOneRefusalForAMomentFailsNothing(t *testing.T) {
	c, one, two := newFakes(t, func(*Config) {})
	sites := []*fakeSite{one, two}
	for _, site := range sites {
		site.set(func(f *fakeSite) { f.first = busy })
	}
	status, err := c.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, site := range status.Sites {
		for _, problem := range site.Problems {
			if problem.Cause != CauseMissing {
				t.Errorf("%s: %v", site.Name, problem)
			}
		}
	}
	for _, site := range sites {
		site.set(func(f *fakeSite) { clear(f.asked) })
	}
	for _, a := range c.Availability(t.Context()) {
		if a.Outcome != Served {
			t.Errorf("%v", a)
		}
	}
	for _, site := range sites {
		site.set(func(f *fakeSite) { clear(f.asked) })
	}
	for _, name := range []string{"dc1", "dc2"} {
		if states, err := c.FragmentStates(t.Context(), name); err != nil || len(states) != 5 {
			t.Errorf("%s: %v %v", name, states, err)
		}
	}
}

// One refusal in ten, each with a pause of a second, took a probe of five seconds along: its own pauses had grown to four.
func TestAProbeOutlastsRefusalsThatPass(t *testing.T) {
	c, one, two := newFakes(t, func(c *Config) { c.CallTimeout = 400 * time.Millisecond })
	asked := &access.Error{Op: "ask", Status: http.StatusServiceUnavailable, Class: access.ErrBusy, RetryAfter: 100 * time.Millisecond}
	for _, site := range []*fakeSite{one, two} {
		site.set(func(f *fakeSite) { f.first, f.times = asked, 4 })
	}
	two.set(func(f *fakeSite) { f.times = 1000 })
	got := c.Availability(t.Context())
	if got[0].Outcome != Served {
		t.Errorf("refused four times, then not: %v", got[0])
	}
	if got[1].Outcome != NotAccepted {
		t.Errorf("refused for good: %v", got[1])
	}
}

func TestOneLostConnectionIsNoSilenceOfTheInstance(t *testing.T) {
	lost := &access.Error{Op: "read instance", Class: access.ErrUnreachable, Err: io.ErrUnexpectedEOF}
	_, one, _ := newFakes(t, nil)
	site := Site{Management: one}
	one.first = lost
	if use, err := site.askInstance(t.Context()); err != nil || use == nil || one.asked["Instance"] != 2 {
		t.Errorf("asked %d times: %v", one.asked["Instance"], err)
	}
	one.fail["Instance"] = lost // again and again: that is silence
	use, err := site.askInstance(t.Context())
	if err != nil || use == nil {
		t.Fatalf("%v", err)
	}
	c, _, _ := newFakes(t, nil)
	if _, err := use(c.sides[0], time.Now(), time.Now()); !errors.Is(err, access.ErrUnreachable) || !c.sides[0].instance.unreachable {
		t.Errorf("%v", err)
	}
}

func TestPatienceEndsWithItsTimeAndSaysWhy(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	tries := 0
	if err := patiently(ctx, func(context.Context) error { tries++; return busy }); !errors.Is(err, access.ErrBusy) || tries < 2 {
		t.Errorf("%d tries: %v", tries, err)
	}
	for _, lasting := range []error{errors.New("other"), &access.Error{Status: 404, Class: access.ErrNotFound}, context.Canceled, nil} {
		tries = 0
		if err := patiently(t.Context(), func(context.Context) error { tries++; return lasting }); !errors.Is(err, lasting) || tries != 1 {
			t.Errorf("%v: %d tries, %v", lasting, tries, err)
		}
	}
	late := &access.Error{Status: 503, Class: access.ErrBusy, RetryAfter: time.Hour}
	begun := time.Now()
	if err := patiently(ctx, func(context.Context) error { return late }); !errors.Is(err, access.ErrBusy) || time.Since(begun) > 5*time.Second {
		t.Errorf("a pause beyond the limit is not waited for: %v", err)
	}
}
