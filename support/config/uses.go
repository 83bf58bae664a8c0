package config

import (
	"math"
	"strings"
	"time"
)

// RandomSeed reports whether the seed was drawn for this run rather than given.
func (c *Config) RandomSeed() bool { return c.drawn }

// Objectives returns the objectives in force, in toolkit time, and how they follow from the toolkit's configuration
// where they were not given.
func (c *Config) Objectives() Objectives { return c.objectives() }

// Objectives are the bounds that a run is judged by.
type Objectives struct {
	RTO        time.Duration // toolkit time from the fault until the survivor serves
	RPO        time.Duration // toolkit time of traffic that may be lost
	Derivation string        // one sentence with the numbers
}

// Wall converts toolkit time into wall time.
func (c *Config) Wall(toolkit time.Duration) time.Duration {
	return time.Duration(math.Round(float64(toolkit) / c.Speedup))
}

// Sites returns the two data centers in order.
func (c *Config) Sites() [2]Site { return [2]Site{c.DC1, c.DC2} }

// Uses reports whether an indicator, by the toolkit client's name ("status stream") or as configured ("status-stream"),
// may be used.
func (c *Config) Uses(indicator string) bool {
	indicator = strings.ReplaceAll(indicator, " ", "-")
	for _, name := range c.Indicators {
		if name == AllIndicators || name == indicator {
			return true
		}
	}
	return false
}
