package main

import (
	"path/filepath"
	"strings"
)

// Where a bug is may be followed by a space and the name of a description in described: the application is then described by it, so that
// failovers are accounted for at its level. A place that begins with the space is that of a control.
const (
	byIndicators = " indicated"
	byCounters   = " watched"
	byCounts     = " counted"
	byNumbers    = " numbered"
)

// described is where descriptions are that places name, from the module.
const described = "support/application/examples"

// place is the data center that a bug is switched on at, or senses, and the file that describes the application; empty: none does.
func (p proof) place() (at, file string) {
	at, name, found := strings.Cut(p.at, " ")
	if found {
		file = filepath.Join(described, name+".yaml")
	}
	return at, file
}

// levelControls are the specs that judge an application at every level, with nothing broken.
var levelControls = []proof{
	{suite: "outage", id: "S03", at: byIndicators},
	{suite: "outage", id: "S03", at: byCounters},
	{suite: "outage", id: "S03", at: byCounts},
	{suite: "outage", id: "S03", at: byNumbers},
	{suite: "preflight", id: "control", at: byIndicators},
	{suite: "preflight", id: "control", at: byCounts},
	{suite: "preflight", id: "control", at: byNumbers},
}

// levelProofs are bugs that must show at each level that carries what they break.
var levelProofs = []proof{
	{"never-notices", "dc2" + byIndicators, "outage", "S03", detection, "the survivor never declares DOWN, and nothing of ours is sent"},
	{"never-notices", "dc2" + byCounts, "outage", "S03", detection, "the survivor never declares DOWN, and results are only counted"},
	{"never-notices", "dc2" + byNumbers, "outage", "S03", detection, "the survivor never declares DOWN, and its state cannot be asked for"},
	{"idles-while-down", "dc2" + byCounters, "outage", "S03", served, "the survivor processes nothing while its peer is DOWN, and only its counters tell"},
	{"loses-acknowledged-events", "dc1" + byCounts, "preflight", "control", noLoss, "accepted events are forgotten, and results are only counted"},
	{"loses-acknowledged-events", "dc1" + byNumbers, "preflight", "control", noLoss, "accepted events are forgotten, and give no result"},
	{"serves-events-twice", "dc1" + byNumbers, "preflight", "control", noLoss, "events are processed twice, and give two results"},
	{"reorders-events", "dc1" + byNumbers, "preflight", "control", noLoss, "events are processed out of order, as their results show"},
}
