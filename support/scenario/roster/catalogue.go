package roster

import "slices"

// catalogue is every label of the scenarios that this module exports; make catalogue writes it, a test compares it with their
// sources.
var catalogue = []string{
	"S01",
	"S03",
	"S04",
	"S05",
	"S06",
	"S07",
	"S08",
	"S10",
	"S11",
	"S12",
	"S15",
	"S16",
	"S20",
	"S37",
	"S55",
	"active-active",
	"active-passive",
	"control",
	"degradation",
	"endurance",
	"fast",
	"outage",
	"partition",
	"planned",
	"preflight",
	"replication",
	"slow",
}

// Catalogue returns every label of the scenarios that this module exports, in whichever suite they are.
func Catalogue() []string { return slices.Clone(catalogue) }
