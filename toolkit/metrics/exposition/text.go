package exposition

import (
	"errors"
	"fmt"
	"github.com/crossdc/failover/toolkit/metrics"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// ErrTooLarge reports a body above the limit given to ParseText.
var ErrTooLarge = errors.New("body too large")

// SeriesError is a series whose value cannot be what it claims to be.
type SeriesError struct {
	Series string // name and labels, as in the text
	Value  float64
	Reason string
}

func (e *SeriesError) Error() string {
	return fmt.Sprintf("series %s: value %v: %s", e.Series, e.Value, e.Reason)
}

// ParseText reads a Prometheus text exposition of at most limit bytes, in the naming of the streams-metric-exporter or
// of the runtime itself (rest contract 5.2, 5.1), told apart series by series. Series of other origin are counted in
// Set.Ignored.
//
// A body that is too large (ErrTooLarge) or not in the format gives an error and an empty Set: it may have been cut in
// two, and half a number looks like a number. Series with impossible values (NaN, infinite, negative or fractional
// counters, duplicates) are left out and each is reported as a *SeriesError in the joined error, beside the Set of all
// the others: one bad gauge of the application does not blind the watchdog.
func ParseText(r io.Reader, limit int64) (metrics.Set, error) {
	bounded := &io.LimitedReader{R: r, N: limit + 1}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bounded)
	if bounded.N <= 0 {
		return metrics.Set{}, fmt.Errorf("parse metrics text: %w: more than %d bytes", ErrTooLarge, limit)
	}
	if err != nil {
		return metrics.Set{}, fmt.Errorf("parse metrics text: %w", err)
	}
	b := builder{seen: map[string]bool{}, launches: map[[2]string]int64{}, conditions: map[metrics.Condition]*metrics.Condition{}}
	for _, name := range slices.Sorted(maps.Keys(families)) {
		for _, m := range families[name].GetMetric() {
			b.add(name, families[name].GetType(), m)
		}
	}
	return b.finish(), errors.Join(b.errs...)
}

type builder struct {
	set        metrics.Set
	seen       map[string]bool
	launches   map[[2]string]int64 // (job, pe) -> launchCount, which the exporter gives as a series of its own
	conditions map[metrics.Condition]*metrics.Condition
	errs       []error
	text       []byte // of a series, used again for the next one
}

func (b *builder) add(family string, typ dto.MetricType, m *dto.Metric) {
	labels := labelsOf(m)
	s, level, ok := identify(family, typ, labels)
	if !ok {
		b.set.Ignored++
		return
	}
	b.text = appendSeries(b.text[:0], family, m.GetLabel())
	series := string(b.text)
	value, ok := valueOf(m)
	if !ok {
		b.reject(series, 0, "a histogram or summary where a plain value belongs")
		return
	}
	if b.seen[series] {
		b.reject(series, value, "duplicate series")
		return
	}
	b.seen[series] = true
	if level {
		b.level(series, s, value)
		return
	}
	n, reason := integer(value, s.Kind)
	if reason != "" {
		b.reject(series, value, reason)
		return
	}
	s.Value = n
	if m.TimestampMs != nil {
		s.At = time.UnixMilli(m.GetTimestampMs())
	}
	if s.Name == "launchCount" && s.Scope == metrics.PE {
		b.launches[[2]string{s.Job, s.PE}] = n
	}
	b.set.Samples = append(b.set.Samples, s)
}

func (b *builder) reject(series string, value float64, reason string) {
	b.errs = append(b.errs, &SeriesError{Series: series, Value: value, Reason: reason})
}

// level files a status or health under the thing that it belongs to.
func (b *builder) level(series string, s metrics.Sample, value float64) {
	levels := map[float64]metrics.Level{0: metrics.Bad, 0.5: metrics.Transitional, 1: metrics.Good}
	l, ok := levels[value]
	if !ok {
		b.reject(series, value, "a status or health is 0, 0.5 or 1")
		return
	}
	key := metrics.Condition{Scope: s.Scope, Job: s.Job, PE: s.PE, Resource: s.Resource}
	if s.Scope == metrics.PE || s.Scope == metrics.Job {
		key.Resource = ""
	}
	c := b.conditions[key]
	if c == nil {
		c = &metrics.Condition{Scope: key.Scope, Job: key.Job, PE: key.PE, Resource: s.Resource}
		b.conditions[key] = c
	}
	if s.Name == "health" {
		c.Health = &l
	} else {
		c.Status = &l
	}
}

func (b *builder) finish() metrics.Set {
	for i, s := range b.set.Samples {
		if s.PE != "" {
			b.set.Samples[i].Launch = b.launches[[2]string{s.Job, s.PE}]
		}
	}
	for _, c := range b.conditions {
		b.set.Conditions = append(b.set.Conditions, *c)
	}
	slices.SortFunc(b.set.Conditions, func(x, y metrics.Condition) int {
		return strings.Compare(string(x.Scope)+"/"+x.Job+"/"+x.PE+"/"+x.Resource, string(y.Scope)+"/"+y.Job+"/"+y.PE+"/"+y.Resource)
	})
	return b.set
}

// integer converts a value of the text to the platform's int64. Averages of gauges may have a fraction and are rounded.
func integer(v float64, kind metrics.Kind) (n int64, reason string) {
	switch {
	case math.IsNaN(v):
		return 0, "not a number"
	case math.IsInf(v, 0):
		return 0, "infinite"
	case kind == metrics.Counter && v < 0:
		return 0, "a negative counter"
	case kind == metrics.Counter && v != math.Trunc(v):
		return 0, "a counter with a fraction"
	case v >= math.MaxInt64 || v < math.MinInt64:
		return 0, "beyond 64 bits"
	}
	return int64(math.Round(v)), ""
}

func valueOf(m *dto.Metric) (float64, bool) {
	switch {
	case m.Counter != nil:
		return m.Counter.GetValue(), true
	case m.Gauge != nil:
		return m.Gauge.GetValue(), true
	case m.Untyped != nil:
		return m.Untyped.GetValue(), true
	}
	return 0, false
}

func labelsOf(m *dto.Metric) map[string]string {
	labels := make(map[string]string, len(m.GetLabel()))
	for _, l := range m.GetLabel() {
		labels[l.GetName()] = l.GetValue()
	}
	return labels
}

// appendSeries renders name and sorted labels as in the text, which is also the identity of a series.
func appendSeries(b []byte, family string, labels []*dto.LabelPair) []byte {
	slices.SortFunc(labels, func(x, y *dto.LabelPair) int { return strings.Compare(x.GetName(), y.GetName()) })
	b = append(append(b, family...), '{')
	for i, l := range labels {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, l.GetName()...), '=')
		b = strconv.AppendQuote(b, l.GetValue())
	}
	return append(b, '}')
}
