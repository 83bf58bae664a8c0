package exposition

import (
	"bytes"
	"errors"
	"fmt"
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

	"github.com/crossdc/failover/toolkit/metrics"
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

// ParseText reads a Prometheus text exposition, or OpenMetrics, of at most limit bytes, in the naming of the streams-metric-exporter
// or of the runtime itself (rest contract 5.2, 5.1), told apart series by series. Series of other origin are counted in
// Set.Ignored.
//
// A body that is too large (ErrTooLarge), or in which no line can be read, gives an error and an empty Set. A page that is not in
// the format only in part, whoever wrote that part, is read without it: each bad line is a *PageError. Series with impossible
// values (NaN, infinite, negative or fractional counters, duplicates) are left out and each is a *SeriesError. Both come in the
// joined error, beside the Set of all the others: one bad gauge of another application does not blind the watchdog.
//
// only, where given, names the metrics that are asked for, at least one of operators, such as nTuplesProcessed. Lines that can tell nothing about
// them are not parsed then: the Set has all samples of those metrics and the conditions of PEs as in a reading of everything, may or
// may not have others, and faults of the other lines are not named. A page that has none of those of operators is read as a whole.
func ParseText(r io.Reader, limit int64, only ...string) (metrics.Set, error) {
	return new(reader).read(r, limit, only)
}

// reader reads one page after another into the same memory: pages of one place are all about as long.
type reader struct{ page, lines []byte }

func (p *reader) read(r io.Reader, limit int64, only []string) (metrics.Set, error) {
	into := bytes.NewBuffer(p.page[:0])
	_, err := into.ReadFrom(io.LimitReader(r, limit+1))
	if p.page = into.Bytes(); err != nil {
		return metrics.Set{}, fmt.Errorf("read metrics text: %w", err)
	}
	if int64(len(p.page)) > limit {
		return metrics.Set{}, fmt.Errorf("parse metrics text: %w: more than %d bytes", ErrTooLarge, limit)
	}
	open := openMetrics(p.page)
	if len(only) > 0 {
		wanted := selection{only}
		p.lines = wanted.of(p.page, p.lines[:0])
		if set, err := parsePage(p.lines, open); wanted.found(set) {
			return set, err
		}
	}
	return parsePage(p.page, open)
}

// parsePage reads a page, or those of its lines that matter. open says that the whole of it is OpenMetrics.
func parsePage(raw []byte, open bool) (metrics.Set, error) {
	lines := page{open: open}
	var families map[string]*dto.MetricFamily
	var err error
	if !lines.open {
		parser := expfmt.NewTextParser(model.UTF8Validation)
		families, err = parser.TextToMetricFamilies(bytes.NewReader(raw))
	}
	if lines.open || err != nil {
		families = lines.families(raw)
		if len(families) == 0 && err != nil {
			return metrics.Set{}, fmt.Errorf("parse metrics text: %w", err)
		}
	}
	b := newBuilder(lines.named())
	for _, name := range slices.Sorted(maps.Keys(families)) {
		for _, m := range families[name].GetMetric() {
			b.add(name, families[name].GetType(), m)
		}
	}
	return b.finish(), errors.Join(b.errs...)
}

// life is a launchCount, which the exporter gives as a series of its own, and whose it is.
type life struct {
	of       metrics.Sample
	launches int64
}

// launched finds the launchCount of a sample's PE; 0 when none, or several that differ, may be meant.
func launched(lives []life, s metrics.Sample) int64 {
	var found int64
	may := func(a, b string) bool { return a == "" || b == "" || a == b }
	for _, l := range lives {
		if !may(l.of.Domain, s.Domain) || !may(l.of.Instance, s.Instance) || !may(l.of.Resource, s.Resource) {
			continue
		}
		if found != 0 && found != l.launches {
			return 0
		}
		found = l.launches
	}
	return found
}

type builder struct {
	set        metrics.Set
	seen       map[string]bool
	launches   map[[2]string][]life // by job and PE
	conditions map[metrics.Condition]*metrics.Condition
	errs       []error
	text       []byte // of a series, used again for the next one
}

func newBuilder(errs []error) *builder {
	return &builder{seen: map[string]bool{}, launches: map[[2]string][]life{}, conditions: map[metrics.Condition]*metrics.Condition{}, errs: errs}
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
		key := [2]string{s.Job, s.PE}
		b.launches[key] = append(b.launches[key], life{s, n})
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
	key := metrics.Condition{Scope: s.Scope, Domain: s.Domain, Instance: s.Instance, Job: s.Job, PE: s.PE, Resource: s.Resource}
	c := b.conditions[key]
	if c == nil {
		fresh := key
		c = &fresh
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
			b.set.Samples[i].Launch = launched(b.launches[[2]string{s.Job, s.PE}], s)
		}
	}
	for _, c := range b.conditions {
		b.set.Conditions = append(b.set.Conditions, *c)
	}
	slices.SortFunc(b.set.Conditions, func(x, y metrics.Condition) int {
		return strings.Compare(place(x), place(y))
	})
	return b.set
}

func place(c metrics.Condition) string {
	return strings.Join([]string{string(c.Scope), c.Domain, c.Instance, c.Job, c.PE, c.Resource}, "/")
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
