package propose

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/environment"
)

// writer writes a file with comments: what a reader must know stands beside what it is about.
type writer struct{ text strings.Builder }

func (w *writer) line(format string, values ...any) { fmt.Fprintf(&w.text, format+"\n", values...) }

// remark is a comment. What others call their things may hold anything, and must not end the comment.
func (w *writer) remark(format string, values ...any) {
	text := fmt.Sprintf(format, values...)
	w.line("# %s", strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xfeff {
			return ' '
		}
		return r
	}, text))
}

// scalar is a text as YAML reads it back.
func scalar(text string) string {
	encoded, err := yaml.Marshal(text)
	if err != nil || strings.Count(string(encoded), "\n") > 1 {
		quoted, _ := json.Marshal(text) // a string always can be; JSON's strings are YAML's
		return string(quoted)
	}
	return strings.TrimSuffix(string(encoded), "\n")
}

func (w *writer) head(c chosen, sides [2]environment.Inventory) {
	w.remark("yaml-language-server: $schema=schema.json")
	w.remark("A first draft, made of what the two data centers say of their jobs. Read every line: what stands behind a # was not found or is a guess.")
	for i, side := range sides {
		switch job := c.sides[i]; {
		case job == nil:
			w.remark("%s does not run it, which is right for a passive data center only.", side.DataCenter)
		case job.Problem != "":
			w.remark("%s: the job %s could not be read whole: %s", side.DataCenter, job.Name, job.Problem)
		default:
			w.remark("%s: job %s, %d operators, %d endpoints.", side.DataCenter, job.Name, len(job.Operators), len(job.Endpoints))
		}
		if side.NoEndpoints != "" {
			w.remark("%s: %s", side.DataCenter, side.NoEndpoints)
		}
	}
	w.differences(c)
	w.line("name: %s", scalar(last(c.application)))
	w.line("composite: %s", scalar(c.application))
	w.line("invocation: %s", scalar(last(c.invocation)))
	w.configuration(sides, last(c.invocation))
	switch fragments, why := c.fragments(); {
	case c.answersForItsState():
		w.line("channels: %d", application.Drill().Channels)
	case fragments > 0:
		w.line("channels: %d # %s", fragments, why)
	default:
		w.remark("How many fragments of its state are replicated is not told by the counters: %s. Put their number here:", why)
		w.line("channels: 0")
	}
}

// last is the part of a name that the settings ask for: the composites around an invocation do not belong to it.
func last(name string) string {
	name = name[strings.LastIndex(name, ".")+1:]
	if i := strings.LastIndex(name, "::"); i >= 0 {
		return name[i+2:]
	}
	return name
}

// differences names endpoints that one side has and the other lacks: scenarios need both.
func (w *writer) differences(c chosen) {
	if c.sides[0] == nil || c.sides[1] == nil {
		return
	}
	for i, side := range c.sides {
		for _, e := range side.Endpoints {
			if !slices.Contains(c.sides[1-i].Endpoints, e) {
				w.remark("%s has an endpoint that %s has not: %s, %s", c.names[i], c.names[1-i], e.Operator, e.Type)
			}
		}
	}
}

// configuration names the application configuration that holds the toolkit's properties.
func (w *writer) configuration(sides [2]environment.Inventory, invocation string) {
	var all []string
	for _, name := range sides[0].Configurations {
		if slices.Contains(sides[1].Configurations, name) {
			all = append(all, name)
		}
	}
	switch {
	case slices.Contains(all, invocation):
		w.line("configuration: %s", scalar(invocation))
	case len(all) == 1:
		w.line("configuration: %s # a guess: the only application configuration that both have", scalar(all[0]))
	case len(all) == 0:
		w.remark("configuration: no application configuration that both have; the toolkit's properties then stand in a file of the application")
	default:
		w.remark("configuration: the one with the toolkit's properties, of these that both have: %s", strings.Join(all, ", "))
	}
}

// answersForItsState reports whether the job has the endpoints by which the drill application is asked for its state.
func (c chosen) answersForItsState() bool {
	drill := application.Drill().Endpoints
	for _, name := range []string{drill.Events, drill.Control, drill.Results, drill.State} {
		if !slices.ContainsFunc(c.either().Endpoints, func(e environment.EndpointInventory) bool { return last(e.Operator) == name }) {
			return false
		}
	}
	return true
}

// statusType is what a port of the toolkit's status carries (toolkit contract 3.3).
var statusType = regexp.MustCompile(`^tuple<boolean\s+activeOrInactive\s*[,>]`)

func (w *writer) endpoints(c chosen, sides [2]environment.Inventory) {
	job := c.either()
	drill := application.Drill().Endpoints
	found := map[string]string{}
	for key, name := range map[string]string{"events": drill.Events, "control": drill.Control, "results": drill.Results, "takeover": drill.Takeover, "state": drill.State} {
		for _, e := range job.Endpoints {
			if last(e.Operator) == name {
				found[key] = e.Operator
			}
		}
	}
	stated := c.answersForItsState()
	status := ""
	for _, e := range job.Endpoints {
		if !e.Takes && statusType.MatchString(strings.TrimSpace(e.Type)) {
			status = e.Operator
		}
	}
	if status != "" {
		found["status"] = status
	}
	if !stated {
		for key := range found {
			if key != "status" && key != "takeover" {
				delete(found, key)
			}
		}
	}
	if len(found) > 0 {
		w.line("endpoints:")
		for _, key := range []string{"events", "control", "results", "status", "takeover", "state"} {
			if found[key] != "" {
				w.line("  %s: %s", key, scalar(last(found[key])))
			}
		}
	}
	if found["status"] == "" && sides[0].NoEndpoints == "" {
		w.remark("No endpoint offers the toolkit's status (tuple<boolean activeOrInactive>): a sink for it shows every change at once, see fixtures/spl.")
	}
	if stated {
		w.remark("Its endpoints are those of the drill application, so that its state can be asked for (level 3).")
		w.line("state: %s", application.StateOfDrill)
	}
}
