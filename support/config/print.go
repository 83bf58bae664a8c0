package config

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// Value is one variable with the value in force, fit for a report.
type Value struct {
	Name   string // CROSSDC_SPEEDUP
	Value  string // secrets only say whether they are set
	Source string // "default" or "environment"
}

// Values lists every variable with the value in force, without secrets.
func (c *Config) Values() []Value {
	var list []Value
	for _, leaf := range leaves(c) {
		source := "default"
		if _, set := os.LookupEnv(leaf.name); set {
			source = "environment"
		}
		list = append(list, Value{Name: leaf.name, Value: leaf.text(), Source: source})
	}
	return list
}

func (l leaf) text() string {
	if list, ok := l.value.Interface().([]string); ok {
		return strings.Join(list, ",")
	}
	return fmt.Sprint(l.value.Interface())
}

// Redacted writes the values in force, one line each, without secrets.
func (c *Config) Redacted(w io.Writer) error {
	for _, value := range c.Values() {
		mark := ""
		if value.Source == "environment" {
			mark = "  (set)"
		}
		if _, err := fmt.Fprintf(w, "%s=%s%s\n", value.Name, value.Value, mark); err != nil {
			return fmt.Errorf("print the configuration: %w", err)
		}
	}
	return nil
}

// Print documents every variable: name, default, unit, what is allowed and what it is for.
func Print(w io.Writer) error {
	group := ""
	for _, leaf := range leaves(&Config{}) {
		var out strings.Builder
		if leaf.prefix != group {
			group = leaf.prefix
			fmt.Fprintf(&out, "\n# %s_*\n", group)
		}
		fmt.Fprintf(&out, "%s=%s\n    %s.", leaf.name, leaf.field.Tag.Get("default"), leaf.field.Tag.Get("doc"))
		if unit := leaf.field.Tag.Get("unit"); unit != "" {
			fmt.Fprintf(&out, " Unit: %s.", unit)
		}
		fmt.Fprintf(&out, " Allowed: %s.", leaf.allowed())
		if leaf.secret() {
			fmt.Fprintf(&out, " Never printed; also from %s_FILE.", leaf.name)
		}
		if _, err := fmt.Fprintln(w, out.String()); err != nil {
			return fmt.Errorf("print the documentation of the configuration: %w", err)
		}
	}
	return nil
}
