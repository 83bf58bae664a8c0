package application

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"unicode"

	"github.com/crossdc/failover/support/traffic/adapter"
)

// maxName bounds names and rules, in bytes.
const maxName = 1000

// MaxChannels bounds the fragments of an application.
const MaxChannels = 1000

// maxLoad bounds the load that the emulated application makes of its own, events per second.
const maxLoad = 10_000

// drillChannels is how many fragments the drill application has; its numbers are spread over as many.
const drillChannels = 5

var composite = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*\.)*[A-Za-z_][A-Za-z0-9_]*(::[A-Za-z_][A-Za-z0-9_]*)?$`)

// check holds the values against what is allowed.
func (d *Description) check() (problems []error) {
	add := func(key, format string, values ...any) {
		problems = append(problems, d.document.Wrong(key, format, values...))
	}
	if d.Name == "" || !isName(d.Name) {
		add("name", "%.60q; want a name of 1 to %d printable characters", d.Name, maxName)
	}
	if !composite.MatchString(d.Composite) || len(d.Composite) > maxName {
		add("composite", "%.60q; want the main composite with its namespace, such as com.example::Main", d.Composite)
	}
	for key, text := range map[string]string{
		"invocation": d.Invocation, "configuration": d.Configuration,
		"endpoints/events": d.Endpoints.Events, "endpoints/control": d.Endpoints.Control, "endpoints/results": d.Endpoints.Results,
		"endpoints/status": d.Endpoints.Status, "endpoints/takeover": d.Endpoints.Takeover, "endpoints/state": d.Endpoints.State,
	} {
		if !isName(text) {
			add(key, "%.60q; want a name of at most %d printable characters", text, maxName)
		} else if text == "-" {
			add(key, `"-"; leave the key out where the application has no such endpoint`)
		}
	}
	if d.Channels < 0 || d.Channels > MaxChannels {
		add("channels", "%d; want 0 to %d, the number of fragments that the toolkit replicates", d.Channels, MaxChannels)
	}
	if d.Embedded.Merge != "" && d.Embedded.Merge != "keyed" && d.Embedded.Merge != "additive" {
		add("embedded/merge", "%.60q; want keyed or additive", d.Embedded.Merge)
	}
	if d.Embedded.Load < 0 || d.Embedded.Load > maxLoad {
		add("embedded/load", "%d; want 0 to %d, the events per second that the emulated application makes of its own", d.Embedded.Load, maxLoad)
	} else if d.Embedded.Load > 0 && (d.Traffic != nil || d.State != "") {
		add("embedded/load", "%d; an application that makes its own events takes none of ours: leave it out, or traffic and state", d.Embedded.Load)
	}
	if d.Reroutes != "" && d.Reroutes != ReroutedByUs && d.Reroutes != ReroutedByUpstream {
		add("reroutes", "%.60q; want %s or %s", d.Reroutes, ReroutedByUs, ReroutedByUpstream)
	}
	problems = append(problems, d.checkState()...)
	problems = append(problems, d.checkServing()...)
	if d.Traffic != nil {
		problems = append(problems, d.checkTraffic()...)
	}
	if d.Results != nil {
		problems = append(problems, d.checkResults()...)
	}
	return problems
}

func isName(text string) bool {
	return len(text) <= maxName && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// checkState holds what state can be asked for against what that needs.
func (d *Description) checkState() (problems []error) {
	add := func(key, format string, values ...any) {
		problems = append(problems, d.document.Wrong(key, format, values...))
	}
	switch d.State {
	case "":
		return nil
	case StateOfDrill:
	default:
		add("state", "%.60q; want %s, or leave the key out where no state can be asked for", d.State, StateOfDrill)
		return problems
	}
	for key, text := range map[string]string{
		"endpoints/events": d.Endpoints.Events, "endpoints/control": d.Endpoints.Control, "endpoints/results": d.Endpoints.Results, "endpoints/state": d.Endpoints.State,
	} {
		if text == "" {
			add(key, "it is missing; state: %s needs it", StateOfDrill)
		}
	}
	if d.Channels != drillChannels {
		add("channels", "%d; state: %s has %d", d.Channels, StateOfDrill, drillChannels)
	}
	if d.Traffic != nil {
		add("traffic", "with state: %s events go through the endpoint under endpoints/events; leave traffic out", StateOfDrill)
	}
	if d.Results != nil {
		add("results", "with state: %s results come out of the endpoint under endpoints/results; leave results out", StateOfDrill)
	}
	return problems
}

func (d *Description) checkServing() (problems []error) {
	for i, c := range d.Serving {
		at := fmt.Sprintf("serving/%d", i)
		if c.Operator == "" || !isName(c.Operator) {
			problems = append(problems, d.document.Wrong(at+"/operator", "%.60q; want the name of an operator", c.Operator))
		}
		if (c.Input == nil) == (c.Output == nil) {
			problems = append(problems, d.document.Wrong(at, "want input or output, the index of one port whose tuples are counted"))
		}
		for key, index := range map[string]*int{"input": c.Input, "output": c.Output} {
			if index != nil && (*index < 0 || *index > 1000) {
				problems = append(problems, d.document.Wrong(at+"/"+key, "%d; want the index of a port, 0 to 1000", *index))
			}
		}
	}
	return problems
}

func (d *Description) checkTraffic() (problems []error) {
	add := func(key, format string, values ...any) {
		problems = append(problems, d.document.Wrong(key, format, values...))
	}
	problems = append(problems, d.checkWays("traffic", adapter.WayIn, d.Traffic.Ways)...)
	if d.Traffic.Event == "" {
		add("traffic/event", `it is missing; want the template of an event, such as '{"id":{{number}},"due":{{due_ms}}}'`)
	}
	event, err := adapter.NewTemplate(d.Traffic.Event)
	if err != nil {
		add("traffic/event", "%v", err)
	} else if d.Results != nil && d.Results.Number != "" && !event.HasNumber() {
		add("traffic/event", "results/number looks for a number that no event carries: put {{number}} into the template")
	}
	key, err := adapter.NewTemplate(d.Traffic.Key)
	if err != nil {
		add("traffic/key", "%v", err)
	} else if err := (adapter.Templates{Body: key, Key: key, Random: rand.New(rand.NewPCG(0, 0))}).Validate(); err != nil {
		add("traffic/key", "%v", err)
	}
	if d.Traffic.Shared && d.Reroutes == ReroutedByUs {
		add("reroutes", "%s; with traffic/shared there is one way in, so that only an upstream can reroute: want %s", ReroutedByUs, ReroutedByUpstream)
	}
	return problems
}

func (d *Description) checkResults() (problems []error) {
	add := func(key, format string, values ...any) {
		problems = append(problems, d.document.Wrong(key, format, values...))
	}
	problems = append(problems, d.checkWays("results", adapter.WayOut, d.Results.Ways)...)
	for key, rule := range map[string]string{"results/number": d.Results.Number, "results/by": d.Results.By} {
		if rule == "" {
			continue
		}
		if _, err := adapter.NewExtractor(rule); err != nil {
			add(key, "%v", err)
		}
	}
	if d.Traffic == nil {
		add("results", "no traffic is described whose results these are; describe traffic, or name under serving the counters of operators")
	}
	if d.Results.Shared && d.Results.By == "" && d.Results.Number != "" {
		add("results/by", "it is missing; with shared results nothing else says which data center processed an event")
	}
	for place, name := range d.Results.Names {
		switch {
		case place != "dc1" && place != "dc2":
			add("results/names", "%.60q; want dc1 and dc2", place)
		case name == "" || !isName(name):
			add("results/names/"+place, "%.60q; want what results say of it", name)
		}
	}
	if n := d.Results.Names; len(n) > 0 && n["dc1"] == n["dc2"] {
		add("results/names", "dc1 and dc2 are both %.60q; want two different names", n["dc1"])
	}
	return problems
}

// withCredentials finds credentials in an address.
var withCredentials = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^/\s@]*@`)

