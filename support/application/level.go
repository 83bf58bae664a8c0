package application

import "fmt"

// Level is how exactly failovers of an application can be accounted for. A higher level carries everything that a lower one does.
type Level int

// The levels.
const (
	// Indicated: nothing of ours is sent. Detection and takeover are seen by the toolkit's indicators, service by operators' counters.
	Indicated Level = iota
	// Counted: events are sent, and results or tuples are counted without being told apart. Service and its rate are measured.
	Counted
	// Numbered: results carry the number of their event. Loss of events, duplicates, latency and order are measured.
	Numbered
	// Stated: state can be asked for. Loss of state is measured exactly.
	Stated
)

// String gives "level 2 (results carry numbers)".
func (l Level) String() string {
	switch l {
	case Indicated:
		return "level 0 (no traffic of ours)"
	case Counted:
		return "level 1 (results without numbers)"
	case Numbered:
		return "level 2 (results carry numbers)"
	case Stated:
		return "level 3 (state can be asked for)"
	}
	return fmt.Sprintf("level %d", int(l))
}

// Level is the level that the description allows.
func (d *Description) Level() Level {
	switch {
	case d.State == StateOfDrill:
		return Stated
	case d.Traffic == nil:
		return Indicated
	case d.Results == nil || d.Results.Number == "":
		return Counted
	}
	return Numbered
}

// Raise says in words what would raise the level by one; empty at the highest.
func (d *Description) Raise() string {
	switch d.Level() {
	case Indicated:
		return "describe under traffic how events go in, so that service is measured by events of ours"
	case Counted:
		return "let results carry the number of their event, put {{number}} into the template of an event, and say under results/number where the number stands"
	case Numbered:
		return "let the application answer for its state as the drill application does (endpoints control, state and takeover), and write state: drill"
	case Stated:
	}
	return ""
}

// LeftOut says in words, one sentence each, what cannot be said of the application at its level.
func (d *Description) LeftOut() (sentences []string) {
	level := d.Level()
	add := func(text string) { sentences = append(sentences, text) }
	if level < Stated {
		add("Loss of state is not measured: the application cannot be asked for its state, so an event counts as kept once its result was seen, even if a crash took what it left in the state.")
		if d.Endpoints.Takeover == "" {
			add("Which fragment was taken over is not told one by one: the application has no Takeover endpoint, so the toolkit's counters alone show the takeover.")
		}
	}
	if level < Numbered {
		add("Lost, duplicated and reordered events are not told apart: results carry no numbers.")
	}
	if level < Counted {
		add("Loss is not measured: no event of ours is sent.")
		if len(d.Serving) == 0 {
			add("Service and recovery are not measured: no operator's counter is named under serving.")
		}
	}
	if level == Counted && d.Results == nil {
		add("Loss is not measured: no result reaches us.")
		if len(d.Serving) == 0 {
			add("Service and recovery are not measured: no result reaches us, and no operator's counter is named under serving.")
		}
	}
	if !d.Carries(Service) && len(d.Serving) > 0 {
		add("Service is told by the counters under serving, against the minutes before: one event among them is not told from another.")
		if d.Reroutes != ReroutedByUpstream {
			add("Recovery is not measured: nothing sends the events of a lost data center to the other one (reroutes); that the other one goes on is judged.")
		}
	}
	if level == Counted && d.Results != nil {
		add("Loss is bounded by counts, each event being taken to give one result: as many results as events may hide a lost event behind a duplicate.")
	}
	if level >= Counted && level < Stated && d.Traffic != nil && !d.acknowledges() {
		add("Loss is an upper bound: the way in has no acknowledgement, so an event counts as sent once it has left us.")
	}
	return sentences
}
