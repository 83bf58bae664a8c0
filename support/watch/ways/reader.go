package ways

import (
	"sync"
	"time"

	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/support/traffic/adapter"
)

// mostTold is of how many names, that results say processed them, others are told: an application that writes another one into each result
// must not cost memory without end.
const mostTold = 100

// reader hands the results of one way out to the ledger. It implements adapter.Receiver.
type reader struct {
	ways       *Ways
	site       string // empty: both write to the same place
	ledger     *traffic.Ledger
	heard      func(site string, results []traffic.Result)
	number, by *adapter.Extractor // nil: results do not carry it
	told       map[string]bool    // who was heard of
	begun      chan struct{}
	once       sync.Once

	mu   sync.Mutex
	last time.Time
}

func (w *Ways) reader(site string, ledger *traffic.Ledger, heard func(string, []traffic.Result)) (*reader, error) {
	r := &reader{ways: w, site: site, ledger: ledger, heard: heard, told: map[string]bool{}, begun: make(chan struct{}), last: time.Now()}
	for rule, into := range map[string]**adapter.Extractor{w.described.Results.Number: &r.number, w.described.Results.By: &r.by} {
		if rule == "" {
			continue
		}
		x, err := adapter.NewExtractor(rule)
		if err != nil {
			return nil, err
		}
		*into = x
	}
	return r, nil
}

// seen is when results last came.
func (r *reader) seen() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

// Gap implements adapter.Receiver. The first one ends when the way begins to read.
func (r *reader) Gap(g adapter.Gap) {
	r.ledger.Missed(g.Site, g.From, g.Until, g.Why)
	r.once.Do(func() { close(r.begun) })
}

// Results implements adapter.Receiver.
func (r *reader) Results(results []adapter.Result) {
	r.once.Do(func() { close(r.begun) })
	counts := map[string]int{}
	for _, result := range results {
		r.mu.Lock()
		r.last = result.Latest
		r.mu.Unlock()
		by := r.processedBy(result)
		if r.number == nil {
			counts[by]++
			r.ways.hear(by, result.Earliest, result.Latest, time.Time{})
			continue
		}
		number, err := r.number.Number(result.Bytes)
		if err != nil {
			continue // of an event that is none of ours; one that is and was spoiled makes its event look lost
		}
		if r.ways.probed(number) {
			r.ways.hear(by, result.Earliest, result.Latest, time.Time{})
			continue
		}
		event, above := r.ways.numbering.Event(number)
		due, issued := r.ledger.DueOf(event)
		if !above || !issued {
			continue // of an earlier session, or of another's load
		}
		r.ways.hear(by, result.Earliest, result.Latest, due)
		r.ledger.ObserveNumbers([]traffic.Numbered{{Event: event, By: by}}, result.Earliest, result.Latest)
	}
	for by, n := range counts {
		r.ledger.ObserveCounts(by, n, results[len(results)-1].Latest)
	}
}

// processedBy is the data center that a result says processed its event, by its name here; where it says nothing, the one that it came out of.
func (r *reader) processedBy(result adapter.Result) string {
	site := result.Site
	if site == "" {
		site = r.site
	}
	if r.by == nil {
		return site
	}
	said, err := r.by.Text(result.Bytes)
	if err != nil {
		return site
	}
	name := said
	for n, place := range []string{"dc1", "dc2"} {
		if called := r.ways.described.Results.Names[place]; called != "" && said == called {
			name = r.ways.sites[n]
		}
	}
	if r.heard != nil && !r.told[name] && len(r.told) < mostTold {
		r.told[name] = true
		r.heard(site, []traffic.Result{{ProcessedBy: name}})
	}
	return name
}
