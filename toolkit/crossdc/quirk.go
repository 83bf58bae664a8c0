package crossdc

import "slices"

// Quirk is a behaviour of the real toolkit that a user would not expect (toolkit contract 7). The state machines of this
// package keep every one that lives in them, because they are what a failover test must find.
type Quirk struct {
	Number  string // as in the contract, "Q1"
	Title   string // what happens, in one sentence
	Effect  string // what it means for somebody who operates the application
	Visible string // how it shows in production
	Remedy  string // which setting or operation avoids it, or what to do once it happened
}

// Quirks is the table of all of them, in the contract's order.
func Quirks() []Quirk {
	return slices.Concat(availabilityQuirks(), shutdownQuirks(), stateQuirks(), storageQuirks(), smallTraps())
}

// QuirkOf returns the row of one number, such as "Q12"; ok is false when the contract has no such number.
func QuirkOf(number string) (q Quirk, ok bool) {
	quirks := Quirks()
	i := slices.IndexFunc(quirks, func(q Quirk) bool { return q.Number == number })
	if i < 0 {
		return Quirk{}, false
	}
	return quirks[i], true
}
