package store

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/crossdc/failover/reports/model"
)

var (
	outcomes = vocabulary()
	verdicts = []model.Verdict{"", model.Met, model.Missed, model.Inconclusive, model.NotApplicable}
)

// vocabulary is every outcome there is.
func vocabulary() []model.Outcome {
	var all []model.Outcome
	for _, m := range model.Outcomes() {
		all = append(all, m.Outcome)
	}
	return all
}

// Validate checks what types alone cannot: the schema, an ID, vocabularies, finite numbers, intervals the right way round.
// The error names the first field that is wrong, e.g. `scenarios[3].measures.detection.latest_s: NaN is not a number`. An
// empty outcome is allowed: the scenario has not finished.
func Validate(run model.Run) error {
	if !model.Readable(run.Schema) {
		return unknownSchema(run.Schema)
	}
	if strings.TrimSpace(run.ID) == "" {
		return fmt.Errorf("id: empty, and without it files of several suites cannot be put together")
	}
	if p := check(reflect.ValueOf(run)); p != nil {
		return fmt.Errorf("%s: %s", strings.TrimPrefix(p.path, "."), p.text)
	}
	return nil
}

var (
	causeType    = reflect.TypeFor[model.CauseKind]()
	intervalType = reflect.TypeFor[model.Interval]()
	outcomeType  = reflect.TypeFor[model.Outcome]()
	verdictType  = reflect.TypeFor[model.Verdict]()
)

// problem is what is wrong; its path grows on the way out, so that nothing is spent on values that are right.
type problem struct{ path, text string }

func (p *problem) below(path string) *problem {
	if p != nil {
		p.path = path + p.path
	}
	return p
}

func check(v reflect.Value) *problem {
	switch v.Kind() {
	case reflect.String:
		switch v.Type() {
		case outcomeType:
			if !slices.Contains(outcomes, model.Outcome(v.String())) {
				return &problem{text: fmt.Sprintf("%q is not one of %s", v.String(), words(named(outcomes)))}
			}
		case causeType:
			if !model.CauseKind(v.String()).Known() {
				return &problem{text: fmt.Sprintf("%q is not a kind of cause", v.String())}
			}
		case verdictType:
			if !slices.Contains(verdicts, model.Verdict(v.String())) {
				return &problem{text: fmt.Sprintf("%q is not one of %s", v.String(), words(named(verdicts)))}
			}
		}
	case reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return &problem{text: fmt.Sprintf("%v is not a number that can be stored", f)}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return check(v.Elem())
		}
	case reflect.Slice:
		if elem := v.Type().Elem(); elem.Kind() == reflect.String && elem != outcomeType && elem != verdictType {
			return nil
		}
		for i := range v.Len() {
			if p := check(v.Index(i)); p != nil {
				return p.below(fmt.Sprintf("[%d]", i))
			}
		}
	case reflect.Struct:
		return checkStruct(v)
	default:
	}
	return nil
}

func checkStruct(v reflect.Value) *problem {
	t := v.Type()
	if t == intervalType {
		if earliest, latest := v.Field(0).Int(), v.Field(1).Int(); earliest > latest {
			return &problem{text: fmt.Sprintf("earliest %d ns is after latest %d ns", earliest, latest)}
		}
		return nil
	}
	for i := range v.NumField() {
		switch v.Field(i).Kind() {
		case reflect.String, reflect.Float64, reflect.Pointer, reflect.Slice, reflect.Struct:
		default:
			continue // nothing to check
		}
		field := t.Field(i)
		if !field.IsExported() {
			continue
		}
		if p := check(v.Field(i)); p != nil {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			return p.below("." + name)
		}
	}
	return nil
}

// named is a vocabulary without the empty word.
func named[T ~string](list []T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(word T) bool { return word == "" })
}

func unknownSchema(schema int) error {
	return fmt.Errorf("schema: %d is not known here, only %d to %d; read it with the version of this suite that wrote it",
		schema, model.OldestSchema, model.SchemaVersion)
}

func words[T ~string](list []T) string {
	quoted := make([]string, len(list))
	for i, w := range list {
		quoted[i] = fmt.Sprintf("%q", w)
	}
	return strings.Join(quoted, ", ")
}
