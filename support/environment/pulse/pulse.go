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

// missed is how late a beat must be before its lateness counts as a turn that this process did not get: more than timers
// and a garbage collection take.
const missed = 5 * time.Millisecond

// longestMemory bounds for how long missed turns are remembered, in seconds.
const longestMemory = 24 * 60 * 60

// asleepAtLeast is how far the clock that goes on in a suspended machine must run ahead of the one that does not.
const asleepAtLeast = 100 * time.Millisecond

// kept is how many of the newest late beats are remembered for Worst at least: four seconds of them. Gaps beyond the
// starvation limit are kept much longer.
const kept = 2048

// maxStarved bounds the memory of an observer that starves all the time.
const maxStarved = 1000

// Gap is a stretch in which this process should have run and did not.
type Gap struct {
	From, To time.Time
	// Asleep is for how long the whole machine was suspended meanwhile, which our own clock does not count.
	Asleep time.Duration
}

// Length is how long it was, with the time that the machine was suspended.
func (g Gap) Length() time.Duration { return g.To.Sub(g.From) + g.Asleep }

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
	began   time.Time
	lost    []time.Duration // of turns that were missed, by seconds since began
	slept   time.Duration   // of the machine, since it was started
}

// Start begins to measure; gaps longer than limit are starvation.
func Start(limit time.Duration) *Pulse {
	now := time.Now()
	p := &Pulse{limit: limit, done: make(chan struct{}), ended: make(chan struct{}), beat: now.Add(Period), began: now, slept: suspended()}
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
		p.note(time.Now(), suspended())
		timer.Reset(Period)
	}
}

// note takes one beat; slept is for how long the machine has been suspended since it was started.
func (p *Pulse) note(now time.Time, slept time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	gap := Gap{From: p.beat, To: now}
	if asleep := slept - p.slept; asleep >= asleepAtLeast {
		gap.Asleep = asleep
	}
	p.beat, p.slept = now.Add(Period), slept
	if now.Sub(gap.From) >= missed {
		p.lose(gap)
	}
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

// lose adds a gap to the turns that were missed, second by second.
func (p *Pulse) lose(gap Gap) {
	for at := gap.From; at.Before(gap.To); {
		second := int(at.Sub(p.began) / time.Second)
		if second < 0 || second >= longestMemory {
			return
		}
		for len(p.lost) <= second {
			p.lost = append(p.lost, 0)
		}
		next := p.began.Add(time.Duration(second+1) * time.Second)
		if next.After(gap.To) {
			next = gap.To
		}
		p.lost[second] += next.Sub(at)
		at = next
	}
}

// Missed is the share of a stretch for which this process waited for its turn, from 0 to 1. It is counted in whole seconds,
// those that the stretch begins and ends in included.
func (p *Pulse) Missed(from, to time.Time) float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	first, last := int(from.Sub(p.began)/time.Second), int(to.Sub(p.began)/time.Second)
	var lost time.Duration
	if waiting := to.Sub(p.beat); waiting >= missed { // a gap that is not over yet
		lost = min(waiting, to.Sub(from))
	}
	seconds := 0
	for second := max(first, 0); second <= last; second++ {
		seconds++
		if second < len(p.lost) {
			lost += p.lost[second]
		}
	}
	if seconds == 0 {
		return 0
	}
	return min(1, lost.Seconds()/float64(seconds))
}

// Starved lists the gaps beyond the limit that overlap the stretch, also one that is not over yet.
func (p *Pulse) Starved(from, to time.Time) []Gap {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []Gap
	for _, gap := range p.starved {
		if !gap.To.Before(from) && !gap.From.After(to) {
			list = append(list, gap)
		}
	}
	if now := (Gap{From: p.beat, To: to}); now.Length() >= p.limit {
		list = append(list, now)
	}
	return list
}
