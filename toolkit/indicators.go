package toolkit

import (
	"context"
	"strings"
	"time"

	"github.com/crossdc/failover/toolkit/metrics"
)

// Way is one indicator: everything that belongs to one independent way to see a change. Settings, reports, what is blind and
// what a claim may rest on are derived from the table, Ways.
type Way struct {
	Name  Indicator
	Needs Needs
	// Fixed says that nobody can rule it out: it is not looked at for its own sake.
	Fixed bool
	// Voice is whose word about the toolkit's status it repeats; ways with the same voice are one witness. Empty: it does not
	// tell the status.
	Voice Indicator
	// Counts says that it reads the counters of the toolkit's operators.
	Counts bool

	// read reads every metric of a site once; only of a way that Counts.
	read func(ctx context.Context, s *Site) (metrics.Set, error)
	// polls are the questions by which it is asked over and over; nil for one that pushes.
	polls func(s *Site) []probe
	// feed is the stream by which it pushes; nil for one that is asked.
	feed func(m *Monitor, at Endpoints) feed
	// until is until when it has shown everything of an event's kind (Monitor.LookedUntil); nil, or false, where it cannot show it.
	until func(m *memory, event Event) (time.Time, bool)
}

// Needs is what a site must have for an indicator.
type Needs struct {
	Management, Prometheus, Link bool
	// Endpoint is the application's endpoint of the Data Exchange service that is needed, by its name in Endpoints; empty: none.
	Endpoint string
}

// Ways are the indicators, most trustworthy first for questions about the toolkit (toolkit contract 8.4). A new one adds a file
// with its value, and its line here.
func Ways() []Way {
	return []Way{
		operatorMetrics(), prometheusMetrics(), statusStream(), statusRead(), takeoverStream(),
		traceLines(), jobHealth(), instanceHealth(), results(), servingCounters(), linkProbe(),
	}
}

// WayOf returns the entry of an indicator in the table.
func WayOf(i Indicator) (Way, bool) {
	for _, way := range Ways() {
		if way.Name == i {
			return way, true
		}
	}
	return Way{}, false
}

// Word is the indicator as settings name it: "status-stream".
func (i Indicator) Word() string { return strings.ReplaceAll(string(i), " ", "-") }

// Named returns an endpoint's operator by the endpoint's name in this struct; empty where the application has none.
func (e Endpoints) Named(name string) string {
	return map[string]string{
		"Events": e.Events, "Control": e.Control, "Results": e.Results, "Status": e.Status, "Takeover": e.Takeover, "State": e.State,
	}[name]
}

// Lacks reports whether a site does not have what the indicator needs of it.
func (n Needs) Lacks(s *Site) bool {
	return n.Management && s.Management == nil || n.Prometheus && s.Prometheus == nil ||
		n.Endpoint != "" && (s.Exchange == nil || s.Endpoints.Named(n.Endpoint) == "")
}

// Witnesses counts the independent voices that tell the toolkit's status at every one of the sites.
func Witnesses(sites ...Site) int {
	voices := map[Indicator]bool{}
	for _, way := range Ways() {
		everywhere := way.Voice != ""
		for i := range sites {
			everywhere = everywhere && !way.Needs.Lacks(&sites[i]) && sites[i].uses(way.Name)
		}
		if everywhere {
			voices[way.Voice] = true
		}
	}
	return len(voices)
}

// counting are the indicators that read the toolkit's counters, most trustworthy first.
func counting() []Indicator {
	var list []Indicator
	for _, way := range Ways() {
		if way.Counts {
			list = append(list, way.Name)
		}
	}
	return list
}

// probes returns every way to ask a site.
func (s *Site) probes() []probe {
	var list []probe
	for _, way := range Ways() {
		if way.polls == nil {
			continue
		}
		for _, p := range way.polls(s) {
			p.indicator, p.missing = way.Name, way.Needs.Lacks(s) || !s.uses(way.Name)
			list = append(list, p)
		}
	}
	return list
}

// feeds returns every stream of a site that is followed.
func (m *Monitor) feeds(side int) []feed {
	var list []feed
	site := &m.cfg.Sites[side]
	for _, way := range Ways() {
		if way.feed == nil || !site.uses(way.Name) {
			continue
		}
		if f := way.feed(m, site.Endpoints); f.take != nil {
			f.indicator, f.endpoint = way.Name, site.Endpoints.Named(way.Needs.Endpoint)
			list = append(list, f)
		}
	}
	return list
}

func operatorMetrics() Way {
	return Way{
		Name: OperatorMetrics, Needs: Needs{Management: true}, Voice: OperatorMetrics, Counts: true, until: countedUntil(OperatorMetrics),
		read: func(ctx context.Context, s *Site) (metrics.Set, error) { return s.Management.Counters(ctx) },
		polls: func(s *Site) []probe {
			return []probe{{every: 5, ask: s.askCounters()}, {every: 1, quickOnly: true, ask: s.askCounters(keyCounts...)}}
		},
	}
}

