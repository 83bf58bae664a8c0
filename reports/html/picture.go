package html

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

// Sizes of the picture: one for screens and paper, one for phones, whose labels stay readable.
const (
	wide, narrow = 960.0, 360.0
	margin       = 14.0
	bandHeight   = 30.0
	labelHeight  = 17.0
	peakLine     = 14.0
	rateHeight   = 104.0
	servedPoints = 160 // of the rate, per data center
	thinnest     = 2.5 // pixels of a mark
)

// moment is an instant of a failover, in toolkit seconds after the fault.
type moment struct {
	name, after    string // "noticed", and what the stretch that it begins is called
	earliest, late float64
	class          string // of the stretch that it begins
}

// text says the moment in words.
func (m moment) text() string { return m.name + " " + plain.Range(m.earliest, m.late) }

// momentsOf are the fused moments of a failover in their order. One implies those before it: nothing is taken over that was
// not noticed, nothing is served by the survivor before it was taken over, and what is level is served. Each bound narrows
// the others accordingly; where that leaves nothing, the measured values contradict each other and stay as they are.
// This is for the picture alone. What is stored stays what its own indicators saw: a verdict must be able to name them, and phases
// that contradict each other are found by holding their values against one another, which narrowing them would hide.
func momentsOf(s model.Scenario) []moment {
	var out []moment
	for _, one := range []struct {
		name, after, class string
		m                  *model.Measure
	}{{"noticed", "noticed", "noticed", s.Measures.Detection}, {"taken over", "taken over", "taken", s.Measures.Takeover},
		{"served again", "served", "serving", s.Measures.Recovery}, {"throughput back", "as before", "level", s.Measures.Steady}} {
		if one.m == nil || math.IsNaN(one.m.EarliestSeconds+one.m.LatestSeconds) || math.IsInf(one.m.EarliestSeconds+one.m.LatestSeconds, 0) {
			continue
		}
		out = append(out, moment{one.name, one.after, one.m.EarliestSeconds, one.m.LatestSeconds, one.class})
	}
	for i := 1; i < len(out); i++ {
		if out[i].late >= out[i-1].earliest {
			out[i].earliest = max(out[i].earliest, out[i-1].earliest)
		}
	}
	for i := len(out) - 2; i >= 0; i-- {
		if out[i].earliest <= out[i+1].late {
			out[i].late = min(out[i].late, out[i+1].late)
		}
	}
	return out
}

// picture is a scenario's failover while it is drawn. Times are toolkit seconds since the fault, or since the scenario's
// beginning where there was none.
type picture struct {
	svg
	s       model.Scenario
	clock   clock
	moments []moment
	sites   []string
	x       scale
	width   float64
	y       float64
}

// clock turns instants into toolkit seconds since the fault.
type clock struct {
	zero    model.Instant
	speedup float64
	fault   bool
}

func clockOf(s model.Scenario) clock {
	c := clock{zero: s.Started, speedup: s.Speedup, fault: s.Fault != nil}
	if c.fault {
		i := s.Fault.Injected
		c.zero = i.Earliest + (i.Latest-i.Earliest)/2
	}
	if !(c.speedup > 0) {
		c.speedup = 1
	}
	return c
}

func (c clock) at(t model.Instant) float64 { return time.Duration(t-c.zero).Seconds() * c.speedup }

func (c clock) words(i model.Interval) string { return plain.Range(c.at(i.Earliest), c.at(i.Latest)) }

// since names the instant that the times count from.
func (c clock) since() string {
	if c.fault {
		return "the fault"
	}
	return "the start"
}

