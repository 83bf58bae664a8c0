package config

import (
	"fmt"
	"io"
)

// Secret is a value that never prints itself: every way of formatting or encoding shows only whether it is set.
type Secret struct{ value string }

// NewSecret wraps a value.
func NewSecret(value string) Secret { return Secret{value: value} }

// Reveal returns the value, for the one place that sends it.
func (s Secret) Reveal() string { return s.value }

// IsSet reports whether there is a value.
func (s Secret) IsSet() bool { return s.value != "" }

// Set takes the value as it stands; envconfig calls it.
func (s *Secret) Set(value string) error {
	s.value = value
	return nil
}

const redacted = "(set, not shown)"

// String says whether the secret is set.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return redacted
}

// Format shows the same for every verb: %d or %x would otherwise walk into the struct.
func (s Secret) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, s.String()) // a State has nowhere to report an error to
}

// MarshalText keeps encoders from showing the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
