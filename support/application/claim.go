package application

import "slices"

// Claim is something that scenarios say of an application beyond what the toolkit shows of itself.
type Claim int

// The claims. Which level carries which is in one table, see Claims.
const (
	// Tuples: the counters that the file names under serving go on as before, whoever sends what they count.
	Tuples Claim = iota
	// Service: events of ours are served, since when and at what rate.
	Service
	// Through: an event of ours goes through a data center at a given moment.
	Through
	// Loss: how many acknowledged events were lost, at most and at least.
	Loss
	// OwnEvents: each event of a given data center was kept.
	OwnEvents
	// Once: no event is processed twice by one data center, out of order, or changed on its way.
	Once
	// Served: when the survivor first served an event of the lost data center, event by event.
	Served
	// State: what is in the state after a takeover, a return or a loss of memory.
	State
)

// Carried is one row of the table of claims.
type Carried struct {
	Claim Claim
	From  Level  // the lowest level that carries it
	What  string // the claim in words, as "whether ..."
	Lacks string // why a lower level does not carry it, as a clause
}

// claims is the table: what each level carries.
var claims = []Carried{
	{Tuples, Indicated, "whether operators named under `serving` count tuples, against the minutes before", "no counter is named under serving"},
	{Service, Counted, "whether events are served, since when and at what rate", "nothing of ours is sent"},
	{Through, Counted, "whether an event goes through each data center", "nothing of ours is sent"},
	{Loss, Counted, "how many events were lost", "nothing of ours is sent"},
	{OwnEvents, Numbered, "whether the survivor kept every event of its own", "results carry no numbers"},
	{Once, Numbered, "whether events are processed once, in order and unchanged", "results carry no numbers"},
	{Served, Numbered, "which result was the first of the lost data center's events", "results carry no numbers"},
	{State, Stated, "what the application's state holds, and whether what was handed over is in it", "the application cannot be asked for its state"},
}

// Claims lists what is claimed, with the lowest level that carries it.
func Claims() []Carried { return slices.Clone(claims) }

// Carries reports whether failovers at this level can be held against a claim.
func (l Level) Carries(c Claim) bool {
	row, known := c.row()
	return known && l >= row.From
}

// anonymous reports whether results come out of one place for both data centers and do not say who processed their event.
func (d *Description) anonymous() bool {
	return d.Results != nil && d.Results.Shared && d.Results.By == ""
}

// Carries reports whether failovers of the application can be held against a claim. Events whose results do not reach us are not measured by
// them, and counters that are not named are not read.
func (d *Description) Carries(c Claim) bool {
	level := d.Level()
	switch {
	case c == Tuples:
		return len(d.Serving) > 0
	case c == Through && d.anonymous():
		return false
	}
	return level.Carries(c) && (level != Counted || d.Results != nil)
}

// NotSaid says in one sentence what is not said of the application, where it does not carry the claim.
func (d *Description) NotSaid(c Claim) string {
	row, _ := c.row()
	switch {
	case c == Tuples:
	case c == Through && d.anonymous() && d.Level() > Indicated:
		row.Lacks = "results do not say who processed their event"
	case d.Level() == Indicated && row.From < Stated:
		row.Lacks = "nothing of ours is sent"
	case d.Level() == Counted && d.Results == nil && row.From < Stated:
		row.Lacks = "no result reaches us"
	}
	return row.notSaid()
}

// LeftOut says in one sentence what is not said at a level that does not carry the claim.
func (c Claim) LeftOut() string {
	row, _ := c.row()
	return row.notSaid()
}

func (row Carried) notSaid() string { return "Not judged: " + row.What + " (" + row.Lacks + ")." }

func (c Claim) row() (Carried, bool) {
	i := slices.IndexFunc(claims, func(row Carried) bool { return row.Claim == c })
	if i < 0 {
		return Carried{}, false
	}
	return claims[i], true
}
