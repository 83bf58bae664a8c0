package application

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"
)

// longest bounds every length: ten days.
const longest = 240 * time.Hour

// UnmarshalYAML reads a time such as 90s.
func (l *Length) UnmarshalYAML(n *yaml.Node) error {
	d, err := time.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || d <= 0 || d > longest {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: %q is no length: want a time above 0 such as 90s or 2m, at most %s", n.Line, n.Value, longest)}}
	}
	*l = Length(d)
	return nil
}

// Time is the length.
func (l Length) Time() time.Duration { return time.Duration(l) }
