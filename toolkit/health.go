package toolkit

import (
	"fmt"
	"strings"
	"time"
)

// jobMemory is the last state of the application's job.
type jobMemory struct {
	asked, answered time.Time
	gone            bool
	state           JobState
}

// healthy reports whether the job serves as it should.
func (j *jobMemory) healthy() bool {
	return !j.gone && strings.EqualFold(j.state.Status, "running") && strings.EqualFold(j.state.Health, "healthy")
}

// jobState takes in the state of the job; gone says that the instance answered and does not list it.
func (m *memory) jobState(state JobState, gone bool, asked, answered time.Time) []Change {
	old := m.job
	if old != nil && asked.Before(old.answered) { // they overlap: what this one shows may be older
		return nil
	}
	m.job = &jobMemory{asked: asked, answered: answered, gone: gone, state: state}
	delete(m.problems, JobHealth)
	if old == nil {
		return nil
	}
	change := func(event Event, subject, evidence string) Change {
		return Change{
			Site: m.site.Name, Indicator: JobHealth, Event: event, Subject: subject, Count: 1,
			Earliest: old.asked, Latest: answered, Evidence: evidence,
		}
	}
	var changes []Change
	job := func(event Event) {
		id, text := state.ID, state.Status+", "+state.Health
		if gone {
			id, text = old.state.ID, "not listed"
		}
		changes = append(changes, change(event, "job "+id, text))
	}
	switch {
	case gone && !old.gone:
		job(JobGone)
		return changes
	case gone:
		m.job.state = old.state
		return nil
	case !old.gone && old.state.ID != state.ID: // gone and submitted again between two looks
		changes = append(changes, change(JobGone, "job "+old.state.ID, "job "+state.ID+" is in its place"))
		if m.job.healthy() {
			job(JobRunning)
		}
	case m.job.healthy() && !old.healthy():
		job(JobRunning)
	case !m.job.healthy() && old.healthy():
		job(JobUnhealthy)
	}
	return append(changes, m.peChanges(old.state, state, change)...)
}

func (m *memory) peChanges(old, state JobState, change func(Event, string, string) Change) (changes []Change) {
	before := make(map[string]PEState, len(old.PEs))
	for _, pe := range old.PEs {
		before[pe.ID] = pe
	}
	for _, pe := range state.PEs {
		was, known := before[pe.ID]
		if !known {
			continue
		}
		subject := "pe " + pe.ID
		running, ran := strings.EqualFold(pe.Status, "running"), strings.EqualFold(was.Status, "running")
		replaced := pe.Launch != was.Launch || pe.Process != was.Process && pe.Process != "" && pe.Process != "0" && was.Process != "" && was.Process != "0"
		switch {
		case ran && !running:
			changes = append(changes, change(PEStopped, subject, fmt.Sprintf("%s, reason %s", pe.Status, pe.Reason)))
		case running && !ran && !replaced:
			changes = append(changes, change(PERunning, subject, fmt.Sprintf("launch %d, process %s", pe.Launch, pe.Process)))
		}
		if replaced {
			m.restarts++
			changes = append(changes, change(PERestarted, subject,
				fmt.Sprintf("launch %d -> %d, process %s -> %s", was.Launch, pe.Launch, was.Process, pe.Process)))
		}
		if running && !ran && replaced {
			changes = append(changes, change(PERunning, subject, fmt.Sprintf("launch %d, process %s", pe.Launch, pe.Process)))
		}
	}
	return changes
}

// instanceMemory is the last that was learned of the instance.
type instanceMemory struct {
	asked, answered time.Time
	unreachable     bool
	known           bool // state is valid
	state           InstanceState
}

// instanceState takes in an answer of the instance, or silence. Refused logins and bad certificates are neither and
// must not be fed in.
func (m *memory) instanceState(state InstanceState, silence error, asked, answered time.Time) []Change {
	old := m.instance
	if old != nil && asked.Before(old.answered) { // they overlap: what this one shows may be older
		return nil
	}
	next := &instanceMemory{asked: asked, answered: answered, unreachable: silence != nil, known: silence == nil, state: state}
	if silence != nil && old != nil {
		next.state, next.known = old.state, old.known
	}
	m.instance = next
	if silence == nil {
		delete(m.problems, InstanceHealth)
	}
	if old == nil {
		return nil
	}
	var changes []Change
	change := func(event Event, evidence string) {
		changes = append(changes, Change{
			Site: m.site.Name, Indicator: InstanceHealth, Event: event, Subject: m.site.Name, Count: 1,
			Earliest: old.asked, Latest: answered, Evidence: evidence,
		})
	}
	switch {
	case silence != nil && !old.unreachable:
		change(InstanceUnreachable, string(CauseOf(silence)))
	case silence == nil && old.unreachable:
		change(InstanceReachable, state.Status)
	}
	if silence != nil || !old.known {
		return changes
	}
	running, ran := strings.EqualFold(state.Status, "running"), strings.EqualFold(old.state.Status, "running")
	switch {
	case running && !ran:
		change(InstanceRunning, state.Status)
	case !running && ran:
		change(InstanceStopped, state.Status)
	}
	return changes
}
