package config

import (
	"os"
	"reflect"
	"strings"
)

// Shaping returns the settings that were set and that decide what a run does, as NAME=value: those that somebody needs who
// repeats it. Left out are secrets, addresses and names of data centers, which stay where they are, folders and files, and
// the seed.
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
	return l.field.Type != reflect.TypeFor[Secret]() && unit != "path" && unit != "URL" && l.name != Prefix+"_SEED" && l.name != Prefix+"_RUN_ID"
}

// ReportsFolder is where the reports go, known even where the other settings are wrong.
func ReportsFolder() string {
	if folder := os.Getenv(Prefix + "_REPORTS"); folder != "" {
		return folder
	}
	field, _ := reflect.TypeFor[Config]().FieldByName("Reports")
	return field.Tag.Get("default")
}
