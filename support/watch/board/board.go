// Package board keeps what the indicators have said so far about the two data centers, so that a spec can ask "what does
// dc2 hold of dc1 now, and who says so?" at any moment, and a failure can show the last things that were seen.
//
// It may import reports/model and nothing else of ours.
package board

import (
	"fmt"
	"sort"
	"strings"
	"sync"
	"time"
)

// Sighting is one change as an indicator saw it: not before Earliest, not after Latest.
type Sighting struct {
	Site      string // who was looked at
	Indicator string
	Event     string // the words of toolkit.Event
	Subject   string
	Count     int    // how many, for fragments
	Round     uint64 // of a fragment: of the replica that was taken over; 0: not known
	Earliest  time.Time
	Latest    time.Time
	Evidence  string
	Err       error // the indicator failed; nothing changed
}

// Events that the board understands; others are kept but change no status.
const (
	PeerDown  = "peer down"
	PeerUp    = "peer up"
	TakenOver = "fragment taken over"
)

// Board collects sightings. It is safe for concurrent use.
type Board struct {
	now func() time.Time

	mu        sync.Mutex
	sightings []Sighting
	problems  map[source]Problem
	changed   chan struct{} // closed and renewed at every sighting
}

// New returns an empty board.
func New(now func() time.Time) *Board {
	return &Board{now: now, problems: map[source]Problem{}, changed: make(chan struct{})}
}

// Post adds a sighting; failures are counted, never fatal.
func (b *Board) Post(s Sighting) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s.Err != nil {
		from := source{s.Site, s.Indicator}
		b.problems[from] = Problem{Count: b.problems[from].Count + 1, Last: s.Err}
		return
	}
	b.sightings = append(b.sightings, s)
	close(b.changed)
	b.changed = make(chan struct{})
}

// Changed is closed at the next sighting.
func (b *Board) Changed() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed
}

// Since returns the sightings of one site that may have happened at or after an instant, oldest first; every site when
// site is empty.
func (b *Board) Since(site string, instant time.Time) []Sighting {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []Sighting
	for _, s := range b.sightings {
		if (site == "" || s.Site == site) && !s.Latest.Before(instant) {
			found = append(found, s)
		}
	}
	return found
}

// Problem is how often an indicator failed, and with what last.
type Problem struct {
	Count int
	Last  error
}

// source is one indicator of one site.
type source struct{ site, indicator string }

// failed returns the failures of one site's indicators.
func (b *Board) failed(site string) map[string]Problem {
	b.mu.Lock()
	defer b.mu.Unlock()
	problems := map[string]Problem{}
	for from, problem := range b.problems {
		if from.site == site {
			problems[from.indicator] = problem
		}
	}
	return problems
}

// Remote is what one data center holds of the other since an instant, according to each indicator that has spoken.
type Remote struct {
	Site, Peer string
	Since      time.Time
	Says       map[string]Sighting // indicator -> its latest word about the peer's status
	now        time.Time
	problems   map[string]Problem
}

// Remote returns what site holds of peer, from sightings since an instant only.
func (b *Board) Remote(site, peer string, since time.Time) Remote {
	r := Remote{Site: site, Peer: peer, Since: since, Says: map[string]Sighting{}, now: b.now(), problems: b.failed(site)}
	for _, s := range b.Since(site, since) {
		if s.Event == PeerDown || s.Event == PeerUp {
			r.Says[s.Indicator] = s
		}
	}
	return r
}

// Count returns how many indicators say the event now.
func (r Remote) Count(event string) int {
	n := 0
	for _, s := range r.Says {
		if s.Event == event {
			n++
		}
	}
	return n
}

// String tells who says what, since when, and which indicators failed.
func (r Remote) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s about %s, %v after the fault:", r.Site, r.Peer, r.now.Sub(r.Since).Round(time.Millisecond))
	if len(r.Says) == 0 {
		text.WriteString(" no indicator has seen a change of status")
	}
	for _, indicator := range sortedKeys(r.Says) {
		s := r.Says[indicator]
		fmt.Fprintf(&text, "\n  %s: %s, between %v and %v after the fault (%s)", indicator, s.Event,
			s.Earliest.Sub(r.Since).Round(time.Millisecond), s.Latest.Sub(r.Since).Round(time.Millisecond), s.Evidence)
	}
	for _, indicator := range sortedKeys(r.problems) {
		fmt.Fprintf(&text, "\n  %s failed %d times, last: %v", indicator, r.problems[indicator].Count, r.problems[indicator].Last)
	}
	return text.String()
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
