package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// The two expressions by which envconfig splits a field name into words (envconfig.go, gatherInfo).
var (
	words    = regexp.MustCompile("([^A-Z]+|[A-Z]+[^A-Z]+|[A-Z]+)")
	acronyms = regexp.MustCompile("([A-Z]+)([A-Z][^A-Z]+)")
)

// variable is the last part of the variable's name for a field.
func variable(field reflect.StructField) string {
	if field.Tag.Get("split_words") != "true" {
		return strings.ToUpper(field.Name)
	}
	var parts []string
	for _, match := range words.FindAllString(field.Name, -1) {
		if split := acronyms.FindStringSubmatch(match); len(split) == 3 {
			parts = append(parts, split[1], split[2])
		} else {
			parts = append(parts, match)
		}
	}
	return strings.ToUpper(strings.Join(parts, "_"))
}

// unknown reports every variable with our prefix that is none of ours, with the nearest name that is.
func unknown(environ []string) []Problem {
	var names []string
	for _, leaf := range leaves(&Config{}) {
		names = append(names, leaf.name)
	}
	var problems []Problem
	slices.Sort(environ)
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, Prefix+"_") || slices.Contains(names, name) {
			continue
		}
		problems = append(problems, Problem{name, fmt.Sprintf("%s: unknown variable; did you mean %s? (`make config` lists all)", name, nearest(name, names))})
	}
	return problems
}

// nearest returns the name with the least edit distance, the first of equals.
func nearest(name string, names []string) string {
	best, least := "", -1
	for _, candidate := range names {
		if d := distance(name, candidate); least < 0 || d < least {
			best, least = candidate, d
		}
	}
	return best
}

// distance is the Levenshtein distance in bytes. Longer input is cut: a variable's name has no useful neighbour there.
func distance(a, b string) int {
	const limit = 128
	a, b = a[:min(len(a), limit)], b[:min(len(b), limit)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
