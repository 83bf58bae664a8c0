package main

import (
	"errors"
	"slices"
	"testing"
)

// A survey that could not look is not one that found nothing.
func TestASurveyThatCannotLookSaysSo(t *testing.T) {
	there := func() (survey, error) { return survey{{mountTrace, "", "mount /data of 8:1 / ro"}}, nil }
	gone := func() (survey, error) { return nil, nil }
	blind := func() (survey, error) { return nil, errors.New("too many open files") }
	part := func() (survey, error) {
		return survey{{mountTrace, "", "mount /data of 8:1 / ro"}}, errors.New("too many open files")
	}
	said := "not listed: mounts: too many open files"
	for name, c := range map[string]struct {
		before, after func() (survey, error)
		want          []string
	}{
		"nothing is left":             {gone, gone, nil},
		"something is left":           {gone, there, []string{"+ mount /data of 8:1 / ro"}},
		"it cannot look afterwards":   {gone, blind, []string{"+ " + said}},
		"it could not look before":    {blind, gone, []string{"- " + said}},
		"it can look at part of it":   {there, part, []string{"+ " + said}},
		"the kernel has no such list": {blind, blind, nil},
	} {
		before, after := surveyOf([]listing{{"mounts", c.before}}), surveyOf([]listing{{"mounts", c.after}})
		d := difference(before, after, func(trace) bool { return false })
		if !slices.Equal(d.Foreign, c.want) || len(d.Ours) > 0 {
			t.Errorf("%s: %q, want %q", name, d.Foreign, c.want)
		}
	}
}
