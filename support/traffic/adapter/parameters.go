package adapter

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

// Kind says how a parameter's text is read.
type Kind int

// Kinds of parameters.
const (
	Text      Kind = iota
	Number         // a whole number, 0 or more
	Duration       // a Go duration: 500ms, 2s
	Switch         // true or false
	File           // path of a file that must be readable
	Secret         // path of a file that holds a secret: its text, without the line end
	URL            // address of an HTTP endpoint
	Address        // host:port
	Addresses      // host:port, several separated by commas
	Listen         // host:port of our own, where port 0 is a free one
	Lines          // texts, one a line
)

// Parameter is one value that an adapter takes.
type Parameter struct {
	Name     string
	Doc      string // one sentence, with the unit
	Way      Way    // which ways take it
	Kind     Kind
	Required bool
	Default  string   // in the form in which it would be given
	Allowed  []string // the texts that are allowed; empty: any of the kind
	// Least and Most bound a Number; Most 0: what 31 bits hold.
	Least, Most uint64
}

// Values are parameters by name, as the application file gives them.
type Values map[string]string

// Parameter gives the parameter of a name.
func (a Adapter) Parameter(name string) (Parameter, bool) {
	i := slices.IndexFunc(a.Parameters, func(p Parameter) bool { return p.Name == name })
	if i < 0 {
		return Parameter{}, false
	}
	return a.Parameters[i], true
}

// Check says what is wrong with the values of one way, naming the parameter, its value and what is allowed. Files must be there.
func (a Adapter) Check(way Way, values Values) error {
	return a.check(way, values, func(p Parameter, text string) error {
		if err := p.form(text); err != nil {
			return err
		}
		return p.readable(text)
	})
}

// CheckForm is Check as far as the values alone tell: no file is looked at, and a value with ${ in it, which is filled in later, is
// not looked into.
func (a Adapter) CheckForm(way Way, values Values) error {
	return a.check(way, values, func(p Parameter, text string) error {
		if strings.Contains(text, "${") {
			return nil
		}
		return p.form(text)
	})
}

func (a Adapter) check(way Way, values Values, one func(Parameter, string) error) error {
	var names []string
	for _, p := range a.Parameters {
		if p.Way&way != 0 {
			names = append(names, p.Name)
		}
	}
	for _, name := range sortedNames(values) {
		if !slices.Contains(names, name) {
			return fmt.Errorf("parameter %q is unknown to the adapter %s here: it takes %s", name, a.Name, strings.Join(names, ", "))
		}
	}
	for _, p := range a.Parameters {
		if p.Way&way == 0 {
			continue
		}
		text, given := values[p.Name]
		if !given || text == "" {
			if p.Required {
				return fmt.Errorf("parameter %q is missing: %s", p.Name, p.Doc)
			}
			continue
		}
		if err := one(p, text); err != nil {
			return fmt.Errorf("parameter %q: %w", p.Name, err)
		}
	}
	return nil
}

func sortedNames(values Values) []string {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (p Parameter) form(text string) error {
	if len(p.Allowed) > 0 && !slices.Contains(p.Allowed, text) {
		return fmt.Errorf("%q is not allowed: give %s", text, strings.Join(p.Allowed, ", "))
	}
	switch p.Kind {
	case Number:
		most := p.Most
		if most == 0 {
			most = 1<<31 - 1
		}
		if n, err := strconv.ParseUint(text, 10, 31); err != nil || n < p.Least || n > most {
			return fmt.Errorf("%q is no whole number between %d and %d", text, p.Least, most)
		}
	case Duration:
		if d, err := time.ParseDuration(text); err != nil || d <= 0 {
			return fmt.Errorf("%q is no duration above 0, such as 500ms or 2s", text)
		}
	case Switch:
		if text != "true" && text != "false" {
			return fmt.Errorf("%q is neither true nor false", text)
		}
	case URL:
		return checkURL(text)
	case Address:
		return checkAddress(text, 1)
	case Addresses:
		return checkAddresses(text)
	case Listen:
		return checkAddress(text, 0)
	case Text, File, Secret, Lines:
	}
	return nil
}

// readable asks whether the file of a parameter can be read; of other kinds nothing is asked.
func (p Parameter) readable(text string) error {
	if p.Kind != File && p.Kind != Secret {
		return nil
	}
	file, err := os.Open(text)
	if err != nil {
		return fmt.Errorf("the file cannot be read: %w", err)
	}
	return file.Close()
}

// filled gives the values with the defaults of what is not given.
func (a Adapter) filled(values Values) Values {
	out := make(Values, len(a.Parameters))
	for _, p := range a.Parameters {
		if out[p.Name] = values[p.Name]; out[p.Name] == "" {
			out[p.Name] = p.Default
		}
	}
	return out
}

// The readers below are for values that were checked and filled.

func (v Values) number(name string) int {
	n, _ := strconv.Atoi(v[name])
	return n
}

func (v Values) duration(name string) time.Duration {
	d, _ := time.ParseDuration(v[name])
	return d
}

func (v Values) on(name string) bool { return v[name] == "true" }

func (v Values) lines(name string) []string { return split(v[name], "\n") }

func split(text, by string) []string {
	var out []string
	for part := range strings.SplitSeq(text, by) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// secret reads the file of a secret; an absent one is the zero secret.
func (v Values) secret(name string) (access.Secret, error) {
	path := v[name]
	if path == "" {
		return access.Secret{}, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return access.Secret{}, fmt.Errorf("parameter %q: read the file of the secret: %w", name, err)
	}
	secret := access.NewSecret(strings.TrimRight(string(text), "\r\n"))
	if secret.IsZero() {
		return secret, fmt.Errorf("parameter %q: the file %s is empty", name, path)
	}
	return secret, nil
}
