// Package obscure is the table of what can go wrong between a data center and whoever watches it: its services refuse, are slow, or
// answer nonsense to us, while the data center itself is well. A proxy (fixtures/gateway) does it, so that the processes under test
// notice nothing.
package obscure

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/crossdc/failover/toolkit"
)

// Services of a data center, as the proxy's rules name them.
const (
	Management = "management"
	Data       = "data"
	Metrics    = "metrics"
)

// Trouble is one way in which our view of a data center gets worse.
type Trouble struct {
	// Name is its word: "management-500".
	Name string
	// Title says it in words, to go behind "of dc2": "the management API answers 500".
	Title string
	// Blinds are the indicators that show nothing while it lasts.
	Blinds []toolkit.Indicator
	// Dims are the indicators that go on, later or less often.
	Dims []toolkit.Indicator

	rules []rule
}

// rule is one of fixtures/gateway/README.md.
type rule struct {
	Service string `json:"service"`
	Path    string `json:"path,omitempty"`
	Do      string `json:"do"`
	Status  int    `json:"status,omitempty"`
	Body    string `json:"body,omitempty"`
	Delay   string `json:"delay,omitempty"`
}

// Everything that the management API shows of a failover.
var managed = []toolkit.Indicator{toolkit.OperatorMetrics, toolkit.TraceLines, toolkit.JobHealth, toolkit.InstanceHealth}

// Troubles are all of them, each of one source. Together makes more of them.
func Troubles() []Trouble {
	return []Trouble{
		{"management-500", "the management API answers 500", managed, nil, []rule{{Service: Management, Do: "status", Status: 500}}},
		{"management-gone", "connections to the management API are reset", managed, nil, []rule{{Service: Management, Do: "reset"}}},
		{"management-garbage", "the management API answers a page of HTML", managed, nil,
			[]rule{{Service: Management, Do: "status", Status: 200, Body: "<html><body>Welcome to nginx!</body></html>"}}},
		{"management-401", "the management API refuses the login from now on", managed, nil, []rule{{Service: Management, Do: "status", Status: 401}}},
		{"management-slow", "the management API answers late", nil, managed, []rule{{Service: Management, Do: "delay", Delay: "300ms"}}},
		{"traces-missing", "traces cannot be read", []toolkit.Indicator{toolkit.TraceLines}, nil, []rule{{Service: Management, Path: "trace", Do: "status", Status: 404}}},
		{"status-cut", "the stream of its status is cut, and cannot be opened again", []toolkit.Indicator{toolkit.StatusStream, toolkit.StatusRead}, nil,
			[]rule{{Service: Data, Path: "/inspect/Status/", Do: "cut"}}},
		{"metrics-gone", "the page of metrics is gone", []toolkit.Indicator{toolkit.PrometheusMetrics}, nil, []rule{{Service: Metrics, Do: "status", Status: 503}}},
		{"metrics-hang", "the page of metrics is never answered", []toolkit.Indicator{toolkit.PrometheusMetrics}, nil, []rule{{Service: Metrics, Do: "hang"}}},
		{"metrics-stale", "the page of metrics repeats what it said before, with 200", []toolkit.Indicator{toolkit.PrometheusMetrics}, nil,
			[]rule{{Service: Metrics, Do: "repeat"}}},
	}
}

// Named returns the trouble of a name.
func Named(name string) (Trouble, error) {
	var known []string
	for _, t := range Troubles() {
		if t.Name == name {
			return t, nil
		}
		known = append(known, t.Name)
	}
	return Trouble{}, fmt.Errorf("no trouble %q between us and a data center: want one of %s", name, strings.Join(known, ", "))
}

// Together is several troubles at once.
func Together(troubles ...Trouble) Trouble {
	var all Trouble
	var names, titles []string
	for _, t := range troubles {
		names, titles = append(names, t.Name), append(titles, t.Title)
		all.Blinds, all.Dims, all.rules = append(all.Blinds, t.Blinds...), append(all.Dims, t.Dims...), append(all.rules, t.rules...)
	}
	all.Name, all.Title = strings.Join(names, "+"), strings.Join(titles, ", and ")
	slices.Sort(all.Blinds)
	all.Blinds = slices.Compact(all.Blinds)
	return all
}

// Rules are what the proxy is told; those of no trouble let everything pass.
func (t Trouble) Rules() (string, error) {
	if len(t.rules) == 0 {
		return "[]", nil
	}
	raw, err := json.Marshal(t.rules)
	if err != nil {
		return "", fmt.Errorf("tell the proxy of %q: %w", t.Name, err)
	}
	return string(raw), nil
}
