// Package metrics is one model of the metrics of a Streams instance, whichever door they came through: the management
// REST API (rest contract 2.9), the streams-metric-exporter's Prometheus text (5.2) or the runtime's own (5.1).
//
// It knows the platform's names, not the Cross-DC toolkit's: what a counter means for a failover is decided by package
// toolkit. It imports nothing of this module.
package metrics

import (
	"fmt"
	"strings"
	"time"
)

// Scope is what kind of thing a sample was taken from.
type Scope string

// The scopes of the metrics catalogue (rest contract 4.1).
const (
	Domain       Scope = "domain"
	Instance     Scope = "instance"
	Resource     Scope = "resource"
	Job          Scope = "job"
	PE           Scope = "pe"
	PEConnection Scope = "pe connection"
	Operator     Scope = "operator"
)

// Direction says on which side of an operator or PE a port is.
type Direction string

// A sample belongs to the operator or PE itself, to one of its input ports, or to one of its output ports.
const (
	NoPort Direction = ""
	Input  Direction = "in"
	Output Direction = "out"
)

// UnknownIndex is the index of a port that is known by name only, as the metric exporter's series are.
const UnknownIndex = -1

// Port names a port of an operator or PE. The zero Port with Direction NoPort is "no port".
type Port struct {
	Direction Direction
	Index     int    // 0-based, or UnknownIndex
	Name      string // empty when only the index is known
}

// In is the input port with the given index and name.
func In(index int, name string) Port { return Port{Direction: Input, Index: index, Name: name} }

// Out is the output port with the given index and name.
func Out(index int, name string) Port { return Port{Direction: Output, Index: index, Name: name} }

// Matches reports whether both may be the same port: the same direction, and the same index where both know it, else
// the same name. Names are compared by their last segment, because composites prefix them ("CrossDCFailover.BinData1").
func (p Port) Matches(o Port) bool {
	if p.Direction != o.Direction {
		return false
	}
	if p.Direction == NoPort {
		return true
	}
	if p.Index >= 0 && o.Index >= 0 {
		return p.Index == o.Index
	}
	return p.Name != "" && lastSegment(p.Name) == lastSegment(o.Name)
}

func (p Port) String() string {
	switch {
	case p.Direction == NoPort:
		return ""
	case p.Index >= 0:
		return fmt.Sprintf("%s %d", p.Direction, p.Index)
	default:
		return fmt.Sprintf("%s %s", p.Direction, p.Name)
	}
}

func lastSegment(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// Kind is how a value behaves over time.
type Kind string

// The kinds of rest contract 2.9. Series of the metric exporter are all typed gauge; their kind is restored from the
// catalogue (4.1), and is Unknown for custom metrics.
const (
	Counter Kind = "counter"
	Gauge   Kind = "gauge"
	Time    Kind = "time"
	Unknown Kind = "unknown"
)

// Sample is one value of one metric of one thing.
type Sample struct {
	Scope      Scope
	Domain     string // of the instance; empty when not stated, as Instance
	Instance   string
	Job        string // job id (REST) or job name (Prometheus)
	PE         string // id of the PE, empty above PE scope
	Launch     int64  // launchCount of that PE when the value was read; 0 when unknown (real ones start at 1)
	Process    string // processId of that PE; empty when unknown
	Operator   string // physical operator name
	Port       Port
	Connection string // PE connection
	Resource   string // host

	Name   string // the platform's name, for example nTuplesSubmitted
	Kind   Kind
	Custom bool // defined by the application or a toolkit
	Value  int64
	At     time.Time // when the platform sampled it, by the host's clock in milliseconds; zero when unknown
	// Stored says that a server of metrics scraped it and keeps it: At is then the earliest instant, by our own clock, when that can have been.
	Stored bool
}

// Subject names what was measured, the way errors and reports refer to it.
func (s Sample) Subject() string {
	var b strings.Builder
	switch {
	case s.Operator != "":
		b.WriteString("operator " + s.Operator)
	case s.PE != "":
		b.WriteString("pe " + s.PE)
	case s.Resource != "":
		b.WriteString("resource " + s.Resource)
	case s.Job != "":
		b.WriteString("job " + s.Job)
	default:
		b.WriteString(string(s.Scope))
	}
	if port := s.Port.String(); port != "" {
		b.WriteString(" " + port)
	}
	if s.Connection != "" {
		b.WriteString(" connection " + s.Connection)
	}
	return b.String()
}

func (s Sample) String() string { return fmt.Sprintf("%s %s = %d", s.Subject(), s.Name, s.Value) }

// SameEpoch reports whether two samples may come from one life of the PE's process. Counters restart at zero with the
// process (rest contract 4.1), so only samples of one epoch may be subtracted. What is unknown on either side does not
// tell epochs apart.
func SameEpoch(a, b Sample) bool {
	if a.PE != "" && b.PE != "" && a.PE != b.PE {
		return false
	}
	if a.Launch > 0 && b.Launch > 0 && a.Launch != b.Launch {
		return false
	}
	return a.Process == "" || b.Process == "" || a.Process == b.Process
}

// Growth returns by how much a counter grew from earlier to later. When the PE restarted in between, reset is true and
// growth is what the new process counted so far: a lower bound. A decrease without a visible restart is taken as one.
func Growth(earlier, later Sample) (growth int64, reset bool) {
	if !SameEpoch(earlier, later) || later.Value < earlier.Value {
		return later.Value, true
	}
	return later.Value - earlier.Value, false
}
