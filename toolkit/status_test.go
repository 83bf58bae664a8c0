package toolkit

import (
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

var methods = map[string][]Indicator{
	"Counters": {OperatorMetrics}, "Scrape": {PrometheusMetrics}, "Read": {StatusRead}, "Job": {JobHealth, TraceLines},
	"Instance": {InstanceHealth}, "Trace": {TraceLines},
}

// asked are the indicators for which the table of ways asks a site.
func asked(c *Client, side int) map[Indicator]bool {
	list := map[Indicator]bool{}
	for _, p := range c.cfg.Sites[side].probes() {
		if !p.missing {
			list[p.indicator] = true
		}
	}
	return list
}

// TestStatusWithEverySubset lets every subset of the sources fail: what remains is used, what failed is named, and the
// conclusion is never DOWN.
func TestStatusWithEverySubset(t *testing.T) {
	names := []string{"Counters", "Scrape", "Read", "Job", "Instance", "Trace"}
	all := map[Indicator]bool{} // without any of their sources nothing is left to ask
	for _, indicators := range methods {
		for _, indicator := range indicators {
			all[indicator] = true
		}
	}
	for subset := range 1 << len(names) {
		c, a, _ := newFakes(t, nil)
		gone := map[Indicator]bool{}
		for i, name := range names {
			if subset&(1<<i) != 0 {
				a.fail[name] = WithCause(CauseUnreachable, errors.New("connection refused"))
				for _, indicator := range methods[name] {
					gone[indicator] = true
				}
			}
		}
		status, err := c.Status(t.Context())
		site := status.Sites[0]
		if len(gone) == len(all) {
			var none *NoIndicatorError
			if !errors.As(err, &none) || len(none.Tried) != len(asked(c, 0)) || !errors.Is(err, ErrNoIndicator) {
				t.Fatalf("nothing left: error %v", err)
			}
		} else if err != nil {
			t.Fatalf("subset %b: %v", subset, err)
		}
		for indicator := range gone {
			if slices.Contains(site.Used, indicator) || !slices.ContainsFunc(site.Problems, func(p Problem) bool { return p.Indicator == indicator && p.Cause == CauseUnreachable }) {
				t.Fatalf("subset %b: %s failed, but used %v, problems %v", subset, indicator, site.Used, site.Problems)
			}
		}
		want := Up
		if gone[OperatorMetrics] && gone[PrometheusMetrics] && gone[StatusRead] {
			want = Unknown
		}
		if site.Conclusion.State != want {
			t.Fatalf("subset %b: %v", subset, site.Conclusion)
		}
		if other := status.Sites[1].Conclusion.State; other != Up {
			t.Fatalf("subset %b: the other site suffers: %v", subset, other)
		}
	}
}

func TestStatusRefusedLoginIsOurError(t *testing.T) {
	for _, cause := range []error{access.ErrUnauthorized, access.ErrTLS, x509.UnknownAuthorityError{}, WithCause(CauseAccess, errors.New("403"))} {
		c, a, _ := newFakes(t, nil)
		for name := range methods {
			a.fail[name] = cause
		}
		status, err := c.Status(t.Context())
		if !errors.Is(err, ErrNoIndicator) || !strings.Contains(err.Error(), "says nothing about a failover") {
			t.Errorf("%v: error %v", cause, err)
		}
		site := status.Sites[0]
		if site.Conclusion.State != Unknown || site.Evidence.JobGone || slices.ContainsFunc(site.Problems, func(p Problem) bool { return !p.Cause.Ours() && p.Indicator != StatusStream }) {
			t.Errorf("%v: %v %v", cause, site.Conclusion, site.Problems)
		}
	}
}

func TestStatusSeesMuteAtTheSecondLook(t *testing.T) {
	c, a, _ := newFakes(t, func(cfg *Config) {
		cfg.Sites[0].Prometheus, cfg.Sites[0].Exchange = nil, nil
	})
	a.counts[StatusTuples] = 2
	first, err := c.Status(t.Context())
	if err != nil || first.Sites[0].Conclusion.State != Down {
		t.Fatalf("first look: %v, %v", first, err)
	}
	a.counts[Ticks] += 3
	second, err := c.Status(t.Context())
	if err != nil || second.Sites[0].Conclusion.State != DownMute {
		t.Fatalf("second look: %v, %v", second, err)
	}
	if !strings.Contains(second.String(), "not used: prometheus metrics: not configured") {
		t.Errorf("says not what is missing: %s", second)
	}
}

func TestStatusIsBoundedByHangingCalls(t *testing.T) {
	c, a, _ := newFakes(t, func(cfg *Config) { cfg.CallTimeout = 20 * time.Millisecond })
	for name := range methods {
		a.hang[name] = true
	}
	begun := time.Now()
	_, err := c.Status(t.Context())
	if took := time.Since(begun); took > 5*time.Second || !errors.Is(err, ErrNoIndicator) {
		t.Errorf("took %v: %v", took, err)
	}
}

func TestStatusOfABrokenTuple(t *testing.T) {
	c, a, _ := newFakes(t, nil)
	a.tuples["Status"] = append(a.tuples["Status"], []byte(`{"activeOrInactive":"yes"}`))
	status, err := c.Status(t.Context())
	if err != nil || status.Sites[0].Conclusion.State != Up {
		t.Fatalf("%v, %v", status, err)
	}
	if !slices.ContainsFunc(status.Sites[0].Problems, func(p Problem) bool { return p.Indicator == StatusRead && p.Cause == CauseMalformed }) {
		t.Errorf("problems %v", status.Sites[0].Problems)
	}
}

func TestOneBadSeriesDoesNotSilenceTheMetrics(t *testing.T) {
	c, a, _ := newFakes(t, func(cfg *Config) { cfg.Sites[0].Prometheus, cfg.Sites[0].Exchange = nil, nil })
	a.fail["Counters"] = errOneSeries
	status, err := c.Status(t.Context())
	site := status.Sites[0]
	if err != nil || site.Conclusion.State != Up || !slices.Contains(site.Used, OperatorMetrics) {
		t.Errorf("%v, %v", status, err)
	}
	if !strings.Contains(status.String(), "used in part: operator metrics: failed: one bad series") {
		t.Errorf("not told: %s", status)
	}
}

func TestNewRefusesNonsense(t *testing.T) {
	for _, cfg := range []Config{
		{}, {Sites: [2]Site{{Name: "a"}, {Name: "a"}}}, {Sites: [2]Site{{Name: "a"}, {Name: "b"}}, Timing: Timing{Speedup: -1}},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("accepted %+v", cfg)
		}
	}
}

