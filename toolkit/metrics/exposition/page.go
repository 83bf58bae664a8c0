package exposition

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// PageError is a line of a page that could not be read. The families that could are read nevertheless.
type PageError struct {
	Line   int    // 1-based
	Text   string // of the line, in part
	Reason string
}

func (e *PageError) Error() string {
	return fmt.Sprintf("metrics page, line %d %q: %s", e.Line, e.Text, e.Reason)
}

// maxFaults bounds the lines that are named; the others are counted.
const maxFaults = 8

// page is a text exposition, read line by line because it is not well formed as a whole, or because it is OpenMetrics.
type page struct {
	open   bool // OpenMetrics: stamps are seconds, counters end with _total
	types  map[string]string
	lines  map[string][]line // by family
	faults []error
	more   int // faults beyond maxFaults
}

type line struct {
	number int
	text   string
}

// openMetrics tells the newer format by the line that ends it.
func openMetrics(raw []byte) bool {
	return bytes.HasSuffix(bytes.TrimRight(raw, " \r\n"), []byte("\n# EOF"))
}

// families reads what can be read. A last line that is not ended may have been cut in two, and half a number looks like a number.
func (p *page) families(raw []byte) map[string]*dto.MetricFamily {
	p.types, p.lines = map[string]string{}, map[string][]line{}
	number := 0
	for text := range strings.SplitAfterSeq(string(raw), "\n") {
		number++
		whole := strings.HasSuffix(text, "\n")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		l := line{number, text}
		switch {
		case text[0] == '#':
			p.comment(l)
		case !whole:
			p.fault(l, "it is not ended, perhaps cut in two")
		default:
			p.sample(l)
		}
	}
	out := map[string]*dto.MetricFamily{}
	for _, name := range slices.Sorted(maps.Keys(p.lines)) {
		if family := p.family(name); family != nil {
			out[name] = family
		}
	}
	return out
}

// comment keeps the first type of each family.
func (p *page) comment(l line) {
	words := strings.Fields(l.text)
	if len(words) < 2 || words[0] != "#" || words[1] != "TYPE" {
		return
	}
	if len(words) != 4 || !slices.Contains([]string{"counter", "gauge", "untyped", "unknown", "histogram", "gaugehistogram", "summary", "info", "stateset"}, words[3]) {
		p.fault(l, "no known type")
		return
	}
	if _, twice := p.types[words[2]]; twice {
		p.fault(l, "a second TYPE of "+words[2])
		return
	}
	p.types[words[2]] = words[3]
}

// sample files a line under its family, without what the text parser does not know: exemplars, and stamps in seconds.
func (p *page) sample(l line) {
	end := seriesEnd(l.text)
	if end < 0 {
		p.fault(l, "its labels do not end")
		return
	}
	series := l.text[:end]
	rest, _, _ := strings.Cut(l.text[end:], " # ")
	words := strings.Fields(rest)
	if p.open && len(words) == 2 {
		seconds, err := strconv.ParseFloat(words[1], 64)
		if err != nil {
			p.fault(l, "its stamp is no number")
			return
		}
		words[1] = strconv.FormatInt(int64(seconds*1000), 10)
	}
	name := series
	if brace := strings.IndexByte(series, '{'); brace >= 0 {
		name = series[:brace]
	}
	if base, total := strings.CutSuffix(name, "_total"); p.open && total && p.types[base] == "counter" {
		series, name = base+series[len(name):], base
	}
	p.lines[name] = append(p.lines[name], line{l.number, series + " " + strings.Join(words, " ")})
}

// seriesEnd is where the name and its labels end; -1 when the labels do not. Quoted values may hold anything.
func seriesEnd(text string) int {
	brace := strings.IndexAny(text, "{ \t")
	if brace < 0 {
		return len(text)
	}
	if text[brace] != '{' {
		return brace
	}
	quoted := false
	for i := brace; i < len(text); i++ {
		switch {
		case quoted && text[i] == '\\':
			i++
		case text[i] == '"':
			quoted = !quoted
		case !quoted && text[i] == '}':
			return i + 1
		}
	}
	return -1
}

// family parses the lines of one family; when they fail together, one by one.
func (p *page) family(name string) *dto.MetricFamily {
	kind := ""
	if t := p.types[name]; t == "counter" || t == "gauge" { // others have lines under other names, or are plain values
		kind = "# TYPE " + name + " " + t + "\n"
	}
	var text strings.Builder
	text.WriteString(kind)
	for _, l := range p.lines[name] {
		text.WriteString(l.text + "\n")
	}
	family, err := parse(text.String(), name)
	if err == nil {
		return family
	}
	var out *dto.MetricFamily
	for _, l := range p.lines[name] {
		one, err := parse(kind+l.text+"\n", name)
		switch {
		case err != nil:
			reason := err.Error()
			if wrong := new(expfmt.ParseError); errors.As(err, wrong) { // its line is that of the text given to it
				reason = wrong.Msg
			}
			p.fault(l, reason)
		case out == nil:
			out = one
		default:
			out.Metric = append(out.Metric, one.GetMetric()...)
		}
	}
	return out
}

func parse(text, name string) (*dto.MetricFamily, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	if families[name] == nil || len(families) != 1 {
		return nil, errors.New("not a series of one name")
	}
	return families[name], nil
}

func (p *page) fault(l line, reason string) {
	if len(p.faults) == maxFaults {
		p.more++
		return
	}
	text := l.text
	if len(text) > 80 {
		text = strings.ToValidUTF8(text[:80], "") + "..."
	}
	p.faults = append(p.faults, &PageError{Line: l.number, Text: text, Reason: reason})
}

// named are the faults of the page.
func (p *page) named() []error {
	if p.more > 0 {
		return append(p.faults, fmt.Errorf("metrics page: %d more lines could not be read", p.more))
	}
	return p.faults
}
