package roster

import "slices"

// catalogue is every label of the scenarios that this module exports; make catalogue writes it, a test compares it with their
// sources.
var catalogue = []string{
	"Q1",
	"Q10",
	"Q17",
	"Q22",
	"Q31",
	"S01",
	"S02",
	"S03",
	"S04",
	"S05",
	"S06",
	"S07",
	"S08",
	"S09",
	"S10",
	"S11",
	"S12",
	"S15",
	"S16",
	"S17",
	"S18",
	"S19",
	"S20",
	"S21",
	"S22",
	"S24",
	"S25",
	"S26",
	"S27",
	"S37",
	"S38",
	"S54",
	"S55",
	"active-active",
	"active-passive",
	"control",
	"degradation",
	"endurance",
	"fast",
	"lifecycle",
	"outage",
	"partition",
	"planned",
	"preflight",
	"replication",
	"slow",
	"soak",
}

// Catalogue returns every label of the scenarios that this module exports, in whichever suite they are.
func Catalogue() []string { return slices.Clone(catalogue) }