func prometheusMetrics() Way {
	return Way{
		Name: PrometheusMetrics, Needs: Needs{Prometheus: true}, Voice: PrometheusMetrics, Counts: true, until: countedUntil(PrometheusMetrics),
		read: func(ctx context.Context, s *Site) (metrics.Set, error) { return s.Prometheus.Scrape(ctx) },
		polls: func(s *Site) []probe {
			every := 2
			if s.Management != nil {
				every = 32 // a scrape is everything that the data center measures, and the same counters come from the operators
			}
			return []probe{{every: every, ask: s.askPrometheus}}
		},
	}
}

// countedUntil is for counters: they cover also what happened while nobody looked.
func countedUntil(i Indicator) func(*memory, Event) (time.Time, bool) {
	return func(m *memory, event Event) (time.Time, bool) {
		count, shows := map[Event]Count{PeerDown: StatusTuples, PeerUp: StatusTuples, FragmentTakenOver: Delivered}[event]
		v := m.views[i]
		if !shows || v == nil || v.tracks[count] == nil {
			return time.Time{}, false
		}
		return v.tracks[count].holdAfter, true
	}
}

func statusStream() Way {
	return Way{
		Name: StatusStream, Needs: Needs{Endpoint: "Status"}, Voice: StatusStream, until: pushedUntil(StatusStream, PeerDown, PeerUp),
		feed: func(*Monitor, Endpoints) feed { return feed{catchUp: true, take: (*memory).statusArrived} },
	}
}

func takeoverStream() Way {
	return Way{
		Name: TakeoverStream, Needs: Needs{Endpoint: "Takeover"}, until: pushedUntil(TakeoverStream, FragmentTakenOver),
		feed: func(*Monitor, Endpoints) feed { return feed{catchUp: true, take: (*memory).takeoverArrived} },
	}
}

// pushedUntil is for streams: everything that was written before an instant has arrived.
func pushedUntil(i Indicator, shown ...Event) func(*memory, Event) (time.Time, bool) {
	return func(m *memory, event Event) (time.Time, bool) {
		for _, e := range shown {
			if at, known := m.silent[i]; e == event && known {
				return at, true
			}
		}
		return time.Time{}, false
	}
}

func statusRead() Way {
	return Way{
		Name: StatusRead, Needs: Needs{Endpoint: "Status"}, Voice: StatusStream,
		polls: func(s *Site) []probe { return []probe{{every: 3, ask: s.askStatus}} },
		until: func(m *memory, event Event) (time.Time, bool) {
			if event != PeerDown && event != PeerUp || m.buffer.asked.IsZero() {
				return time.Time{}, false
			}
			return m.buffer.asked.Add(-m.cfg.delay(m.buffer.answered)), true
		},
	}
}

func traceLines() Way {
	return Way{
		Name: TraceLines, Needs: Needs{Management: true},
		polls: func(s *Site) []probe { return []probe{{every: 10, ask: s.askTraces}} },
		until: func(m *memory, event Event) (at time.Time, known bool) {
			if event != ShutdownReceived && event != ShutdownSent {
				return time.Time{}, false
			}
			for _, asked := range m.traced.asked { // the trace that was read least recently
				if !known || asked.earliest.Before(at) {
					at, known = asked.earliest, true
				}
			}
			return at, known
		},
	}
}

func jobHealth() Way {
	return Way{
		Name: JobHealth, Needs: Needs{Management: true},
		polls: func(s *Site) []probe { return []probe{{every: 2, ask: s.askJob}} },
		until: func(m *memory, event Event) (time.Time, bool) {
			if event != JobGone || m.job == nil {
				return time.Time{}, false
			}
			return m.job.asked, true
		},
	}
}

func instanceHealth() Way {
	return Way{
		Name: InstanceHealth, Needs: Needs{Management: true},
		polls: func(s *Site) []probe { return []probe{{every: 2, ask: s.askInstance}} },
	}
}

// results are the application's own, followed where somebody says how long they may pause.
func results() Way {
	return Way{
		Name: Traffic, Needs: Needs{Endpoint: "Results"}, Fixed: true,
		feed: func(m *Monitor, _ Endpoints) feed {
			if m.opts.ResultsGap <= 0 {
				return feed{}
			}
			return feed{take: func(mem *memory, a arrived) ([]Change, error) {
				return mem.resultsArrived(a.when.latest, m.opts.ResultsGap), nil
			}}
		},
	}
}

func linkProbe() Way { return Way{Name: LinkProbe, Needs: Needs{Link: true}} }
