package config

import (
	"slices"
	"strings"

	"github.com/crossdc/failover/toolkit"
)

// Kind is one kind of environment, as far as the meaning of settings depends on it. How it is opened is the other half of
// the table, in support/environment; a test holds the two against each other.
type Kind struct {
	Name    string
	Speedup float64 // toolkit seconds per wall second, unless CROSSDC_SPEEDUP gives another
	// Emulated says that the run starts the data centers and ends with them: they need no addresses and no logins, they are
	// configured by us, and nothing of them outlives the run.
	Emulated bool
	// Hosts says that the hosts of both data centers are reached over SSH, besides their URLs.
	Hosts bool
}

// Kinds of environment. A new one adds its line here, and the settings that it needs to Config.
func Kinds() []Kind {
	return []Kind{
		{Name: Embedded, Speedup: DefaultSpeedup, Emulated: true},
		{Name: Remote, Speedup: 1},
		{Name: Hosts, Speedup: 1, Hosts: true},
	}
}

// Kind of the environment that the run is aimed at. A name that Load would refuse is a kind of its own: nothing of it is emulated.
func (c *Config) Kind() Kind {
	for _, kind := range Kinds() {
		if kind.Name == c.Environment {
			return kind
		}
	}
	return Kind{Name: c.Environment, Speedup: 1}
}

// kindNames are the names that CROSSDC_ENVIRONMENT takes.
func kindNames() []string {
	var names []string
	for _, kind := range Kinds() {
		names = append(names, kind.Name)
	}
	return names
}

// indicatorWords are what CROSSDC_INDICATORS takes.
func indicatorWords() []string {
	words := []string{AllIndicators}
	for _, way := range toolkit.Ways() {
		if !way.Fixed {
			words = append(words, way.Name.Word())
		}
	}
	return words
}

// choices are the values that an allow tag lists, or those of the table that it names; nil where everything is allowed.
func choices(tag string) []string {
	switch tag {
	case "":
		return nil
	case "(kinds)":
		return kindNames()
	case "(indicators)":
		return indicatorWords()
	}
	return slices.Clip(strings.Split(tag, "|"))
}
