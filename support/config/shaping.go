package config

import (
	"os"
	"reflect"
	"slices"
	"strings"
)

// Shaping returns the settings that were set and that decide what a run does, as NAME=value: those that somebody needs who
// repeats it. Left out are secrets, addresses and names of data centers, which stay where they are, folders and files, what
// the terminal shows, and the seed.
func Shaping() []string {
	var list []string
	for _, leaf := range leaves(&Config{}) {
		value, set := os.LookupEnv(leaf.name)
		if !set || !leaf.shapes() {
			continue
		}
		list = append(list, leaf.name+"="+value)
	}
	return list
}

func (l leaf) shapes() bool {
	for _, group := range []string{"_DC1", "_DC2", "_ENDPOINT", "_RELAY"} {
		if strings.HasPrefix(l.prefix, Prefix+group) {
			return false
		}
	}
	unit := l.field.Tag.Get("unit")
	return l.field.Type != reflect.TypeFor[Secret]() && unit != "path" && unit != "URL" && !slices.Contains([]string{Prefix + "_SEED", Prefix + "_RUN_ID", Prefix + "_TABLE"}, l.name)
}

// ReportsFolder is where the reports go, known even where the other settings are wrong.
func ReportsFolder() string { return known("Reports") }

// ShowsTable reports whether the last suite prints the table of results, known even where the other settings are wrong.
func ShowsTable() bool { return known("Table") != "never" }

// known is the value of a field of Config that is set, or its default, without looking at any other.
func known(name string) string {
	if value := os.Getenv(Prefix + "_" + strings.ToUpper(name)); value != "" {
		return value
	}
	field, _ := reflect.TypeFor[Config]().FieldByName(name)
	return field.Tag.Get("default")
}