func TestAvailability(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*fakeSite)
		want   Outcome
	}{
		{"served", func(*fakeSite) {}, Served},
		{"served, results read", func(f *fakeSite) { f.fail["Subscribe"] = access.ErrServer }, Served},
		{"not accepted", func(f *fakeSite) { f.fail["Inject"] = access.ErrNotFound }, NotAccepted},
		{"hangs", func(f *fakeSite) { f.hang["Inject"] = true }, NotAccepted},
		{"no result", func(f *fakeSite) { f.drop = true }, NoResult},
		{"login refused", func(f *fakeSite) { f.fail["Inject"] = access.ErrUnauthorized }, Unasked},
		{"login refused at the results", func(f *fakeSite) { f.fail["Subscribe"] = access.ErrUnauthorized }, Unasked},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, a, _ := newFakes(t, func(cfg *Config) { cfg.CallTimeout = 100 * time.Millisecond })
			tt.change(a)
			got := c.Availability(t.Context())
			if got[0].Outcome != tt.want || got[1].Outcome != Served {
				t.Errorf("got %v", got)
			}
			if (got[0].Outcome == Served) != (got[0].Err == nil) || got[0].Earliest > got[0].Latest {
				t.Errorf("got %+v", got[0])
			}
		})
	}
}

func TestFragmentStates(t *testing.T) {
	c, a, _ := newFakes(t, func(cfg *Config) { cfg.CallTimeout = 100 * time.Millisecond })
	states, err := c.FragmentStates(t.Context(), "dc1")
	if err != nil || len(states) != 5 || states[4].Channel != 4 || states[0].Entries[0].LastSeq != 1<<64-1 {
		t.Errorf("%v, %v", states, err)
	}
	a.fail["Inject"] = access.ErrNotFound
	if _, err := c.FragmentStates(t.Context(), "dc1"); CauseOf(err) != CauseGone {
		t.Errorf("error %v", err)
	}
	if _, err := c.FragmentStates(t.Context(), "dc9"); err == nil {
		t.Error("dc9 answered")
	}
}

func TestMetricsFallsBackToPrometheus(t *testing.T) {
	c, a, b := newFakes(t, nil)
	a.fail["Counters"] = access.ErrServer
	b.fail["Counters"], b.fail["Scrape"] = access.ErrServer, access.ErrUnreachable
	got, err := c.Metrics(t.Context())
	if got[0].Source != PrometheusMetrics || len(got[0].Set.Samples) == 0 || !errors.Is(err, ErrNoIndicator) {
		t.Errorf("%v, %v", got, err)
	}
}

// TestUnusedIndicatorsAreNotAsked: what the user ruled out is not asked, and is named as not configured.
func TestUnusedIndicatorsAreNotAsked(t *testing.T) {
	c, a, _ := newFakes(t, func(cfg *Config) { cfg.Sites[0].Unused = []Indicator{PrometheusMetrics, TraceLines} })
	a.fail["Scrape"] = errors.New("asked all the same")
	status, err := c.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	site := status.Sites[0]
	for _, unused := range []Indicator{PrometheusMetrics, TraceLines} {
		if slices.Contains(site.Used, unused) || !slices.ContainsFunc(site.Problems, func(p Problem) bool { return p.Indicator == unused && p.Cause == CauseMissing }) {
			t.Errorf("%s: used %v, problems %v", unused, site.Used, site.Problems)
		}
	}
}
