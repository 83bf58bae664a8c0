package traffic

import (
	"time"

	"github.com/crossdc/failover/reports/model"
)

// activity is when things happened: throughput in buckets, and exact instants where service began.
type activity struct {
	bucket   time.Duration
	due      [2]meter
	accepted [2][2]meter // stream, site
	refused  [2][2]meter // by a site, not by our own queue
	served   [2][2]meter
	sends    [2][2]pulse
	results  [2][2]pulse
}

func newActivity(epoch time.Time, bucket time.Duration) activity {
	a := activity{bucket: bucket}
	for stream := range 2 {
		a.due[stream] = meter{epoch: epoch, bucket: bucket}
		for site := range 2 {
			a.accepted[stream][site] = meter{epoch: epoch, bucket: bucket}
			a.refused[stream][site] = meter{epoch: epoch, bucket: bucket}
			a.served[stream][site] = meter{epoch: epoch, bucket: bucket}
			a.sends[stream][site] = pulse{epoch: epoch}
			a.results[stream][site] = pulse{epoch: epoch}
		}
	}
	return a
}

// buckets lists throughput per site; buckets without events are left out at neither end nor between, so that a gap shows.
func (a *activity) buckets(sites [2]string, from, to model.Instant) []model.Served {
	var list []model.Served
	width := model.Instant(a.bucket)
	for site, name := range sites {
		for start := from - from%width; start < to; start += width {
			i := int(start / width)
			n := a.served[0][site].at(i) + a.served[1][site].at(i)
			list = append(list, model.Served{Site: name, From: start, To: start + width, Events: int64(n)})
		}
	}
	return list
}

// meter counts events per bucket of wall time since the epoch.
type meter struct {
	epoch  time.Time
	bucket time.Duration
	counts []uint32
}

// maxBuckets bounds the memory against a clock that jumps: 58 hours of 50 ms.
const maxBuckets = 1 << 22

func (m *meter) mark(at time.Time, events int) {
	i := int64(at.Sub(m.epoch) / m.bucket)
	if i < 0 || i >= maxBuckets {
		return
	}
	for int64(len(m.counts)) <= i {
		m.counts = append(m.counts, 0)
	}
	m.counts[i] += uint32(events)
}

func (m *meter) at(i int) uint32 {
	if i < 0 || i >= len(m.counts) {
		return 0
	}
	return m.counts[i]
}

// between counts the events of the buckets that lie wholly inside, and for how long those buckets last.
func (m *meter) between(from, to model.Instant) (events uint64, length time.Duration) {
	width := model.Instant(m.bucket)
	for start := (from + width - 1) / width * width; start+width <= to; start += width {
		events += uint64(m.at(int(start / width)))
		length += m.bucket
	}
	return events, length
}

// slack is the longest pause inside one busy period, and so the error of its instants.
const slack = model.Instant(20 * time.Millisecond)

// pulse remembers exactly when busy periods began: far less than every event, and all that restoration needs.
type pulse struct {
	epoch   time.Time
	periods []model.Interval // first and last event of each busy period
}

func (p *pulse) mark(at time.Time) {
	t := model.Instant(at.Sub(p.epoch))
	if n := len(p.periods); n > 0 && t <= p.periods[n-1].Latest+slack {
		p.periods[n-1].Latest = max(p.periods[n-1].Latest, t)
		return
	}
	p.periods = append(p.periods, model.Interval{Earliest: t, Latest: t})
}

// firstAfter bounds the first event at or after t: exact when t lies in a pause, within slack when in a busy period.
func (p *pulse) firstAfter(t model.Instant) (model.Interval, bool) {
	for _, period := range p.periods {
		switch {
		case period.Earliest >= t:
			return model.Interval{Earliest: period.Earliest, Latest: period.Earliest}, true
		case period.Latest >= t:
			return model.Interval{Earliest: t, Latest: min(period.Latest, t+slack)}, true
		}
	}
	return model.Interval{}, false
}
