package streams

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
)

// FuzzDecoders: no decoder panics, and what one refuses it calls malformed.
func FuzzDecoders(f *testing.F) {
	for _, name := range []string{"root", "domains", "instance", "resource", "job", "pe", "metrics", "metricssnapshot"} {
		f.Add([]byte(example(f, name)))
	}
	for _, seed := range []string{`{}`, `[]`, `null`, `{"id":1e999}`, `{"id":"x","status":null}`, `{"name":"\ud800","value":-0}`, `{"jobs":[{"id":"12","pes":[null]}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		body, err := json.RawMessage(raw), jsonBody(raw)
		errs := map[string]error{"body": err}
		if err == nil {
			run(errs, "root", body, decodeRoot)
			run(errs, "domain", body, decodeDomain)
			run(errs, "instance", body, decodeInstance)
			run(errs, "job", body, decodeJob)
			run(errs, "pe", body, decodePE)
			run(errs, "operator", body, decodeOperator)
			run(errs, "port", body, decodePort(Output))
			run(errs, "metric", body, decodeMetric)
			run(errs, "resource", body, decodeResource)
			run(errs, "configuration", body, decodeConfiguration)
			run(errs, "snapshot", body, func(path string, raw json.RawMessage) ([]OperatorMetrics, error) {
				return decodeSnapshot(path, raw, "12")
			})
		}
		for name, err := range errs {
			if err != nil && !errors.Is(err, ErrMalformed) {
				t.Errorf("%s: %v is not ErrMalformed", name, err)
			}
		}
	})
}

func run[T any](errs map[string]error, name string, body json.RawMessage, decode decoder[T]) {
	_, errs[name] = decode("", body)
}

// FuzzPaths: whatever a service sends as link and id, no path segment escapes its place.
func FuzzPaths(f *testing.F) {
	f.Add("https://h/streams/jobs?x=1", "Comp.Op[0]")
	f.Add("%zz", "..")
	f.Fuzz(func(t *testing.T, link, id string) {
		if out, err := below("https://h/streams/jobs", id); err == nil {
			u, err := url.Parse(out)
			if rest, inside := strings.CutPrefix(u.EscapedPath(), "/streams/jobs/"); err != nil || !inside || strings.Contains(rest, "/") || u.Path != "/streams/jobs/"+id {
				t.Errorf("id %q leads to %s (%v)", id, out, err)
			}
		}
		_, _ = below(link, id)
		_, _ = sibling(link, id)
		groupName(link)
		lastSegment(link)
	})
}
