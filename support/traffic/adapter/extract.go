package adapter

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Extractor finds one value in a result's bytes.
type Extractor struct {
	rule string
	find func(raw []byte) ([]byte, error)
}

// NewExtractor reads a rule:
//
//	json:/order/id       JSON pointer (RFC 6901) to a string, number or boolean; json: alone is the whole document
//	csv:3                column, counted from 1; csv:3;  csv:3|  csv:3\t name the separator, without one it is a comma
//	regexp:id=(\d+)      first group of the first match (RE2), or the whole match where there is no group
func NewExtractor(rule string) (*Extractor, error) {
	kind, where, _ := strings.Cut(rule, ":")
	x := &Extractor{rule: rule}
	var err error
	switch kind {
	case "json":
		x.find, err = pointer(where)
	case "csv":
		x.find, err = column(where)
	case "regexp":
		x.find, err = expression(where)
	default:
		err = errors.New("give json:<JSON pointer>, csv:<column> or regexp:<expression>")
	}
	if err != nil {
		return nil, fmt.Errorf("rule %q of what to find in a result: %w", rule, err)
	}
	return x, nil
}

// String gives the rule.
func (x *Extractor) String() string { return x.rule }

// Text finds the value as text. The error says what was looked for and begins of what it was looked for in.
func (x *Extractor) Text(raw []byte) (string, error) {
	found, err := x.find(raw)
	if err != nil {
		return "", fmt.Errorf("find %s in result %.60q: %w", x.rule, raw, err)
	}
	return string(found), nil
}

// Number finds the value as a whole number between 0 and 2^64-1; every digit counts, so that 12.0 and 1e3 are none.
func (x *Extractor) Number(raw []byte) (uint64, error) {
	found, err := x.find(raw)
	if err != nil {
		return 0, fmt.Errorf("find %s in result %.60q: %w", x.rule, raw, err)
	}
	number, err := strconv.ParseUint(string(bytes.TrimSpace(found)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("find %s in result %.60q: %.30q is no whole number", x.rule, raw, found)
	}
	return number, nil
}

// pointerSteps reads a JSON pointer.
func pointerSteps(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	if text[0] != '/' {
		return nil, errors.New("a JSON pointer is empty or begins with /")
	}
	var steps []string
	for step := range strings.SplitSeq(text[1:], "/") {
		if err := checkStep(step); err != nil {
			return nil, err
		}
		steps = append(steps, strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~"))
	}
	return steps, nil
}

// pointer follows a JSON pointer.
func pointer(text string) (func([]byte) ([]byte, error), error) {
	steps, err := pointerSteps(text)
	if err != nil {
		return nil, err
	}
	return func(raw []byte) ([]byte, error) {
		value, err := follow(raw, steps)
		if err != nil {
			return nil, err
		}
		switch value[0] {
		case '"':
			var s string
			if err := json.Unmarshal(value, &s); err != nil {
				return nil, err
			}
			return []byte(s), nil
		case '{', '[', 'n':
			return nil, fmt.Errorf("there is %.20s, no string, number or boolean", value)
		}
		return value, nil
	}, nil
}

func checkStep(step string) error {
	for i := 0; i < len(step); i++ {
		if step[i] == '~' && (i+1 == len(step) || step[i+1] != '0' && step[i+1] != '1') {
			return errors.New("in a JSON pointer ~ is written ~0 and / is written ~1")
		}
	}
	return nil
}

// follow gives the value that the steps lead to; it is never empty.
func follow(raw []byte, steps []string) (json.RawMessage, error) {
	value := json.RawMessage(bytes.TrimSpace(raw))
	if !json.Valid(value) {
		return nil, errors.New("it is not JSON")
	}
	for _, step := range steps {
		switch value[0] {
		case '{':
			var fields map[string]json.RawMessage
			if err := json.Unmarshal(value, &fields); err != nil {
				return nil, err
			}
			next, ok := fields[step]
			if !ok {
				return nil, fmt.Errorf("there is no field %q", step)
			}
			value = next
		case '[':
			var items []json.RawMessage
			if err := json.Unmarshal(value, &items); err != nil {
				return nil, err
			}
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || strconv.Itoa(i) != step || i >= len(items) {
				return nil, fmt.Errorf("there is no element %q among %d", step, len(items))
			}
			value = items[i]
		default:
			return nil, fmt.Errorf("there is %.20s where %q is looked for", value, step)
		}
	}
	return value, nil
}

// column reads one CSV column.
func column(text string) (func([]byte) ([]byte, error), error) {
	digits := strings.TrimRight(text, ",;|\t ")
	separator := strings.TrimPrefix(text, digits)
	if cut, ok := strings.CutSuffix(digits, `\t`); ok {
		digits, separator = cut, "\t"
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > 10000 || len(separator) > 1 {
		return nil, errors.New(`give a column from 1 to 10000, and a separator behind it unless it is a comma: 3, 3; 3| or 3\t`)
	}
	comma := ','
	if separator != "" {
		comma, _ = utf8.DecodeRuneInString(separator)
	}
	return func(raw []byte) ([]byte, error) {
		r := csv.NewReader(bytes.NewReader(raw))
		r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, true
		record, err := r.Read()
		if err != nil {
			return nil, fmt.Errorf("it is not CSV: %w", err)
		}
		if len(record) < n {
			return nil, fmt.Errorf("it has %d columns", len(record))
		}
		return []byte(record[n-1]), nil
	}, nil
}

// expression takes the first group of the first match.
func expression(text string) (func([]byte) ([]byte, error), error) {
	if text == "" {
		return nil, errors.New("the expression is empty")
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	if re.NumSubexp() > 1 {
		return nil, fmt.Errorf("it has %d groups: give one, and (?:...) for the others", re.NumSubexp())
	}
	return func(raw []byte) ([]byte, error) {
		match := re.FindSubmatch(raw)
		if match == nil {
			return nil, errors.New("nothing matches")
		}
		return match[len(match)-1], nil
	}, nil
}
