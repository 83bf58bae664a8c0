package scenario

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/toolkit"
)

func TestBlindIndicatorsSayWhy(t *testing.T) {
	for name, c := range map[string]struct {
		change    func(*config.Config)
		indicator toolkit.Indicator
		says      string
	}{
		"all may be used":                 {func(*config.Config) {}, toolkit.TakeoverStream, ""},
		"the stream is not among them":    {func(s *config.Config) { s.Indicators = []string{"operator-metrics"} }, toolkit.TakeoverStream, "CROSSDC_INDICATORS"},
		"the counters are":                {func(s *config.Config) { s.Indicators = []string{"operator-metrics"} }, toolkit.OperatorMetrics, ""},
		"the application has no stream":   {func(s *config.Config) { s.Endpoint.Takeover = "-" }, toolkit.TakeoverStream, "CROSSDC_ENDPOINT_TAKEOVER"},
		"which says nothing about others": {func(s *config.Config) { s.Endpoint.Takeover = "-" }, toolkit.JobHealth, ""},
	} {
		settings := &config.Config{Indicators: []string{config.AllIndicators}, Endpoint: config.Endpoints{Takeover: "Takeover"}}
		c.change(settings)
		d := &Drill{settings: settings}
		if why := d.blind(c.indicator); c.says == "" && why != "" || !strings.Contains(why, c.says) {
			t.Errorf("%s: %q, want %q", name, why, c.says)
		}
	}
}

func TestWhoHasNotLookedUntilTheEndIsNamed(t *testing.T) {
	now := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	missing := missingLooks(map[toolkit.Indicator]time.Time{
		toolkit.OperatorMetrics: now, toolkit.StatusStream: now.Add(-1500 * time.Millisecond), toolkit.StatusRead: now.Add(time.Second),
		toolkit.PrometheusMetrics: now.Add(-time.Minute),
	}, map[toolkit.Indicator]toolkit.Failure{
		toolkit.StatusStream: {
			Problem: toolkit.Problem{Site: "dc2", Indicator: toolkit.StatusStream, Cause: toolkit.CauseAccess, Err: errors.New("401")},
			Last:    now.Add(-time.Second),
		},
		toolkit.PrometheusMetrics: { // it has looked again since
			Problem: toolkit.Problem{Site: "dc2", Indicator: toolkit.PrometheusMetrics, Cause: toolkit.CauseTimeout}, Last: now.Add(-time.Hour),
		},
	}, now)
	want := []string{
		"the prometheus metrics last did 1m0s before it",
		"the status stream last did 1.5s before it (dc2: status stream: login refused: 401)",
	}
	if !slices.Equal(missing, want) {
		t.Errorf("%q, want %q", missing, want)
	}
}
