package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// MaxBytes bounds a policy.
const MaxBytes = 1 << 20

// counts are whole numbers: the decoder would cut off what comes after the point without a word.
var counts = map[string]bool{"version": true, "trials.minimum": true, "regression.minimum_runs": true}

const maxDepth = 8 // levels of the document; a policy has five

// Parse reads a policy; file is its name in messages. Unknown keys, wrong types, values that are given but empty,
// contradictions, anchors and aliases, and a second document are errors that name the line and what is allowed.
func Parse(file string, data []byte) (Policy, error) {
	p := Policy{file: file, lines: map[string]int{}}
	if len(data) > MaxBytes {
		return p, fmt.Errorf("%s: larger than %d bytes", p.Where(), MaxBytes)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return p, fmt.Errorf("%s: the policy is empty: it must at least have version and required", p.Where())
	case err != nil:
		return p, fmt.Errorf("%s: not YAML: %w", p.Where(), err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return p, fmt.Errorf("%s: the policy has more than one document: only the first would count", p.Where())
	}
	if err := p.note(&document, nil); err != nil {
		return p, err
	}
	strict := yaml.NewDecoder(bytes.NewReader(data))
	strict.KnownFields(true)
	if err := strict.Decode(&p); err != nil {
		return p, fmt.Errorf("%s: %w", p.Where(), explain(err))
	}
	p.defaults()
	return p, p.check()
}

// note writes down where every key stands. What would make the same text mean something else elsewhere (anchors, aliases,
// merge keys) and keys without a value, which would be taken for keys that are left out, are errors.
func (p *Policy) note(n *yaml.Node, key []string) error {
	at := func(format string, args ...any) error {
		return fmt.Errorf("%s, line %d: %s", p.Where(), n.Line, fmt.Sprintf(format, args...))
	}
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return at("anchors and aliases are not allowed: write the value out")
	case len(key) > maxDepth:
		return at("nested more than %d deep", maxDepth)
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null":
		if len(key) == 0 {
			return fmt.Errorf("%s: the policy is empty: it must at least have version and required", p.Where())
		}
		return at("%s: has no value: give it one, or leave the key out", strings.Join(key, "."))
	case n.ShortTag() == "!!float" && counts[strings.Join(key, ".")]:
		return at("%s: %s is not a whole number", strings.Join(key, "."), n.Value)
	case n.Kind == yaml.DocumentNode:
		for _, child := range n.Content {
			if err := p.note(child, key); err != nil {
				return err
			}
		}
	case n.Kind == yaml.SequenceNode:
		for i, child := range n.Content {
			if err := p.note(child, append(key[:len(key):len(key)], fmt.Sprint(i))); err != nil {
				return err
			}
		}
	case n.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			name, value := n.Content[i], n.Content[i+1]
			if name.Kind != yaml.ScalarNode || name.Value == "<<" {
				return at("%q cannot be a key", name.Value)
			}
			inside := append(key[:len(key):len(key)], name.Value)
			if _, twice := p.lines[path(inside...)]; !twice { // twice is said by the decoder, with both lines
				p.lines[path(inside...)] = name.Line
			}
			if err := p.note(value, inside); err != nil {
				return err
			}
		}
	}
	if len(key) > 0 && p.lines[path(key...)] == 0 {
		p.lines[path(key...)] = n.Line
	}
	return nil
}

func (p *Policy) defaults() {
	yes := true
	if p.Control == nil {
		p.Control = &yes
	}
	if p.SameRun == nil {
		p.SameRun = &yes
	}
	if p.MaximumAge == 0 {
		p.MaximumAge = Duration(24 * time.Hour)
	}
	if !p.has("trials", "minimum") {
		p.Trials.Minimum = 1
	}
	if !p.has("trials", "confidence") {
		p.Trials.Confidence = 95
	}
	r := p.Regression
	if r == nil {
		return
	}
	for key, set := range map[string]func(){
		"measure": func() { r.Measure = "recovery" }, "alpha": func() { r.Alpha = 0.05 }, "maximum": func() { r.Maximum = 10 },
		"minimum_runs": func() { r.MinimumRuns = 8 }, "too_few_means": func() { r.TooFew = "note" },
	} {
		if !p.has("regression", key) {
			set()
		}
	}
}

var unknown = regexp.MustCompile(`(?m)^(.*line (\d+): )field (.+) not found in type (\S+)$`)

// explain adds to YAML's complaint about an unknown key what is allowed in its place.
func explain(err error) error {
	text := unknown.ReplaceAllStringFunc(err.Error(), func(s string) string {
		m := unknown.FindStringSubmatch(s)
		for _, t := range []any{Policy{}, Objective{}, Trials{}, Faults{}, Regression{}} {
			if reflect.TypeOf(t).String() == m[4] {
				return fmt.Sprintf("%sunknown key %q; allowed here: %s", m[1], m[3], strings.Join(keys(t), ", "))
			}
		}
		return s
	})
	return errors.New(text)
}

func keys(v any) []string {
	var out []string
	for i := range reflect.TypeOf(v).NumField() {
		if name := reflect.TypeOf(v).Field(i).Tag.Get("yaml"); name != "" {
			out = append(out, name)
		}
	}
	return out
}
