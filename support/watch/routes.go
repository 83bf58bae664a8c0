package watch

import (
	"sync"
	"time"

	"github.com/crossdc/failover/toolkit"
)

// routes tells the traffic when the survivor of a site may take over its events: as a global load balancer would that
// asks the application, once the survivor declares the site DOWN and has taken over its replicated state. Sending
// events earlier would let a fragment process them before it knows what happened until the fault. After an announced
// shutdown there is nothing to take over, so DOWN is enough; nor is there ever for a passive data center.
type routes struct {
	mu       sync.Mutex
	told     map[string]bool                      // site -> its peer announced an orderly shutdown
	declared map[string]bool                      // site -> it declares its peer DOWN
	taken    map[string]map[toolkit.Indicator]int // site -> fragments taken over since then, per indicator
	pending  map[string]*time.Timer
}

func newRoutes() *routes {
	return &routes{told: map[string]bool{}, declared: map[string]bool{}, taken: map[string]map[toolkit.Indicator]int{}, pending: map[string]*time.Timer{}}
}

// route follows one change. A takeover that is never complete must not keep the traffic away for ever: after one
// heartbeat interval the load balancer lets go of the lost site anyway.
func (s *Session) route(c toolkit.Change) {
	r := s.routes
	r.mu.Lock()
	defer r.mu.Unlock()
	peer := s.peerOf(c.Site)
	switch c.Event {
	case toolkit.PeerDown:
		if !r.declared[c.Site] {
			r.declared[c.Site] = true
			r.pending[c.Site] = time.AfterFunc(s.interval(), func() { s.setDown(peer, true) })
		}
	case toolkit.ShutdownReceived:
		r.told[c.Site] = true
	case toolkit.PeerUp:
		r.declared[c.Site], r.told[c.Site] = false, false
		delete(r.taken, c.Site)
		if timer := r.pending[c.Site]; timer != nil {
			timer.Stop()
		}
		s.setDown(peer, false)
	case toolkit.FragmentTakenOver:
		if r.taken[c.Site] == nil {
			r.taken[c.Site] = map[toolkit.Indicator]int{}
		}
		r.taken[c.Site][c.Indicator] += int(max(c.Count, 1))
	default:
		return
	}
	if r.declared[c.Site] && (s.options.DownIsEnough || r.told[c.Site] || r.complete(c.Site, s.Env.Fragments)) {
		r.pending[c.Site].Stop()
		s.setDown(peer, true)
	}
}

// setDown tells the traffic, unless something of the application's owner reroutes it.
func (s *Session) setDown(site string, down bool) {
	if s.reroutes() {
		s.Traffic.SetPeerDown(site, down)
	}
}

func (r *routes) complete(site string, fragments int) bool {
	for _, n := range r.taken[site] {
		if n >= fragments {
			return true
		}
	}
	return false
}

func (r *routes) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, timer := range r.pending {
		timer.Stop()
	}
}