func (d *Description) checkWays(key string, way adapter.Way, w Ways) (problems []error) {
	used, err := adapter.Find(w.Adapter)
	if err != nil {
		return append(problems, d.document.Wrong(key+"/adapter", "%v", err))
	}
	if way == adapter.WayIn && used.In == nil || way == adapter.WayOut && used.Out == nil {
		return append(problems, d.document.Wrong(key+"/adapter", "%s has no such way; want one of %s", w.Adapter, strings.Join(adaptersOf(way), ", ")))
	}
	if w.Shared && len(w.DC1)+len(w.DC2) > 0 {
		problems = append(problems, d.document.Wrong(key+"/shared", "there is one way for both data centers, so nothing can stand under dc1 and dc2"))
	}
	for part, values := range map[string]map[string]string{"with": w.With, "dc1": w.DC1, "dc2": w.DC2} {
		for name, value := range values {
			at := key + "/" + part + "/" + name
			if p, known := used.Parameter(name); !known || p.Way&way == 0 {
				problems = append(problems, d.document.Wrong(at, "it is unknown to the adapter %s here; want one of %s", used.Name, strings.Join(parametersOf(used, way), ", ")))
				continue
			}
			if withCredentials.MatchString(value) {
				problems = append(problems, d.document.Wrong(at, "an address must not hold credentials; want them in a file, by password_file or token_file"))
			}
			if err := checkPlaceholders(value, w.Shared); err != nil {
				problems = append(problems, d.document.Wrong(at, "%v", err))
			}
		}
	}
	if len(problems) > 0 {
		return problems
	}
	for n, place := range places(w) {
		if err := used.CheckForm(way, w.values(n)); err != nil {
			problems = append(problems, d.document.Wrong(key+"/"+place, "%v", err))
		}
	}
	return problems
}

// places are where the values of each way stand.
func places(w Ways) []string {
	switch {
	case w.Shared || len(w.DC1)+len(w.DC2) == 0:
		return []string{"with"}
	}
	return []string{"dc1", "dc2"}
}

// parametersOf are the names of what such a way takes.
func parametersOf(a adapter.Adapter, way adapter.Way) (names []string) {
	for _, p := range a.Parameters {
		if p.Way&way != 0 {
			names = append(names, p.Name)
		}
	}
	return names
}

// adaptersOf are the names of the adapters with such a way.
func adaptersOf(way adapter.Way) (names []string) {
	for _, a := range adapter.Table() {
		if way == adapter.WayIn && a.In != nil || way == adapter.WayOut && a.Out != nil {
			names = append(names, a.Name)
		}
	}
	return names
}
