package config

import "strings"

// Problem is one variable whose value is not allowed, or a relation between variables that is not.
type Problem struct {
	Variable string // CROSSDC_RTO
	Text     string // names the variable, its value (never a secret's) and what is allowed
}

// Error says what is wrong.
func (p Problem) Error() string { return p.Text }

// Refused is the error of Load: every problem of the settings at once.
type Refused struct{ Problems []Problem }

// Error lists the problems, one a line.
func (r *Refused) Error() string {
	lines := make([]string, len(r.Problems))
	for i, p := range r.Problems {
		lines[i] = p.Text
	}
	return "read the configuration (" + Prefix + "_* variables): " + strings.Join(lines, "\n")
}

// Unwrap gives the problems one by one.
func (r *Refused) Unwrap() []error {
	list := make([]error, len(r.Problems))
	for i, p := range r.Problems {
		list[i] = p
	}
	return list
}
