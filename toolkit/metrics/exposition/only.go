package exposition

import (
	"bytes"

	"github.com/crossdc/failover/toolkit/metrics"
)

// selection is which metrics of operators somebody asks for. A page is everything that a data center measures, and parsing all of it
// for a dozen counters costs the machine that the measurement needs.
type selection struct {
	names []string // the platform's, such as nTuplesProcessed
}

// of returns the lines of a page that may tell one of the metrics, or of which life a PE is and whether it runs: that is what tells
// series of one counter apart. Any other line is left empty, so that faults still name the right one. It keeps too much rather than too
// little: what a line really is, the parser says.
func (s selection) of(raw, into []byte) []byte {
	var family []byte // of the line before: series of one family stand together
	kept := false
	for len(raw) > 0 {
		line := raw
		end := bytes.IndexByte(raw, '\n')
		if end >= 0 {
			line, raw = raw[:end], raw[end+1:]
		} else {
			raw = nil
		}
		name, plain := familyOf(line)
		if plain && !bytes.Equal(name, family) {
			family, kept = name, s.may(name)
		}
		if !plain || kept && len(name) > 0 {
			into = append(into, line...)
		}
		if end >= 0 {
			into = append(into, '\n')
		}
	}
	return into
}

// found says whether a set has any of the metrics.
func (s selection) found(in metrics.Set) bool {
	for _, sample := range in.Samples {
		for _, name := range s.names {
			if sample.Scope == metrics.Operator && sample.Name == name {
				return true
			}
		}
	}
	return false
}

// familyOf is the name that a line begins with, or that its TYPE is about; empty for other comments, which nobody reads. plain is false
// for names in quotes and for what does not look like a name at all.
func familyOf(line []byte) (name []byte, plain bool) {
	const blank = " \t\r\v\f"
	line = bytes.TrimLeft(line, blank)
	if len(line) > 0 && line[0] == '#' {
		line = bytes.TrimLeft(line[1:], blank)
		if !bytes.HasPrefix(line, []byte("TYPE")) {
			return nil, true
		}
		line = bytes.TrimLeft(line[len("TYPE"):], blank)
	}
	for end, c := range line {
		switch {
		case c == '{' || c == ' ' || '\t' <= c && c <= '\r':
			return line[:end], end > 0
		case c >= 0x80 || c == '"':
			return nil, false
		}
	}
	return line, true
}

// may says whether a family may be one of the metrics, in any of the namings, or tells the life of a PE. A family whose name only
// ends like a metric's is kept as well.
func (s selection) may(family []byte) bool {
	for _, life := range []string{"streams_pe_launchCount", "streams_pe_status", "streams_pe_health"} {
		if string(family) == life {
			return true
		}
	}
	counter, _ := bytes.CutSuffix(family, []byte("_total")) // OpenMetrics
	for _, name := range s.names {
		if endsWith(family, name) || endsWith(counter, name) {
			return true
		}
	}
	return false
}

// endsWith compares without case and underscores: n_tuples_processed is nTuplesProcessed (rest contract 5.1).
func endsWith(family []byte, name string) bool {
	at := len(family)
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '_' {
			continue
		}
		at--
		for at >= 0 && family[at] == '_' {
			at--
		}
		if at < 0 || lower(family[at]) != lower(name[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
