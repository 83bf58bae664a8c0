package html

import (
	"html/template"
	"sort"

	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

// bullet draws a measured interval against its objective in the space of a table cell.
func bullet(m *model.Measure) template.HTML {
	if m == nil || m.ObjectiveSeconds <= 0 {
		return ""
	}
	var s svg
	s.open(120, 12, plain.Range(m.EarliestSeconds, m.LatestSeconds)+" of "+plain.Seconds(m.ObjectiveSeconds)+" s allowed")
	x := scale{to: max(m.ObjectiveSeconds, m.LatestSeconds) * 1.1, left: 1, width: 118}
	s.rect("allowed", x.left, 4, x.at(m.ObjectiveSeconds)-x.left, 4, "")
	left, width := x.span(m.EarliestSeconds, m.LatestSeconds, thinnest)
	s.rect("fused "+lookVerdict(m.Verdict), left, 1, width, 10, "")
	s.line("objective", x.at(m.ObjectiveSeconds), 0, x.at(m.ObjectiveSeconds), 12)
	return s.close()
}

// distribution draws repeated trials as the share that took no longer than a time: what is certain, what is possible, and
// the predicted distribution.
func distribution(title string, trials []model.Measure, predicted []float64, objective float64) template.HTML {
	if len(trials) == 0 {
		return ""
	}
	var early, late []float64
	for _, m := range trials {
		early, late = append(early, m.EarliestSeconds), append(late, m.LatestSeconds)
	}
	sort.Float64s(early)
	sort.Float64s(late)
	predicted = append([]float64(nil), predicted...)
	sort.Float64s(predicted)
	const width, height, left, bottom = 640.0, 240.0, 50.0, 200.0
	x := scale{from: early[0], to: late[len(late)-1], left: left, width: width - left - 20}
	if len(predicted) > 0 {
		x.from, x.to = min(x.from, predicted[0]), max(x.to, predicted[len(predicted)-1])
	}
	if objective > 0 && objective < 2*x.to {
		x.to = max(x.to, objective*1.02)
	}
	y := scale{from: 1, to: 0, left: 20, width: bottom - 20}
	var s svg
	s.open(width, height, title)
	for _, v := range x.ticks(8) {
		s.line("grid", x.at(v), 20, x.at(v), bottom)
		s.text("small", x.at(v), bottom+16, "middle", plain.Seconds(v))
	}
	for _, v := range []float64{0, 0.5, 0.9, 1} {
		s.line("grid", left, y.at(v), width-20, y.at(v))
		s.text("small", left-6, y.at(v)+4, "end", plain.Seconds(v*100)+" %")
	}
	s.text("small", left, bottom+34, "start", "toolkit seconds")
	curve := func(class string, values []float64) {
		n := len(values)
		s.path(class, points(func(i int) (float64, float64) {
			return x.at(values[i/2]), y.at(float64(i/2+i%2) / float64(n))
		}, 2*n))
	}
	if n := len(predicted); n > 1 {
		s.path("predicted", points(func(i int) (float64, float64) { return x.at(predicted[i]), y.at(float64(i) / float64(n-1)) }, n))
	}
	curve("rate dc1", early)
	curve("rate dc2", late)
	if objective > 0 && objective <= x.to {
		s.line("objective", x.at(objective), 20, x.at(objective), bottom)
	}
	legend := left
	for _, l := range []struct{ class, text string }{{"rate dc1", "earliest possible"}, {"rate dc2", "latest possible"}, {"predicted", "predicted"}} {
		s.line(l.class, legend, 8, legend+20, 8)
		s.text("small", legend+26, 12, "start", l.text)
		legend += 150
	}
	return s.close()
}

const trendRuns = 40 // of one scenario, the newest

// trend draws one measure of a scenario over its runs, oldest first.
func trend(title string, entries []history.Entry, value func(history.Entry) *history.Bounds, objective func(history.Entry) float64) template.HTML {
	if len(entries) > trendRuns {
		entries = entries[len(entries)-trendRuns:]
	}
	highest, any := 0.0, false
	for _, e := range entries {
		if b := value(e); b != nil {
			highest, any = max(highest, b.Latest, objective(e)), true
		}
	}
	if !any || highest <= 0 {
		return ""
	}
	const width, height, left, bottom = 480.0, 120.0, 50.0, 96.0
	y := scale{from: highest * 1.05, to: 0, left: 14, width: bottom - 14}
	slot := (width - left - 10) / float64(len(entries))
	var s svg
	s.open(width, height, title)
	for _, v := range (scale{from: 0, to: highest}).ticks(4) {
		s.line("grid", left, y.at(v), width-10, y.at(v))
		s.text("small", left-6, y.at(v)+4, "end", plain.Seconds(v))
	}
	for i, e := range entries {
		x := left + slot*float64(i)
		if o := objective(e); o > 0 {
			s.line("objective", x, y.at(o), x+slot, y.at(o))
		}
		if b := value(e); b != nil {
			top, size := y.at(b.Latest), y.at(b.Earliest)-y.at(b.Latest)
			s.rect("fused", x+slot/2-min(slot/3, 6), top-max(0, (3-size)/2), min(slot/1.5, 12), max(size, 3),
				e.At.UTC().Format("2006-01-02 15:04")+", "+e.Run+": "+plain.Range(b.Earliest, b.Latest)+", "+string(e.Outcome))
		}
	}
	s.text("small", left, bottom+18, "start", entries[0].At.UTC().Format("2006-01-02"))
	s.text("small", width-10, bottom+18, "end", entries[len(entries)-1].At.UTC().Format("2006-01-02"))
	return s.close()
}
