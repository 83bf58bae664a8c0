// Package busy bounds how long something can have been under way inside processes of this machine: between two instants,
// a process cannot have lost more time than its threads spent running or waiting for a processor. Both are counted by the
// kernel; this package reads the counts again and again.
//
// It imports nothing of ours.
package busy

import (
	"slices"
	"sync"
	"time"
)

// Period is the time between two readings of every process, wall time.
const Period = 2 * time.Millisecond

// search is how often it is looked for processes that began or ended, wall time.
const search = 500 * time.Millisecond

// kept is how many readings of a process are remembered at least: eight seconds of them.
const kept = 4096

// Watch reads the counts of some processes. It is safe for concurrent use.
type Watch struct {
	find  func() []int
	once  sync.Once
	done  chan struct{}
	ended chan struct{}

	mu        sync.Mutex
	processes map[int]*process
}

// process is one process while it lives, and for a while afterwards.
type process struct {
	counts counter
	gone   bool
	read   []reading // oldest first
}

// counter reads how long the threads of a process have been running or waiting for a processor, all together.
type counter interface {
	read() (time.Duration, error)
	close()
}

// reading is one reading of the counter: it shows what had passed at some instant between begun and ended.
type reading struct {
	begun, ended time.Time
	busy         time.Duration
}

// Start watches the processes that find lists; it is asked again and again, as they come and go. It returns nil where the
// kernel does not count (another system, or built without CONFIG_SCHED_INFO).
func Start(find func() []int) *Watch {
	if !counted() {
		return nil
	}
	w := &Watch{find: find, done: make(chan struct{}), ended: make(chan struct{}), processes: map[int]*process{}}
	w.look()
	go w.run()
	return w
}

// Stop ends the watch, once; what was read stays.
func (w *Watch) Stop() {
	if w == nil {
		return
	}
	w.once.Do(func() { close(w.done) })
	<-w.ended
}

func (w *Watch) run() {
	defer close(w.ended)
	ticker, looker := time.NewTicker(Period), time.NewTicker(search)
	defer ticker.Stop()
	defer looker.Stop()
	for {
		select {
		case <-w.done:
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, p := range w.processes {
				p.end()
			}
			return
		case <-looker.C:
			w.look()
		case <-ticker.C:
			w.mu.Lock()
			for _, p := range w.processes {
				p.take()
			}
			w.mu.Unlock()
		}
	}
}

// look takes note of processes that began or ended.
func (w *Watch) look() {
	found := w.find()
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	for id, p := range w.processes {
		if !slices.Contains(found, id) {
			p.end()
		}
		if p.gone && (len(p.read) == 0 || now.Sub(p.read[len(p.read)-1].ended) > kept*Period) {
			delete(w.processes, id)
		}
	}
	for _, id := range found {
		if p := w.processes[id]; p != nil && !p.gone {
			continue
		}
		counts, err := open(id)
		if err != nil { // it ended meanwhile
			continue
		}
		p := &process{counts: counts}
		p.take()
		w.processes[id] = p
	}
}

// take adds a reading. One that fails ends the process for us: what comes after a gap would bound nothing.
func (p *process) take() {
	if p.gone {
		return
	}
	r := reading{begun: time.Now()}
	var err error
	if r.busy, err = p.counts.read(); err != nil {
		p.end()
		return
	}
	r.ended = time.Now()
	if len(p.read) == 2*kept {
		p.read = append(p.read[:0], p.read[kept:]...)
	}
	p.read = append(p.read, r)
}

func (p *process) end() {
	if !p.gone {
		p.counts.close()
		p.gone = true
	}
}

// Before bounds how long before the given instant something can have begun that some processes did, handing it on to each
// other without pausing, and had done at that instant. ok is false when that cannot be told: one of them was not watched
// then, or they were busy all the time.
func (w *Watch) Before(at time.Time, ids ...int) (bound time.Duration, ok bool) {
	if w == nil || len(ids) == 0 {
		return 0, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(ids)
	var read [][]reading
	for _, id := range slices.Compact(ids) {
		p := w.processes[id]
		if p == nil {
			return 0, false
		}
		if n := len(p.read); n > 0 && p.read[n-1].begun.Before(at) {
			p.take()
		}
		read = append(read, p.read)
	}
	return before(at, read...)
}

// before is Before on readings. Suppose that it began longer ago than the processes were busy since some reading. Then it
// was under way at all times since that reading, and they were busy for longer than they were.
func before(at time.Time, processes ...[]reading) (time.Duration, bool) {
	after := make([]int, len(processes)) // the first reading that shows all until the instant
	for n, read := range processes {
		if after[n] = slices.IndexFunc(read, func(r reading) bool { return !r.begun.Before(at) }); after[n] < 0 {
			return 0, false
		}
	}
	for back := 1; ; back++ {
		var busy time.Duration
		var since time.Time // from here on, everything of all of them is counted
		for n, read := range processes {
			i := after[n] - back
			if i < 0 {
				return 0, false
			}
			busy += read[after[n]].busy - read[i].busy
			if read[i].ended.After(since) {
				since = read[i].ended
			}
		}
		if at.Sub(since) >= busy {
			return busy, true
		}
	}
}
