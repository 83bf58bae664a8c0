// Package pulse measures how late this process is scheduled: a goroutine that wants to run at every beat notes by how
// much it missed it. An observer that does not run sees late, and so, on one machine, does everything that it observes.
//
// It imports nothing of ours.
package pulse

import (
	"sync"
	"time"
)

// Period is the time between two beats, wall time.
const Period = 2 * time.Millisecond

// tolerated is how late a beat may be without being noted: no timer is exact.
const tolerated = Period / 20

// kept is how many of the newest late beats are remembered for Worst at least: four seconds of them. Gaps beyond the
// starvation limit are kept much longer.
const kept = 2048

// maxStarved bounds the memory of an observer that starves all the time.
const maxStarved = 1000

// Gap is a stretch in which this process should have run and did not.
type Gap struct{ From, To time.Time }

// Length is how long it was.
func (g Gap) Length() time.Duration { return g.To.Sub(g.From) }

// Pulse is a running measurement. It is safe for concurrent use.
type Pulse struct {
	limit time.Duration
	once  sync.Once
	done  chan struct{}
	ended chan struct{}

	mu      sync.Mutex
	beat    time.Time // when the next beat is due
	recent  []Gap     // oldest first
	starved []Gap
}

// Start begins to measure; gaps longer than limit are starvation.
func Start(limit time.Duration) *Pulse {
	p := &Pulse{limit: limit, done: make(chan struct{}), ended: make(chan struct{}), beat: time.Now().Add(Period)}
	go p.run()
	return p
}

// Stop ends the measurement, once; what was measured stays.
func (p *Pulse) Stop() {
	p.once.Do(func() { close(p.done) })
	<-p.ended
}

func (p *Pulse) run() {
	defer close(p.ended)
	timer := time.NewTimer(Period)
	defer timer.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-timer.C:
		}
		p.note(time.Now())
		timer.Reset(Period)
	}
}

// note takes one beat.
func (p *Pulse) note(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	gap := Gap{From: p.beat, To: now}
	p.beat = now.Add(Period)
	if gap.Length() < tolerated {
		return
	}
	if len(p.recent) == 2*kept {
		p.recent = append(p.recent[:0], p.recent[kept:]...)
	}
	p.recent = append(p.recent, gap)
	if gap.Length() >= p.limit && len(p.starved) < maxStarved {
		p.starved = append(p.starved, gap)
	}
}

// Worst is the longest gap that overlaps the stretch, also one that is not over yet.
func (p *Pulse) Worst(from, to time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	worst := max(0, to.Sub(p.beat))
	for i := len(p.recent) - 1; i >= 0 && !p.recent[i].To.Before(from); i-- {
		if !p.recent[i].From.After(to) {
			worst = max(worst, p.recent[i].Length())
		}
	}
	return worst
}

// Starved lists the gaps beyond the limit that overlap the stretch.
func (p *Pulse) Starved(from, to time.Time) []Gap {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []Gap
	for _, gap := range p.starved {
		if !gap.To.Before(from) && !gap.From.After(to) {
			list = append(list, gap)
		}
	}
	return list
}
