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
	outcomes = []model.Outcome{"", model.Passed, model.Failed, model.OutcomeInconclusive, model.HazardReproduced, model.Skipped,
		model.Pending, model.Panicked, model.TimedOut, model.Interrupted}
	verdicts = []model.Verdict{"", model.Met, model.Missed, model.Inconclusive, model.NotApplicable}
)

// Validate checks what types alone cannot: the schema, an ID, vocabularies, finite numbers, intervals the right way round.
// The error names the first field that is wrong, e.g. `scenarios[3].measures.detection.latest_s: NaN is not a number`. An
// empty outcome is allowed: the scenario has not finished.
func Validate(run model.Run) error {
	if run.Schema != model.SchemaVersion {
		return fmt.Errorf("schema: %d is not known here, only %d", run.Schema, model.SchemaVersion)
	}
	if strings.TrimSpace(run.ID) == "" {
		return fmt.Errorf("id: empty, and without it files of several suites cannot be put together")
	}
	return check(reflect.ValueOf(run), "")
}

var intervalType = reflect.TypeFor[model.Interval]()

func check(v reflect.Value, path string) error {
	switch value := v.Interface().(type) {
	case model.Outcome:
		if !slices.Contains(outcomes, value) {
			return fmt.Errorf("%s: %q is not one of %s", path, value, words(outcomes[1:]))
		}
		return nil
	case model.Verdict:
		if !slices.Contains(verdicts, value) {
			return fmt.Errorf("%s: %q is not one of %s", path, value, words(verdicts[1:]))
		}
		return nil
	}
	switch v.Kind() {
	case reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("%s: %v is not a number that can be stored", path, f)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return check(v.Elem(), path)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.String && v.Type().Elem() == reflect.TypeFor[string]() {
			return nil
		}
		for i := range v.Len() {
			if err := check(v.Index(i), fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		if v.Type() == intervalType {
			if i := v.Interface().(model.Interval); i.Earliest > i.Latest {
				return fmt.Errorf("%s: earliest %d ns is after latest %d ns", path, i.Earliest, i.Latest)
			}
			return nil
		}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() {
				continue
			}
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if path != "" {
				name = path + "." + name
			}
			if err := check(v.Field(i), name); err != nil {
				return err
			}
		}
	default:
	}
	return nil
}

func words[T ~string](list []T) string {
	quoted := make([]string, len(list))
	for i, w := range list {
		quoted[i] = fmt.Sprintf("%q", w)
	}
	return strings.Join(quoted, ", ")
}
