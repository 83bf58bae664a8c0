package crossdc

import (
	"errors"
	"fmt"
)

// Source is where a toolkit reads its configuration from (toolkit contract 2.1).
type Source struct {
	Application string            // "<namespace>::<MainComposite>", in front of "_<key>" in the property names
	Properties  map[string]string // application configuration CrossDCFailover of the instance; nil if there is none
	FileName    string            // configFileName; "" for none
	// ReadFile reads FileName, once; the toolkit reads it once per key. An error, or a nil function, silently keeps
	// the properties and defaults, as in the toolkit.
	ReadFile func(name string) ([]byte, error)
	// HTTPSenderReceiverPairs is the submission-time value numberOfHttpSenderReceiverPairs; 0 means its default, 1.
	HTTPSenderReceiverPairs int32
}

// ApplicationConfigurationName is the instance-level application configuration that holds the properties.
const ApplicationConfigurationName = "CrossDCFailover"

// Load resolves every key as the toolkit does, bugs included: the first matching line of the file, else the property,
// else the code default; then the cast to the key's SPL type. The error joins one *CastError per value at which the
// real processing element would fail to start; those keys keep their code default.
func Load(s Source) (Config, error) {
	c := CodeDefaults()
	if s.HTTPSenderReceiverPairs != 0 {
		c.HTTPSenderReceiverPairs = s.HTTPSenderReceiverPairs
	}
	file := s.file()
	var errs []error
	for _, key := range Keys() {
		value, origin, line, found := s.resolve(file, key.Name)
		if !found {
			continue
		}
		if err := cast(value, key.value(&c)); err != nil {
			errs = append(errs, &CastError{Key: key.Name, Value: key.shown(value), Type: key.Type, Origin: origin, Line: line, Err: err})
		}
	}
	return c, errors.Join(errs...)
}

// file is the content of the configuration file, or nil.
func (s Source) file() []byte {
	if s.FileName == "" || s.ReadFile == nil {
		return nil
	}
	content, err := s.ReadFile(s.FileName)
	if err != nil {
		return nil // silently, as the toolkit
	}
	return content
}

func (s Source) resolve(file []byte, key string) (value, origin string, line int, found bool) {
	if value, line := lookup(file, key); line > 0 {
		return value, "configuration file " + s.FileName, line, true
	}
	name := s.Application + "_" + key
	value, found = s.Properties[name]
	return value, "property " + name, 0, found
}

// CastError is a value that SPL cannot cast to the type of its key: the processing element fails at construction.
type CastError struct {
	Key    string
	Value  string // without secrets
	Type   string // SPL type
	Origin string // "configuration file <name>" or "property <name>"
	Line   int    // of the configuration file; 0 for a property
	Err    error
}

func (e *CastError) Error() string {
	origin := e.Origin
	if e.Line > 0 {
		origin += fmt.Sprintf(", line %d", e.Line)
	}
	return fmt.Sprintf("cast %s = %q from %s to %s: %v; allowed is %s; the toolkit's processing element would not start", e.Key, e.Value, origin, e.Type, e.Err, allowed(e.Type))
}

// allowed says what can be cast to a type.
func allowed(splType string) string {
	switch splType {
	case "boolean":
		return "true or false, in lower case"
	case "uint8":
		return "a whole number from 0 to 255, without a unit"
	case "int32":
		return "a whole number, without a unit"
	case "float64":
		return "a decimal number such as 30.0, without a unit"
	}
	return "any text"
}

// Unwrap returns what is wrong with the value.
func (e *CastError) Unwrap() error { return e.Err }
