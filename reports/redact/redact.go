// Package redact takes secrets out of a run before it is written anywhere: a password that a driver printed must not
// reach JUnit, JSON or HTML, whichever field it ended up in. It imports nothing of this module but the result model.
package redact

import (
	"encoding/base64"
	"net/url"
	"reflect"
	"sort"
	"strings"

	"github.com/crossdc/failover/reports/model"
)

// Mask stands where a secret was.
const Mask = "[redacted]"

// shortest is the shortest secret that is searched for: masking every "a" would destroy the report and hide nothing.
const shortest = 4

// Secrets returns a function that masks every occurrence of the given secrets, as they are, URL-escaped, and inside the
// Basic authorization header they would make with any of the given users. Secrets shorter than four bytes are ignored.
func Secrets(users, secrets []string) func(string) string {
	forms := map[string]bool{}
	for _, secret := range secrets {
		if len(secret) < shortest {
			continue
		}
		forms[secret] = true
		forms[url.QueryEscape(secret)] = true
		forms[url.PathEscape(secret)] = true
		forms[base64.StdEncoding.EncodeToString([]byte(secret))] = true
		for _, user := range users {
			forms[base64.StdEncoding.EncodeToString([]byte(user+":"+secret))] = true
		}
	}
	ordered := make([]string, 0, len(forms))
	for form := range forms {
		ordered = append(ordered, form)
	}
	// Longest first, so that a secret that contains another one leaves nothing of itself behind.
	sort.Slice(ordered, func(i, j int) bool {
		if len(ordered[i]) != len(ordered[j]) {
			return len(ordered[i]) > len(ordered[j])
		}
		return ordered[i] < ordered[j]
	})
	pairs := make([]string, 0, 2*len(ordered))
	for _, form := range ordered {
		pairs = append(pairs, form, Mask)
	}
	replacer := strings.NewReplacer(pairs...)
	return replacer.Replace
}

// Run returns a copy of run in which mask went over every free text: names, reasons, outputs, evidence, map values. Fixed
// vocabulary (outcomes, verdicts), map keys, and what identifies the run and its families stay. A nil mask copies nothing.
func Run(run model.Run, mask func(string) string) model.Run {
	if mask == nil {
		return run
	}
	out := walk(reflect.ValueOf(run), mask).Interface().(model.Run)
	out.ID, out.Suites = run.ID, run.Suites
	for i := range out.Scenarios {
		out.Scenarios[i].ID, out.Scenarios[i].Family = run.Scenarios[i].ID, run.Scenarios[i].Family
	}
	return out
}

func walk(v reflect.Value, mask func(string) string) reflect.Value {
	switch v.Kind() {
	case reflect.String:
		if v.Type() != reflect.TypeFor[string]() {
			return v // a vocabulary of its own
		}
		return reflect.ValueOf(mask(v.String()))
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type().Elem())
		out.Elem().Set(walk(v.Elem(), mask))
		return out
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(walk(v.Index(i), mask))
		}
		return out
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeMapWithSize(v.Type(), v.Len())
		for _, key := range v.MapKeys() {
			out.SetMapIndex(key, walk(v.MapIndex(key), mask))
		}
		return out
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		out.Set(v) // also what is not exported, as in time.Time
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(walk(v.Field(i), mask))
			}
		}
		return out
	default:
		return v
	}
}
