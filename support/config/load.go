package config

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/kelseyhightower/envconfig"
)

// Load reads the process's environment variables. Its error joins every problem found: each names the variable, its
// value (never a secret's) and what is allowed; it is a *Refused.
func Load() (*Config, error) {
	c := &Config{}
	var problems []Problem
	unread := map[string]bool{} // nothing more is said of a variable than that it cannot be read
	for _, leaf := range leaves(c) {
		if problem := leaf.read(); problem != nil {
			problems = append(problems, *problem)
			unread[problem.Variable] = true
			leaf.fallBack()
		}
	}
	problems = append(problems, unknown(os.Environ())...)
	problems = append(problems, c.readSecretFiles()...)
	problems = append(problems, c.readApplication()...)
	problems = append(problems, slices.DeleteFunc(c.validate(), func(p Problem) bool { return unread[p.Variable] })...)
	if len(problems) > 0 {
		return nil, &Refused{Problems: problems}
	}
	c.settle()
	return c, nil
}

// settle replaces the zeros that stand for a derived value.
func (c *Config) settle() {
	if c.Speedup == 0 {
		c.Speedup = c.Kind().Speedup
	}
	for c.Seed == 0 {
		c.Seed = rand.Int64()
		c.drawn = true
	}
	for i, site := range []*Site{&c.DC1, &c.DC2} {
		if site.Name == "" {
			site.Name = fmt.Sprintf("dc%d", i+1)
		}
	}
}

// DefaultSpeedup is the speedup of embedded environments.
const DefaultSpeedup = 60

// leaf is one variable.
type leaf struct {
	name   string // CROSSDC_DC1_ROOT
	prefix string // CROSSDC_DC1
	field  reflect.StructField
	value  reflect.Value
}

// leaves lists every variable of the tree in the order of the struct. The names come from envconfig's own rules: see
// TestNamesAreThoseOfEnvconfig.
func leaves(c *Config) []leaf {
	var list []leaf
	var walk func(prefix string, structure reflect.Value)
	walk = func(prefix string, structure reflect.Value) {
		for i := range structure.NumField() {
			field := structure.Type().Field(i)
			if !field.IsExported() {
				continue
			}
			name := prefix + "_" + variable(field)
			if field.Type.Kind() == reflect.Struct && field.Type != reflect.TypeFor[Secret]() {
				walk(name, structure.Field(i))
				continue
			}
			list = append(list, leaf{name: name, prefix: prefix, field: field, value: structure.Field(i)})
		}
	}
	walk(Prefix, reflect.ValueOf(c).Elem())
	return list
}

// read lets envconfig fill this one variable. One at a time, because envconfig stops at the first error and all
// errors are wanted at once.
func (l leaf) read() *Problem {
	single := reflect.New(reflect.StructOf([]reflect.StructField{l.field}))
	err := envconfig.Process(l.prefix, single.Interface())
	if err == nil {
		l.value.Set(single.Elem().Field(0))
		return nil
	}
	if _, set := os.LookupEnv(l.name); !set {
		return &Problem{l.name, fmt.Sprintf("%s: %v", l.name, err)}
	}
	refused := l.refuse(os.Getenv(l.name), "allowed: "+l.allowed())
	return &refused
}

// nobodys is a prefix of variables that nobody sets.
const nobodys = "DEFAULT_OF_CROSSDC"

// fallBack gives a variable that could not be read its default, so that what depends on it is not complained of as well.
func (l leaf) fallBack() {
	single := reflect.New(reflect.StructOf([]reflect.StructField{l.field}))
	if err := envconfig.Process(nobodys, single.Interface()); err == nil {
		l.value.Set(single.Elem().Field(0))
	}
}

// refuse is the problem of one variable with its value, or without when it is a secret.
func (l leaf) refuse(value, why string) Problem {
	return Problem{l.name, fmt.Sprintf("%s=%s: %s", l.name, l.shown(value), why)}
}

// shown is a value as errors and listings may show it.
func (l leaf) shown(value string) string {
	if l.secret() && value != "" {
		return redacted
	}
	if strings.Contains(l.field.Tag.Get("unit"), "URL") {
		return withoutCredentials(value)
	}
	return fmt.Sprintf("%q", value)
}

func (l leaf) secret() bool { return l.field.Type == reflect.TypeFor[Secret]() }

// allowed says in words what the type takes.
func (l leaf) allowed() string {
	if list := choices(l.field.Tag.Get("allow")); list != nil {
		return strings.Join(list, ", ")
	}
	switch l.value.Interface().(type) {
	case bool:
		return "true or false"
	case fmt.Stringer: // time.Duration and Secret
		if l.secret() {
			return "any text"
		}
		return "a duration with its unit such as 30s, 2m30s or 0s"
	}
	switch l.value.Kind() {
	case reflect.Uint8:
		return "a whole number from 0 to 255"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number such as 60 or 0.5"
	default:
		return "text"
	}
}
