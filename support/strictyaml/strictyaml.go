// Package strictyaml reads one YAML document into a struct and refuses what the struct does not have: every problem is an *Error with
// file, line and what is allowed, all of them joined.
//
// It imports nothing of ours.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// MaxFile bounds a file, in bytes.
const MaxFile = 1 << 20

// Error is something that is wrong in a file.
type Error struct {
	File string
	Line int // 1-based; 0 where it is the whole file
	Text string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
}

// Kind is what a file is, for its errors.
type Kind struct {
	Name  string // "scenario"
	Needs string // keys that it cannot do without, in words: "id, words, faults and checks"
}

// Document is a file that was read.
type Document struct {
	file  string
	lines map[string]int        // of the keys and list items, by their path
	nodes map[string]*yaml.Node // their values
}

// unknownKey is how the YAML library names a key that the struct does not have.
var unknownKey = regexp.MustCompile(`^line (\d+): field (\S+) not found in type (\S+)$`)

// Decode fills into, a pointer to a struct with yaml tags, from data.
func (k Kind) Decode(file string, data []byte, into any) (*Document, error) {
	d := &Document{file: file, lines: map[string]int{}, nodes: map[string]*yaml.Node{}}
	if len(data) > MaxFile {
		return d, &Error{file, 0, fmt.Sprintf("it has more than the %d bytes that a %s may have", MaxFile, k.Name)}
	}
	if problem := unreadable(file, data); problem != nil {
		return d, problem
	}
	var root yaml.Node
	documents := yaml.NewDecoder(bytes.NewReader(data))
	if err := documents.Decode(&root); err != nil {
		return d, k.explain(d, data, err, into)
	}
	var more yaml.Node
	if err := documents.Decode(&more); !errors.Is(err, io.EOF) {
		return d, &Error{file, more.Line, fmt.Sprintf("more than one document: give each %s a file of its own", k.Name)}
	}
	if problems := indirect(file, &root); len(problems) > 0 {
		return d, errors.Join(problems...)
	}
	d.locate("", &root)
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return d, k.explain(d, data, err, into)
	}
	return d, errors.Join(d.rounded("", &root, reflect.TypeOf(into))...)
}

// explain turns what the YAML library says into one line for each thing, with what is allowed.
func (k Kind) explain(d *Document, data []byte, err error, into any) error {
	file := d.file
	var typed *yaml.TypeError
	if !errors.As(err, &typed) {
		if errors.Is(err, io.EOF) {
			return &Error{file, 0, fmt.Sprintf("it is empty: a %s needs %s", k.Name, k.Needs)}
		}
		return broken(file, data, err)
	}
	var problems []error
	for _, text := range typed.Errors {
		line := 0
		if found := unknownKey.FindStringSubmatch(text); found != nil {
			fmt.Sscan(found[1], &line)
			text = fmt.Sprintf("unknown key %q; allowed here: %s", found[2], strings.Join(keysOf(reflect.TypeOf(into), found[3]), ", "))
		} else if n, _ := fmt.Sscanf(text, "line %d:", &line); n == 1 {
			_, text, _ = strings.Cut(text, ": ")
			text = d.mistaken(line, text)
		}
		problems = append(problems, &Error{file, line, text})
	}
	return errors.Join(problems...)
}

// locate notes on which line each key and each item of a list stands.
func (d *Document) locate(at string, n *yaml.Node) {
	switch n.Kind {
	case yaml.DocumentNode:
		for _, child := range n.Content {
			d.locate(at, child)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := at + "/" + n.Content[i].Value
			d.lines[key], d.nodes[key] = n.Content[i].Line, n.Content[i+1]
			d.locate(key, n.Content[i+1])
		}
	case yaml.SequenceNode:
		for i, child := range n.Content {
			key := fmt.Sprintf("%s/%d", at, i)
			d.lines[key], d.nodes[key] = child.Line, child
			d.locate(key, child)
		}
	}
}

// Has reports whether the file has a key such as "hosts/0/user".
func (d *Document) Has(key string) bool { return d.lines["/"+key] > 0 }

// Wrong is an error at a key such as "hosts/0/user", or at the nearest one around it that the file has.
func (d *Document) Wrong(key, format string, values ...any) error {
	at := "/" + key
	for at != "" && d.lines[at] == 0 {
		at = at[:strings.LastIndexByte(at, '/')]
	}
	return &Error{d.file, d.lines[at], key + ": " + fmt.Sprintf(format, values...)}
}

// keysOf lists the keys of the struct of that name that a file of this type consists of.
func keysOf(t reflect.Type, name string) (keys []string) {
	seen := map[reflect.Type]bool{}
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			visit(t.Elem())
			return
		case reflect.Struct:
		default:
			return
		}
		if seen[t] {
			return
		}
		seen[t] = true
		for i := range t.NumField() {
			if t.String() == name {
				keys = append(keys, keysIn(t.Field(i))...)
			}
			visit(t.Field(i).Type)
		}
	}
	visit(t)
	slices.Sort(keys)
	return keys
}

// keysIn are the keys that a field takes: its own, or those of a struct that is written inline.
func keysIn(field reflect.StructField) (keys []string) {
	key, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
	if options == "inline" {
		for i := range field.Type.NumField() {
			keys = append(keys, keysIn(field.Type.Field(i))...)
		}
	} else if key != "" && key != "-" {
		keys = append(keys, key)
	}
	return keys
}
