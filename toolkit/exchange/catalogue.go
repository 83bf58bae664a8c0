package exchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/crossdc/failover/toolkit/access"
)

// The list's keys are not documented (contract 3.3 and 8, unknown 10), so they are found by what they look like (contract 7,
// last row): any array of objects holding http(s) or ws(s) URIs under names containing "inject" or "inspect". All of that
// guessing is in this file.

// maxDepth bounds how deep the list is searched.
const maxDepth = 16

func decodeList(body []byte) (Jobs, error) {
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		return nil, fmt.Errorf("%w: body is not JSON: %w", access.ErrMalformed, err)
	}
	switch tree.(type) {
	case map[string]any, []any:
	default:
		return nil, fmt.Errorf("%w: body: want an object or an array, got %.60s", access.ErrMalformed, body)
	}
	if top, ok := tree.(map[string]any); ok {
		if jobs, there := top["jobs"]; there {
			if _, list := jobs.([]any); !list && jobs != nil {
				return nil, fmt.Errorf("%w: jobs: want an array, got %T", access.ErrMalformed, jobs)
			}
		}
	}
	s := &search{index: map[string]int{}}
	s.walk(tree, owner{}, "", 0)
	if s.arrays == 0 {
		return nil, fmt.Errorf("%w: body holds no list of jobs: %.60s", access.ErrMalformed, body)
	}
	return s.jobs, nil
}

// owner is the job that an endpoint belongs to: the nearest object above it with an id or name.
type owner struct{ id, name, application string }

type search struct {
	jobs   Jobs
	index  map[string]int
	arrays int
}

func (s *search) job(o owner) *Job {
	key := o.id + "\x00" + o.name
	at, ok := s.index[key]
	if !ok {
		at = len(s.jobs)
		s.index[key] = at
		s.jobs = append(s.jobs, Job{ID: o.id, Name: o.name, ApplicationName: o.application, Documents: map[string]string{}})
	}
	return &s.jobs[at]
}

// walk visits a value; direction is what the names above it say.
func (s *search) walk(value any, above owner, direction Direction, depth int) {
	if depth > maxDepth {
		return
	}
	switch value := value.(type) {
	case []any:
		s.arrays++
		for _, element := range value {
			fields, isObject := element.(map[string]any)
			if isObject && s.endpoints(fields, above, direction) {
				continue
			}
			s.walk(element, above, direction, depth+1)
		}
	case map[string]any:
		if id, name := pick(value, "id", "jobId", "job"), pick(value, "name", "jobName"); direction == "" && (id != "" || name != "" && above.id == "") {
			above = owner{id, name, pick(value, "applicationName", "application")}
		}
		for _, key := range slices.Sorted(maps.Keys(value)) { // in order, so that equal lists give equal answers
			child := value[key]
			below := direction
			if named := directionOf(key); named != "" {
				below = named
			}
			if isDocuments(key) {
				s.documents(child, key, above)
				continue
			}
			s.walk(child, above, below, depth+1)
		}
	}
}

// endpoints takes an object of an array as endpoints if it holds addresses; the names of the addresses may say what it is
// for when the array's does not.
func (s *search) endpoints(fields map[string]any, above owner, direction Direction) bool {
	found := map[Direction]*Endpoint{}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		address, ok := fields[key].(string)
		if !ok {
			continue
		}
		scheme := schemeOf(address)
		kind := direction
		if named := directionOf(key); named != "" {
			kind = named
		}
		if scheme == "" || kind == "" || isDocuments(key) {
			continue
		}
		if strings.EqualFold(key, "self") && directionOf(key) == "" && pick(fields, "uri", "url", "href", "httpUri") != "" {
			continue
		}
		e := found[kind]
		if e == nil {
			e = s.describe(fields, above, kind)
			found[kind] = e
		}
		switch {
		case scheme == "ws" && e.WebSocketURI == "":
			e.WebSocketURI = address
		case scheme == "http" && (e.URI == "" || preferred(key)):
			e.URI = address
		}
	}
	for _, kind := range []Direction{Inject, Inspect} {
		e := found[kind]
		if e == nil {
			continue
		}
		job := s.job(above)
		if kind == Inject {
			job.Inject = append(job.Inject, *e)
		} else {
			job.Inspect = append(job.Inspect, *e)
		}
	}
	return len(found) > 0
}

func (s *search) describe(fields map[string]any, above owner, direction Direction) *Endpoint {
	e := &Endpoint{
		Direction: direction, Job: above.id, Operator: pick(fields, "operator", "operatorName"), Port: pick(fields, "port", "portName"),
		SPLType: pick(fields, "splType", "type"), Summary: pick(fields, "summary", "description"),
		BufferSize: int(max(0, number(fields, 0, "bufferSize"))),
	}
	e.ConsumingReads, _ = fields["consumingReads"].(bool)
	e.PortIndex = int(number(fields, -1, "portIndex", "indexWithinOperator"))
	if e.Operator == "" {
		e.Operator = pick(fields, "name")
	}
	return e
}

func (s *search) documents(value any, key string, above owner) {
	switch value := value.(type) {
	case string:
		if schemeOf(value) == "http" {
			s.job(above).Documents[key] = value
		}
	case map[string]any:
		for key, child := range value {
			if text, ok := child.(string); ok && schemeOf(text) == "http" {
				s.job(above).Documents[key] = text
			}
		}
	}
}

func directionOf(name string) Direction {
	name = strings.ToLower(name)
	switch {
	case strings.Contains(name, "inject"):
		return Inject
	case strings.Contains(name, "inspect"):
		return Inspect
	}
	return ""
}

func isDocuments(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "doc") || strings.Contains(name, "openapi") || strings.Contains(name, "asyncapi")
}

// preferred names win over others that hold an address as well.
func preferred(name string) bool {
	name = strings.ToLower(name)
	return name == "uri" || name == "url" || name == "href" || strings.HasSuffix(name, "httpuri") || strings.HasSuffix(name, "httpurl")
}

func schemeOf(text string) string {
	if !strings.HasPrefix(text, "http") && !strings.HasPrefix(text, "ws") {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return ""
	}
	switch u.Scheme {
	case "http", "https":
		return "http"
	case "ws", "wss":
		return "ws"
	}
	return ""
}

// pick gives the first of the named properties that is a string or number.
func pick(fields map[string]any, names ...string) string {
	for _, name := range names {
		switch value := fields[name].(type) {
		case string:
			if value != "" {
				return value
			}
		case json.Number:
			return value.String()
		}
	}
	return ""
}

func number(fields map[string]any, absent int64, names ...string) int64 {
	for _, name := range names {
		if value, ok := fields[name].(json.Number); ok {
			if n, err := value.Int64(); err == nil && n >= 0 && n <= 1<<31-1 {
				return n
			}
		}
	}
	return absent
}
