package strictyaml

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// anotherKind is how the YAML library says that a value is of another kind than the struct wants.
var anotherKind = regexp.MustCompile("^cannot unmarshal !!(\\S+?)(?: `(.*)`)? into (.+)$")

// mistaken words an error of the YAML library about one value: where it stands, what is wanted and what is there.
func (d *Document) mistaken(line int, text string) string {
	found := anotherKind.FindStringSubmatch(text)
	if found == nil {
		return text
	}
	there := map[string]string{"seq": "a list", "map": "keys with values", "null": "nothing"}[found[1]]
	if there == "" {
		there = fmt.Sprintf("%.60q", found[2])
	}
	text = fmt.Sprintf("%s; want %s", there, wanted(found[3]))
	if key := d.keyOf(line, found[1], found[2]); key != "" {
		text = key + ": " + text
	}
	return text
}

// wanted is a Go type in the words of somebody who writes the file.
func wanted(of string) string {
	of = strings.TrimLeft(of, "*")
	switch {
	case of == "string":
		return "a text"
	case of == "bool":
		return "true or false"
	case strings.HasPrefix(of, "int") || strings.HasPrefix(of, "uint"):
		return "a whole number"
	case strings.HasPrefix(of, "float"):
		return "a number"
	case strings.HasPrefix(of, "[]"):
		return "a list"
	}
	return "keys with values"
}

// keyOf finds the key whose value the YAML library complained of: it tells the line and how the value begins.
func (d *Document) keyOf(line int, tag, begins string) string {
	begins = strings.TrimSuffix(begins, "...")
	for _, key := range slices.Sorted(maps.Keys(d.nodes)) {
		n := d.nodes[key]
		if n.Line == line && strings.TrimPrefix(n.ShortTag(), "!!") == tag && (n.Kind != yaml.ScalarNode || strings.HasPrefix(n.Value, begins)) {
			return strings.TrimPrefix(key, "/")
		}
	}
	return ""
}

var unmarshaler = reflect.TypeFor[yaml.Unmarshaler]()

// rounded refuses numbers that the YAML library rounds: what is written 3.5 where a whole number is wanted is no 3.
func (d *Document) rounded(at string, n *yaml.Node, t reflect.Type) (problems []error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if n.Kind == yaml.DocumentNode {
		return d.rounded(at, n.Content[0], t)
	}
	if reflect.PointerTo(t).Implements(unmarshaler) {
		return nil // it reads its value itself
	}
	switch t.Kind() {
	case reflect.Struct:
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if field, ok := fieldOf(t, n.Content[i].Value); ok {
				problems = append(problems, d.rounded(at+"/"+n.Content[i].Value, n.Content[i+1], field)...)
			}
		}
	case reflect.Map:
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			problems = append(problems, d.rounded(at+"/"+n.Content[i].Value, n.Content[i+1], t.Elem())...)
		}
	case reflect.Slice:
		for i := 0; n.Kind == yaml.SequenceNode && i < len(n.Content); i++ {
			problems = append(problems, d.rounded(fmt.Sprintf("%s/%d", at, i), n.Content[i], t.Elem())...)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!float" {
			problems = append(problems, d.Wrong(strings.TrimPrefix(at, "/"), "%q; want a whole number", n.Value))
		}
	default:
	}
	return problems
}

// fieldOf is the type of the field that a key fills.
func fieldOf(t reflect.Type, key string) (reflect.Type, bool) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if options == "inline" {
			if inner, ok := fieldOf(field.Type, key); ok {
				return inner, true
			}
		} else if name == key && key != "" {
			return field.Type, true
		}
	}
	return nil, false
}
