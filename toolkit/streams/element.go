package streams

import "time"

// Element is what every resource has (contract 1.3).
type Element struct {
	ID           string
	RestID       string
	Self         string            // absolute URI; empty when the service left it out
	ResourceType string            // e.g. "job"
	Links        map[string]string // every property that is an absolute http(s) URI, by its name
}

// Link returns the URI of a link property, and whether the service offers it.
func (e Element) Link(name string) (string, bool) {
	link, ok := e.Links[name]
	return link, ok && link != ""
}

// key names the element in paths: restid, else id.
func (e Element) key() string {
	if e.RestID != "" {
		return e.RestID
	}
	return e.ID
}

// Root is the root collection (contract 1.3): where to start.
type Root struct {
	URL     string            // that answered
	Entries map[string]string // name -> URI: "instances", "domains", ...
}

// Domain groups instances in 4.x and 7.2 (contract 2.1).
type Domain struct {
	Element
	Status       State
	CreationTime time.Time
	CreationUser string
}

// Instance is a running Streams system (contract 2.2).
type Instance struct {
	Element
	Status         State
	Health         State // rolls up its jobs
	ProductVersion string
	Owner          string
	CreationTime   time.Time // zero when not stated, as StartTime
	StartTime      time.Time
}

// Job is a submitted application (contract 2.4).
type Job struct {
	Element
	Name               string
	ApplicationName    string // "ns::Main"
	ApplicationVersion string
	Status             State
	Health             State
	Group              string // name, also where the service sends a URI
	StartedBy          string
	SubmitTime         time.Time
	GenerationID       int64 // grows with every change of topology
	ProductVersion     string
	Parameters         []SubmitParameter
}

// SubmitParameter is a submission-time parameter as the job has it.
type SubmitParameter struct {
	Composite, Name, Kind string
	Required              bool
	Default, Value        string
	Values                []string
}

// PE is a processing element: one process (contract 2.7).
type PE struct {
	Element
	IndexWithinJob                           int64
	Status                                   State
	StatusReason                             State
	Health                                   State
	LaunchCount                              int64  // number of (re)starts; a change means a new process with empty memory
	ProcessID                                string // text, see PID
	Relocatable, Restartable                 bool
	RequiredConnections, OptionalConnections State
	TracingLevel                             State
	ResourceTags                             []string
	WorkingPath                              string
}

// Operator is one operator of a job (contract 2.8).
type Operator struct {
	Element
	Name           string // physical, "Composite.Op" or "Op[0]"
	LogicalName    string
	Kind           string // "spl.relational::Functor"
	Channel        int64  // of its parallel region; -1 outside of one
	IndexWithinJob int64
}

// Direction tells input from output ports.
type Direction string

// The two directions of a port.
const (
	Input  Direction = "input"
	Output Direction = "output"
)

// Port is one port of an operator (contract 2.8).
type Port struct {
	Element
	Direction  Direction
	Index      int64 // within the operator
	Name       string
	StreamName string // output ports only
}

// Metric is one value of an operator, port, PE or resource (contract 2.9).
type Metric struct {
	Name        string
	Description string
	Kind        State // counter, gauge, time; empty in snapshots
	Type        State // system, custom; empty in snapshots
	Value       int64
	Sampled     time.Time // when the runtime last took it, host's clock; zero when not stated
}

// Resource is a host (contract 2.3).
type Resource struct {
	Element
	DisplayName string
	IPAddress   string
	Status      State
	Tags        []string
}

// ApplicationConfiguration is a named set of properties that applications read (contract 2.12).
type ApplicationConfiguration struct {
	Element
	Name         string
	Description  string
	Owner        string
	Properties   map[string]string
	Created      time.Time
	LastModified time.Time
}