// pictureOf draws a failover: one band of its phases, the events that each data center served below it with the fault shaded
// and the time in which both were active, on a scale that ends with what happened. Nothing when there is nothing to draw.
func pictureOf(s model.Scenario, width float64) template.HTML {
	moments, sites := momentsOf(s), sitesOf(s.Served)
	if len(sites) == 0 && (s.Fault == nil || len(moments) == 0) {
		return ""
	}
	p := &picture{s: s, clock: clockOf(s), moments: moments, sites: sites, width: width}
	from, to := p.extent()
	p.x = scale{from: from, to: to, left: margin, width: width - 2*margin}
	band := s.Fault != nil && len(moments) > 0
	height := 24.0 + 26
	if band {
		height += bandHeight + labelHeight*float64(len(p.labels())) + 8
	}
	if len(sites) > 0 {
		height += rateHeight + 26
		if width == narrow {
			height += peakLine
		}
		if s.BothActive != nil {
			height += 30
		}
	}
	p.open(width, height, "Failover of "+s.ID+" "+s.Name+": "+inWords(s))
	p.y = 24
	top := p.y
	p.grid(top, height-26)
	if band {
		p.band()
	}
	if len(sites) > 0 {
		p.served()
	}
	p.objective(top)
	p.axis()
	return p.close()
}

// extent is from a little before the fault to the last thing that happened. A fault that was healed long after everything
// was over is not waited for.
func (p *picture) extent() (from, to float64) {
	for _, m := range p.moments {
		to = max(to, m.late)
	}
	if b := p.s.BothActive; b != nil {
		to = max(to, p.clock.at(b.To.Latest))
	}
	if rto := p.s.Objectives.RTOSeconds; p.clock.fault && rto < 3*to {
		to = max(to, rto)
	}
	if f := p.s.Fault; f != nil && f.Healed != nil {
		if healed := p.clock.at(f.Healed.Latest); to == 0 || healed < 3*to {
			to = max(to, healed)
		}
	}
	first, last := 0.0, 0.0
	for i, v := range p.s.Served {
		if i == 0 || p.clock.at(v.From) < first {
			first = p.clock.at(v.From)
		}
		last = max(last, p.clock.at(v.To))
	}
	if to <= 0 {
		to = max(last, p.clock.at(p.s.Finished), 1)
	}
	to *= 1.06
	from = -0.2 * to
	if len(p.s.Served) > 0 && first > from {
		from = min(first, 0)
	}
	return from, to
}

// labels are the lines of text below the band, from left to right; each hangs on its moment.
func (p *picture) labels() []moment {
	return append([]moment{{name: "fault: " + p.s.Fault.Name + " " + p.s.Fault.Target, class: "struck"}}, p.moments...)
}

func (p *picture) band() {
	y := p.y
	left, _ := p.x.span(p.x.from, 0, 0)
	p.rect("before", left, y, p.x.at(0)-left, bandHeight, "before the fault")
	all := p.labels()
	for i, m := range all {
		begin, end := (m.earliest+m.late)/2, p.x.to
		if i+1 < len(all) {
			end = (all[i+1].earliest + all[i+1].late) / 2
		}
		if end <= begin {
			continue
		}
		x, w := p.x.span(begin, min(end, p.x.to), 0)
		p.rect("band "+m.class, x, y, w, bandHeight, p.stretch(i, all))
	}
	for _, m := range all {
		if m.class == "struck" {
			continue
		}
		x, w := p.x.span(m.earliest, m.late, thinnest)
		p.rect("moment", x, y-3, w, bandHeight+6, m.text()) // as wide as it is uncertain
	}
	if f := p.s.Fault; f != nil {
		x, w := p.x.span(p.clock.at(f.Injected.Earliest), p.clock.at(f.Injected.Latest), thinnest)
		p.rect("fault", x, y-3, w, bandHeight+6, "injected within "+p.clock.words(f.Injected))
	}
	p.y += bandHeight
	for i := len(all) - 1; i >= 0; i-- { // the last one hangs highest, so that no leader crosses a text
		m := all[i]
		x := p.x.at((m.earliest + m.late) / 2)
		base := p.y + 14 + labelHeight*float64(len(all)-1-i)
		p.line("leader", x, p.y, x, base-4)
		text, anchor, at := m.name, "start", x+5
		if m.class != "struck" {
			text = m.text()
		}
		if estimate(text) > p.width-margin-at {
			anchor, at = "end", x-5
		}
		if anchor == "end" && estimate(text) > at-margin {
			anchor, at = "end", p.width-margin
		}
		p.text("", at, base, anchor, text)
	}
	p.y += labelHeight*float64(len(all)) + 8
}

