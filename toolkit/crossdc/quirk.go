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
	// Command is the way out of what it left, to be typed as it stands but for what is in capital letters; empty where no command ends it.
	Command string
	Note    string // what is to know of the command, or why there is none
}

// Quirks is the table of all of them, in the contract's order.
func Quirks() []Quirk {
	ways := waysOut()
	var all []Quirk
	for _, r := range slices.Concat(availabilityQuirks(), shutdownQuirks(), stateQuirks(), storageQuirks(), smallTraps()) {
		way := ways[r.number]
		all = append(all, Quirk{Number: r.number, Title: r.title, Effect: r.effect, Visible: r.visible, Remedy: r.remedy, Command: way.command, Note: way.note})
	}
	return all
}

// row is a quirk without the way out of what it leaves.
type row struct{ number, title, effect, visible, remedy string }

// QuirkOf returns the row of one number, such as "Q12"; ok is false when the contract has no such number.
func QuirkOf(number string) (q Quirk, ok bool) {
	quirks := Quirks()
	i := slices.IndexFunc(quirks, func(q Quirk) bool { return q.Number == number })
	if i < 0 {
		return Quirk{}, false
	}
	return quirks[i], true
}
