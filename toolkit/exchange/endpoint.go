package exchange

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Direction tells what an endpoint is for.
type Direction string

// The two kinds of endpoints.
const (
	Inject  Direction = "inject"  // EndpointSource output port: clients send tuples
	Inspect Direction = "inspect" // EndpointSink input port: clients receive tuples
)

// Endpoint is one port of an endpoint operator.
type Endpoint struct {
	Direction      Direction
	Job            string // id of its job
	Operator       string
	Port           string
	PortIndex      int // -1 when not stated
	SPLType        string
	Summary        string
	BufferSize     int // tuples; 0 when not stated
	ConsumingReads bool
	URI            string // HTTP
	WebSocketURI   string // empty when not offered
}

// String reads "job 12 inspect ResultSink/Result".
func (e Endpoint) String() string {
	return fmt.Sprintf("job %s %s %s/%s", e.Job, e.Direction, e.Operator, e.Port)
}

// Job is a running job with endpoints.
type Job struct {
	ID              string
	Name            string
	ApplicationName string
	Inject          []Endpoint
	Inspect         []Endpoint
	Documents       map[string]string // name -> URI: "openApiJson", ...
}

// Jobs is what the service lists.
type Jobs []Job

// Find picks the endpoint of that operator in the job of that id or name, or of the application of that name. An empty job, operator or port matches any. The operator
// is matched exactly first, else by the last parts of its name ("Events" finds "Main.Events"); the port by name or index.
// ErrNotFound when there is none, ErrRejected when several match.
func (jobs Jobs) Find(direction Direction, job, operator, port string) (Endpoint, error) {
	var exact, suffix []Endpoint
	for _, candidate := range jobs {
		if job != "" && candidate.ID != job && candidate.Name != job && candidate.ApplicationName != job {
			continue
		}
		for _, endpoint := range slices.Concat(candidate.Inject, candidate.Inspect) {
			if endpoint.Direction != direction || port != "" && endpoint.Port != port && strconv.Itoa(endpoint.PortIndex) != port {
				continue
			}
			switch {
			case operator == "" || endpoint.Operator == operator:
				exact = append(exact, endpoint)
			case strings.HasSuffix(endpoint.Operator, "."+operator):
				suffix = append(suffix, endpoint)
			}
		}
	}
	found := exact
	if len(found) == 0 {
		found = suffix
	}
	what := fmt.Sprintf("find %s endpoint %s/%s of job %s", direction, operator, port, job)
	switch len(found) {
	case 0:
		return Endpoint{}, &Error{Op: what, Class: ErrNotFound, Message: "not listed by the data service"}
	case 1:
		return found[0], nil
	}
	return Endpoint{}, &Error{Op: what, Class: ErrRejected, Message: fmt.Sprintf("%d endpoints match: name job, operator and port", len(found))}
}