// stretch says what lies between two moments.
func (p *picture) stretch(i int, all []moment) string {
	state := "lost, not noticed"
	if i > 0 {
		state = all[i].after
	}
	if i+1 < len(all) {
		return fmt.Sprintf("%s, until %s", state, all[i+1].text())
	}
	return state
}

// estimate is about how wide a text is.
func estimate(s string) float64 { return 7 * float64(len([]rune(s))) }

// served draws the events per toolkit second of each data center, as steps: a bucket is a stretch of time.
func (p *picture) served() {
	rates := map[string][]bucket{}
	highest := 0.0
	for _, site := range p.sites {
		rates[site] = buckets(p.s.Served, site, p.clock.speedup)
		for _, b := range rates[site] {
			if at := p.clock.at(b.to); at >= p.x.from && p.clock.at(b.from) <= p.x.to {
				highest = max(highest, b.rate)
			}
		}
	}
	if highest == 0 {
		highest = 1
	}
	x := margin
	for i, site := range p.sites {
		p.line(fmt.Sprintf("rate dc%d", i%2+1), x, p.y+8, x+18, p.y+8)
		p.text("small", x+24, p.y+12, "start", "served by "+site)
		x += 40 + estimate("served by "+site)
	}
	if p.width == narrow { // a line of its own
		p.y += peakLine
	}
	p.text("small", p.width-margin, p.y+12, "end", "up to "+plain.Seconds(highest)+" events/s")
	p.y += 20
	if b := p.s.BothActive; b != nil {
		from, to := max(p.clock.at(b.From.Earliest), p.x.from), min(p.clock.at(b.To.Latest), p.x.to)
		at, w := p.x.span(from, max(from, to), thinnest)
		p.rect("both", at, p.y+2, w, 8, overlapText(p.s))
		p.text("", min(at, p.width-margin-estimate("both active")), p.y+25, "start", "both active")
		p.y += 30
	}
	top, bottom := p.y, p.y+rateHeight
	if f := p.s.Fault; f != nil && f.Name != "no-op" {
		end := p.x.to
		if f.Healed != nil {
			end = min(end, p.clock.at(f.Healed.Latest))
		}
		if end > 0 {
			at, w := p.x.span(0, end, thinnest)
			p.rect("shade", at, top, w, rateHeight, "while the fault lasts")
		}
	}
	for i, site := range p.sites {
		var b strings.Builder
		for _, bucket := range rates[site] {
			from, to := max(p.clock.at(bucket.from), p.x.from), min(p.clock.at(bucket.to), p.x.to)
			if from >= to {
				continue
			}
			y := px(bottom - max(bucket.rate, 0)/highest*rateHeight)
			if b.Len() == 0 {
				b.WriteString("M" + px(p.x.at(from)) + " " + y)
			} else {
				b.WriteString("V" + y)
			}
			b.WriteString("H" + px(p.x.at(to)))
		}
		if b.Len() > 0 {
			p.path(fmt.Sprintf("rate dc%d", i%2+1), b.String())
		}
	}
	p.line("base", margin, bottom, p.width-margin, bottom)
	p.y = bottom + 6
}

func (p *picture) objective(top float64) {
	rto := p.s.Objectives.RTOSeconds
	if rto <= 0 || !p.clock.fault || rto > p.x.to {
		return
	}
	x := p.x.at(rto)
	p.line("objective", x, top-4, x, p.y)
	p.text("small objective-text", min(x, p.width-margin-30), top-9, "middle", "RTO "+plain.Seconds(rto)+" s")
}

// grid goes below everything else.
func (p *picture) grid(top, bottom float64) {
	for _, v := range p.x.ticks(int(p.width / 90)) {
		p.line("grid", p.x.at(v), top, p.x.at(v), bottom)
	}
	if p.clock.fault {
		p.line("zero", p.x.at(0), top, p.x.at(0), bottom)
	}
}

func (p *picture) axis() {
	for _, v := range p.x.ticks(int(p.width / 90)) {
		x, anchor := p.x.at(v), "middle"
		if x > p.width-margin-10 {
			anchor = "end"
		} else if x < margin+10 {
			anchor = "start"
		}
		p.text("small", x, p.y+12, anchor, plain.Seconds(v)+" s")
	}
}
