package streams

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

// fields reads one JSON object property by property. The first wrong property is kept as the error, with its path and
// value; later reads give zero values. Unknown properties are ignored, null counts as absent (contract 6.3).
type fields struct {
	path  string // "jobs[3]"
	raw   map[string]json.RawMessage
	whole json.RawMessage
	err   error
}

func object(path string, raw json.RawMessage) *fields {
	f := &fields{path: path, whole: raw}
	if kind(raw) != "object" {
		f.err = malformed(path, "an object", raw)
		return f
	}
	if err := json.Unmarshal(raw, &f.raw); err != nil {
		f.err = fmt.Errorf("%w: %s: %w", access.ErrMalformed, orBody(path), err)
	}
	return f
}

// array splits a JSON array; null and nothing give none.
func array(path string, raw json.RawMessage) ([]json.RawMessage, error) {
	var out []json.RawMessage
	switch kind(raw) {
	case "null", "nothing":
		return nil, nil
	case "array":
	default:
		return nil, malformed(path, "an array", raw)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", access.ErrMalformed, orBody(path), err)
	}
	return out, nil
}

func kind(raw json.RawMessage) string {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "number"
}

// malformed words a wrong type; the value is quoted in part.
func malformed(path, want string, raw json.RawMessage) error {
	value := string(raw)
	if len(value) > 60 {
		value = strings.ToValidUTF8(value[:60], "") + "..."
	}
	return fmt.Errorf("%w: %s: want %s, got %s %s", access.ErrMalformed, orBody(path), want, kind(raw), value)
}

func orBody(path string) string {
	if path == "" {
		return "body"
	}
	return path
}

func (f *fields) at(name string) string {
	if f.path == "" {
		return name
	}
	return f.path + "." + name
}

// get gives the property, and whether it is there and worth decoding.
func (f *fields) get(name string) (json.RawMessage, bool) {
	if f.err != nil {
		return nil, false
	}
	raw := f.raw[name]
	got := kind(raw)
	return raw, got != "null" && got != "nothing"
}

func (f *fields) decode(name, want string, into any) {
	raw, ok := f.get(name)
	if !ok {
		return
	}
	if err := json.Unmarshal(raw, into); err != nil {
		f.err = malformed(f.at(name), want, raw)
	}
}

func (f *fields) require(names ...string) {
	for _, name := range names {
		if _, ok := f.get(name); !ok && f.err == nil {
			f.err = fmt.Errorf("%w: %s is missing", access.ErrMalformed, f.at(name))
		}
	}
}

func (f *fields) text(name string) (out string) {
	if raw, ok := f.get(name); ok {
		if out, ok = plainText(raw); ok {
			return out
		}
	}
	f.decode(name, "a string", &out)
	return out
}

func (f *fields) state(name string) State     { return State(f.text(name)) }
func (f *fields) flag(name string) (out bool) { f.decode(name, "a boolean", &out); return out }

// id accepts a string or an integer (contract 7).
func (f *fields) id(name string) string {
	raw, ok := f.get(name)
	if !ok {
		return ""
	}
	if kind(raw) == "string" {
		return f.text(name)
	}
	var number json.Number
	if kind(raw) != "number" || json.Unmarshal(raw, &number) != nil || strings.ContainsAny(number.String(), ".eE") {
		f.err = malformed(f.at(name), "a string or an integer", raw)
		return ""
	}
	return number.String()
}

// integer wants a JSON integer that fits into 64 bits, no fraction or exponent (contract 6.3).
func (f *fields) integer(name string) int64 { return f.integerOr(name, 0) }

func (f *fields) integerOr(name string, absent int64) int64 {
	out := absent
	if raw, ok := f.get(name); ok {
		if n, ok := plainInteger(raw); ok {
			return n
		}
	}
	f.decode(name, "a 64-bit integer", &out)
	if f.err != nil {
		return absent
	}
	return out
}

// millis reads a time in milliseconds since the epoch; 0 and absent give the zero time.
func (f *fields) millis(name string) time.Time {
	ms := f.integer(name)
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// texts reads an array of strings; numbers and booleans in it are taken as text.
func (f *fields) texts(name string) []string {
	raw, ok := f.get(name)
	if !ok {
		return nil
	}
	entries, err := array(f.at(name), raw)
	if err != nil {
		f.err = err
		return nil
	}
	out := make([]string, 0, len(entries))
	for i, entry := range entries {
		text, ok := scalarText(entry)
		if !ok {
			f.err = malformed(fmt.Sprintf("%s[%d]", f.at(name), i), "a string", entry)
			return nil
		}
		out = append(out, text)
	}
	return out
}

// scalar reads a string, number or boolean as text (submission parameters, contract 2.5.1).
func (f *fields) scalar(name string) string {
	raw, ok := f.get(name)
	if !ok {
		return ""
	}
	text, ok := scalarText(raw)
	if !ok {
		f.err = malformed(f.at(name), "a string, number or boolean", raw)
	}
	return text
}

func scalarText(raw json.RawMessage) (string, bool) {
	switch kind(raw) {
	case "string":
		text, ok := plainText(raw)
		return text, ok || json.Unmarshal(raw, &text) == nil
	case "number", "boolean":
		return strings.TrimSpace(string(raw)), true
	}
	return "", false
}

// element reads what every resource has. Links are taken by their form, so that new ones need no code.
func (f *fields) element() Element {
	e := Element{ID: f.id("id"), RestID: f.id("restid"), Self: f.text("self"), ResourceType: f.decoration().text("resourceType"), Links: map[string]string{}}
	for name, raw := range f.raw {
		if !bytes.HasPrefix(raw, []byte(`"http`)) {
			continue
		}
		if link, ok := scalarText(raw); ok && isLink(link) {
			e.Links[name] = link
		}
	}
	if e.Self != "" && !isLink(e.Self) && f.err == nil {
		f.err = fmt.Errorf("%w: %s: want an absolute URI, got %q", access.ErrMalformed, f.at("self"), e.Self)
	}
	if e.ID == "" {
		e.ID = e.RestID
	}
	return e
}

func isLink(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
