package html

import (
	"fmt"
	"html/template"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

const (
	timelineWidth = 1000.0
	labelWidth    = 235.0
	rowHeight     = 22.0
	maxRows       = 24  // of observations
	servedPoints  = 160 // of throughput per data center
	thinnest      = 2.5 // pixels of a mark
)

// drawing is a scenario's timeline while it is made. Times are toolkit seconds since the fault, or since the scenario's
// beginning where there was none.
type drawing struct {
	svg
	scenario model.Scenario
	zero     model.Interval
	x        scale
	y        float64
}

// timeline draws a scenario to scale: phases, the fault with its own uncertainty, each indicator's interval, the fused ones
// with the objective, the overlap, and the events served. It returns nothing when there is nothing to draw.
func timeline(s model.Scenario) template.HTML {
	if s.Fault == nil && len(s.Phases) == 0 && len(s.Observations) == 0 && len(s.Served) == 0 {
		return ""
	}
	// What the suite says of itself is among the observations below, not on the time line of the data centers.
	s.Observations = slices.DeleteFunc(slices.Clone(s.Observations), func(o model.Observation) bool { return strings.HasPrefix(o.Indicator, "suite") })
	d := &drawing{scenario: s, zero: model.Interval{Earliest: s.Started, Latest: s.Started}}
	if s.Fault != nil {
		d.zero = s.Fault.Injected
	}
	observations := grouped(s.Observations)
	hidden := max(len(observations)-maxRows, 0)
	observations = observations[:len(observations)-hidden]
	fused := d.fused()
	sites := sitesOf(s.Served)

	from, to := d.extent()
	d.x = scale{from: from, to: to, left: labelWidth, width: timelineWidth - labelWidth - 20}
	height := 44.0 + rowHeight*float64(len(observations)+len(fused)) + 20
	if len(s.Phases) > 0 {
		height += rowHeight + 6
	}
	if s.Fault != nil {
		height += rowHeight
	}
	if s.BothActive != nil {
		height += rowHeight
	}
	if len(sites) > 0 {
		height += 110
	}
	d.open(timelineWidth, height, "Timeline of "+s.ID+" "+s.Name+": "+inWords(s))
	d.y = 18
	top := d.y
	d.phases()
	d.fault()
	for _, row := range observations {
		d.label(row.label)
		for _, o := range row.all {
			d.interval("seen", o.When, fmt.Sprintf("%s, %s: %s %s, %s", o.Site, o.Indicator, o.Event, o.Subject, d.words(o.When)))
		}
		d.next()
	}
	for _, f := range fused {
		d.label(f.label)
		d.interval("fused "+lookVerdict(f.verdict), f.when, f.label+": "+d.words(f.when)+", "+string(f.verdict))
		d.next()
	}
	if b := s.BothActive; b != nil {
		d.label("both active")
		d.stretch("both", b.From, b.To, "both data centers active")
		d.next()
	}
	d.objective(top)
	d.served(sites)
	d.axis(top)
	return d.close()
}

// zeroOf names the instant that the times of a scenario count from.
func zeroOf(s model.Scenario) string {
	if s.Fault == nil {
		return "the start"
	}
	return "the fault"
}

// since is an instant in toolkit seconds since the fault.
func (d *drawing) since(t model.Instant) float64 {
	middle := d.zero.Earliest + (d.zero.Latest-d.zero.Earliest)/2
	return time.Duration(t-middle).Seconds() * speedup(d.scenario)
}

func speedup(s model.Scenario) float64 {
	if s.Speedup > 0 {
		return s.Speedup
	}
	return 1
}

func (d *drawing) words(i model.Interval) string {
	return plain.Range(d.since(i.Earliest), d.since(i.Latest))
}

func (d *drawing) extent() (from, to float64) {
	// From the beginning to the last thing that is drawn: what follows, such as failovers that are only counted, is empty here.
	from = d.since(d.scenario.Started)
	to = from
	see := func(i model.Interval) {
		from, to = min(from, d.since(i.Earliest)), max(to, d.since(i.Latest))
	}
	s := d.scenario
	if s.Fault != nil {
		see(s.Fault.Injected)
		if s.Fault.Healed != nil {
			see(*s.Fault.Healed)
		}
	}
	for _, o := range s.Observations {
		see(o.When)
	}
	for _, p := range s.Phases {
		see(p.From)
		see(p.To)
	}
	for _, f := range d.fused() {
		see(f.when)
	}
	for _, v := range s.Served {
		see(model.Interval{Earliest: v.From, Latest: v.To})
	}
	if to <= from {
		to = max(d.since(d.scenario.Finished), from+1)
	}
	return from, to
}

func (d *drawing) label(text string) {
	d.text("label", labelWidth-8, d.y+15, "end", clipLabel(text, 32))
}

func (d *drawing) next() {
	d.line("grid", labelWidth, d.y+rowHeight, timelineWidth-20, d.y+rowHeight)
	d.y += rowHeight
}

func (d *drawing) interval(class string, i model.Interval, title string) {
	x, w := d.x.span(d.since(i.Earliest), d.since(i.Latest), thinnest)
	d.rect(class, x, d.y+5, w, rowHeight-10, title)
}

// stretch draws a bar whose ends are uncertain: lighter where it is not certain.
func (d *drawing) stretch(class string, from, to model.Interval, title string) {
	x, w := d.x.span(d.since(from.Earliest), d.since(to.Latest), thinnest)
	d.rect(class+" unsure", x, d.y+5, w, rowHeight-10, title+", at most "+d.words(model.Interval{Earliest: from.Earliest, Latest: to.Latest}))
	if to.Earliest > from.Latest {
		x, w = d.x.span(d.since(from.Latest), d.since(to.Earliest), thinnest)
		d.rect(class, x, d.y+5, w, rowHeight-10, title+", certainly "+d.words(model.Interval{Earliest: from.Latest, Latest: to.Earliest}))
	}
}

func (d *drawing) phases() {
	if len(d.scenario.Phases) == 0 {
		return
	}
	d.label("phases")
	for i, p := range d.scenario.Phases {
		x, w := d.x.span(d.since(p.From.Earliest), d.since(p.To.Latest), thinnest)
		class := "phase"
		if i%2 == 1 {
			class = "phase odd"
		}
		d.rect(class, x, d.y+1, w, rowHeight-2, p.Name+": "+plain.Range(d.since(p.From.Earliest), d.since(p.To.Latest)))
		if float64(len(p.Name))*7+6 < w {
			d.text("inside", x+w/2, d.y+15, "middle", p.Name)
		}
	}
	d.y += rowHeight + 6
}

func (d *drawing) fault() {
	f := d.scenario.Fault
	if f == nil {
		return
	}
	d.label("fault: " + f.Name + " " + f.Target)
	healed := model.Interval{Earliest: d.scenario.Finished, Latest: d.scenario.Finished}
	if f.Healed != nil {
		healed = *f.Healed
	}
	if healed.Latest > f.Injected.Earliest && f.Name != "no-op" {
		d.stretch("fault", f.Injected, healed, "fault "+f.Name+" "+f.Target)
	}
	d.interval("fault", f.Injected, "injected within "+d.words(f.Injected))
	if f.Healed != nil {
		d.interval("heal", *f.Healed, "healed at "+d.words(*f.Healed))
		x := d.x.at(d.since(f.Healed.Latest))
		if x < timelineWidth-80 {
			d.text("small", x+6, d.y+15, "start", "healed")
		}
	}
	d.next()
}

type mark struct {
	label   string
	when    model.Interval
	verdict model.Verdict
}

// fused are the measured values as marks: a measure counts from the fault, so its ends are found from the fault's.
func (d *drawing) fused() []mark {
	var out []mark
	if d.scenario.Fault == nil {
		return nil
	}
	m := d.scenario.Measures
	for _, one := range []struct {
		label   string
		measure *model.Measure
	}{{"detection (fused)", m.Detection}, {"takeover (fused)", m.Takeover}, {"recovery (fused)", m.Recovery}, {"steady again (fused)", m.Steady}} {
		if one.measure == nil {
			continue
		}
		when := model.Interval{Earliest: d.zero.Latest + seconds(one.measure.EarliestSeconds/speedup(d.scenario)),
			Latest: d.zero.Earliest + seconds(one.measure.LatestSeconds/speedup(d.scenario))}
		if when.Earliest > when.Latest {
			when.Earliest, when.Latest = when.Latest, when.Earliest
		}
		out = append(out, mark{one.label, when, one.measure.Verdict})
	}
	return out
}

func seconds(v float64) model.Instant { return model.Instant(v * float64(time.Second)) }

func (d *drawing) objective(top float64) {
	rto := d.scenario.Objectives.RTOSeconds
	if rto <= 0 || d.scenario.Fault == nil || rto < d.x.from || rto > d.x.to {
		return
	}
	x := d.x.at(rto)
	d.line("objective", x, top, x, d.y)
	d.text("small objective-text", x, top-5, "middle", "RTO "+plain.Seconds(rto)+" s")
}

func (d *drawing) axis(top float64) {
	for _, v := range d.x.ticks(10) {
		x := d.x.at(v)
		d.line("grid", x, top, x, d.y)
		d.text("small", x, d.y+14, "middle", plain.Seconds(v))
	}
	d.text("small", labelWidth-8, d.y+14, "end", "toolkit s since "+zeroOf(d.scenario))
	if d.scenario.Fault != nil {
		d.line("zero", d.x.at(0), top, d.x.at(0), d.y)
	}
}

// row is the observations of one event by one indicator.
type row struct {
	label string
	all   []model.Observation
}

func grouped(all []model.Observation) []row {
	var rows []row
	index := map[string]int{}
	for _, o := range all {
		label := o.Site + " " + o.Indicator + ": " + o.Event
		i, known := index[label]
		if !known {
			i = len(rows)
			index[label] = i
			rows = append(rows, row{label: label})
		}
		rows[i].all = append(rows[i].all, o)
	}
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].all[0].When.Earliest < rows[j].all[0].When.Earliest })
	return rows
}
