package propose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/environment"
)

// attribute is one of a flat tuple type.
type attribute struct{ kind, name string }

// attributes reads a flat tuple type such as "tuple<rstring id, int64 seq>"; nil where it is not one, or has a nested type in it.
func attributes(spl string) (list []attribute) {
	inner, is := strings.CutPrefix(strings.TrimSpace(spl), "tuple<")
	inner, closed := strings.CutSuffix(inner, ">")
	if !is || !closed || strings.ContainsAny(inner, "<>[](){}") {
		return nil
	}
	for _, part := range strings.Split(inner, ",") {
		words := strings.Fields(part)
		if len(words) != 2 {
			return nil
		}
		list = append(list, attribute{words[0], words[1]})
	}
	return list
}

// numeric attributes that can hold the number of an event, whole.
var whole = []string{"int64", "uint64"}

// numbered is the attribute that most likely holds the number of an event: the first whole one, a name that says so before others.
func numbered(list []attribute) string {
	for _, only := range []func(string) bool{
		func(name string) bool {
			return slices.Contains([]string{"number", "seq", "sequence", "id", "nr"}, name)
		},
		func(string) bool { return true },
	} {
		for _, a := range list {
			if slices.Contains(whole, a.kind) && only(strings.ToLower(a.name)) {
				return a.name
			}
		}
	}
	return ""
}

// template is an event of that type with the number in one of its attributes.
func template(list []attribute, number string) string {
	var parts []string
	for _, a := range list {
		value := "0"
		switch {
		case a.name == number:
			value = "{{number}}"
		case a.kind == "boolean":
			value = "false"
		case strings.HasSuffix(a.kind, "string"):
			value = `"failover-suite"`
		}
		parts = append(parts, fmt.Sprintf("%q:%s", a.name, value))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// traffic proposes how events go in and results come out, where there is one way only; else it lists what there is.
func (w *writer) traffic(c chosen) {
	if c.answersForItsState() {
		return // events go through its endpoints
	}
	drill := application.Drill().Endpoints
	job := c.either()
	var in, out []environment.EndpointInventory
	for _, e := range job.Endpoints {
		switch {
		case statusType.MatchString(strings.TrimSpace(e.Type)) || last(e.Operator) == drill.Takeover:
		case e.Takes:
			in = append(in, e)
		default:
			out = append(out, e)
		}
	}
	if len(in) != 1 || attributes(in[0].Type) == nil {
		w.remark("How do events go in? Without traffic nothing is sent and loss is not measured (level 0). Endpoints that take events: %s", list(in))
		w.remark("Other ways in (HTTP, TCP, Kafka, MQTT, files, exec) are described in support/application/README.md.")
		w.sketch("traffic:", "  adapter: data-exchange", "  with: {endpoint: NAME}", `  event: '{"id":{{number}}}'`)
		return
	}
	given := attributes(in[0].Type)
	number := numbered(given)
	w.remark("%s takes %s. A guess: fill the attributes as your application expects them.", in[0].Operator, in[0].Type)
	w.line("traffic:")
	w.line("  adapter: data-exchange")
	w.line("  with: {endpoint: %s}", flow(last(in[0].Operator)))
	w.line("  event: %s", scalar(template(given, number)))
	if number == "" {
		w.remark("No attribute is a whole number of 64 bits, so that events carry no number: results are counted only (level 1).")
	}
	var results []environment.EndpointInventory
	for _, e := range out {
		if attributes(e.Type) != nil {
			results = append(results, e)
		}
	}
	if len(results) != 1 {
		w.remark("How do results come out? Without them only operators' counters tell that it serves. Endpoints that give tuples: %s", list(out))
		w.sketch("results:", "  adapter: data-exchange", "  with: {endpoint: NAME}", "  number: json:/id", "  within: 10s")
		return
	}
	w.line("results:")
	w.line("  adapter: data-exchange")
	w.line("  with: {endpoint: %s}", flow(last(results[0].Operator)))
	back := attributes(results[0].Type)
	if number != "" && slices.ContainsFunc(back, func(a attribute) bool { return a.name == number && slices.Contains(whole, a.kind) }) {
		w.line("  number: %s # a guess: the attribute that events carry their number in", scalar("json:/"+number))
	} else {
		w.remark("  number: json:/ATTRIBUTE  where a result (%s) holds the number of its event raises the level to 2", results[0].Type)
	}
	w.line("  within: 10s")
}

// sketch are lines to uncomment.
func (w *writer) sketch(lines ...string) {
	for _, line := range lines {
		w.remark("  %s", line)
	}
}

func list(endpoints []environment.EndpointInventory) string {
	if len(endpoints) == 0 {
		return "none"
	}
	var all []string
	for _, e := range endpoints {
		all = append(all, fmt.Sprintf("%s (%s)", last(e.Operator), e.Type))
	}
	return strings.Join(all, "; ")
}

// mostCounters bounds the counters that are proposed.
const mostCounters = 3

// serving proposes counters that moved while nobody of ours sent anything: inputs of operators that give nothing on come first, because
// what reaches them was processed.
func (w *writer) serving(c chosen) {
	type port struct {
		operator string
		index    int
		grew     int64
		ends     bool
	}
	var moving []port
	for _, o := range c.either().Operators {
		if o.Name == c.invocation || strings.HasPrefix(o.Name, c.invocation+".") {
			continue
		}
		for _, p := range o.Input {
			if p.Grew > 0 {
				moving = append(moving, port{o.Name, p.Index, p.Grew, len(o.Output) == 0})
			}
		}
	}
	if len(moving) == 0 {
		w.remark("No operator outside of %s took a tuple while it was looked at: under load, counters would be proposed here that tell that it serves.", last(c.invocation))
		w.sketch("serving:", "  - {operator: NAME, input: 0}")
		return
	}
	slices.SortStableFunc(moving, func(a, b port) int {
		if a.ends != b.ends {
			if a.ends {
				return -1
			}
			return 1
		}
		return int(b.grew - a.grew)
	})
	w.remark("Counters that moved while it was looked at; keep those that move with your own load only.")
	w.line("serving:")
	for _, p := range moving[:min(len(moving), mostCounters)] {
		w.line("  - {operator: %s, input: %d} # %d tuples meanwhile", flow(p.operator), p.index, p.grew)
	}
}

// flow is a text inside of braces, where more characters end it.
func flow(text string) string {
	return fmt.Sprintf("%q", text)
}
