// Package propose makes the first draft of an application file out of what two live data centers say of their jobs. It proposes what was
// seen, marks what it guessed, and says in comments what it could not find and what would raise the level. It asks nobody: what it needs
// is an environment.Inventory of each side.
//
// It may import support/application and support/environment; support/application/init uses it.
package propose

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/crossdc/failover/support/environment"
)

// ErrNoToolkit says that no job has the toolkit's composite in it.
var ErrNoToolkit = errors.New("no job with the Cross-DC Failover toolkit in it was found")

// chosen is the application's job at each side; nil where a side has none.
type chosen struct {
	application string
	invocation  string
	sides       [2]*environment.JobInventory
	names       [2]string
}

// The operators by which the toolkit's composite is known (toolkit contract 3.2).
const (
	beacon   = "HeartbeatSignalGenerator"
	watchdog = "RemoteDataCenterHeartbeatWatchdog"
)

// Draft is the text of an application file for the job of that name, or of the application of that name; with an empty name the only job
// that has the toolkit in it. ErrNoToolkit: there is none. Any other error names the jobs among which one must be chosen.
func Draft(sides [2]environment.Inventory, job string) (string, error) {
	c, err := choose(sides, job)
	if err != nil {
		return "", err
	}
	w := &writer{}
	w.head(c, sides)
	w.endpoints(c, sides)
	w.traffic(c)
	w.serving(c)
	return w.text.String(), nil
}

// choose finds the job at both sides.
func choose(sides [2]environment.Inventory, job string) (chosen, error) {
	type candidate struct{ application, invocation string }
	found := map[candidate]*chosen{}
	var listed, order []string
	for i, side := range sides {
		for n := range side.Jobs {
			j := &side.Jobs[n]
			text := fmt.Sprintf("%s (%s, in %s)", j.Name, j.Application, side.DataCenter)
			if j.Problem != "" {
				text += " which could not be read whole: " + j.Problem
			}
			listed = append(listed, text)
			invocation := invocationOf(*j)
			if invocation == "" || job != "" && job != j.Name && job != j.Application {
				continue
			}
			key := candidate{j.Application, invocation}
			if found[key] == nil {
				found[key] = &chosen{application: j.Application, invocation: invocation}
				order = append(order, fmt.Sprintf("%s (%s)", j.Name, j.Application))
			}
			if other := found[key].sides[i]; other != nil {
				return chosen{}, fmt.Errorf("%s runs %s twice, as %s and as %s: name the job that is meant", side.DataCenter, j.Application, other.Name, j.Name)
			}
			found[key].sides[i] = j
		}
	}
	switch len(found) {
	case 0:
		if len(listed) == 0 {
			listed = []string{"no job at all"}
		}
		what := "operators " + beacon + " and " + watchdog + " of one composite"
		if job != "" {
			what += ", in a job or application named " + job
		}
		return chosen{}, fmt.Errorf("%w: looked for %s; there is: %s", ErrNoToolkit, what, strings.Join(listed, "; "))
	case 1:
		for _, c := range found {
			c.names = [2]string{sides[0].DataCenter, sides[1].DataCenter}
			return *c, nil
		}
	}
	slices.Sort(order)
	return chosen{}, fmt.Errorf("%d applications have the toolkit in them: %s: name the job that is meant", len(found), strings.Join(order, ", "))
}

// invocationOf is the name under which a job invokes the toolkit's composite; empty where it does not. Operators of a parallel region
// carry their channel behind their name.
func invocationOf(job environment.JobInventory) string {
	watched := map[string]bool{}
	for _, o := range job.Operators {
		if prefix, is := strings.CutSuffix(o.Name, "."+watchdog); is {
			watched[prefix] = true
		}
	}
	for _, o := range job.Operators {
		if prefix, is := strings.CutSuffix(o.Name, "."+beacon); is && watched[prefix] {
			return prefix
		}
	}
	return ""
}

// either is the job of the first side that has it.
func (c chosen) either() *environment.JobInventory {
	if c.sides[0] != nil {
		return c.sides[0]
	}
	return c.sides[1]
}

// fragments is how many fragments answer one signal, by the counters of a side: what its senders were given for each signal that it gave
// (toolkit contract 3.2); 0 where they do not tell.
func (c chosen) fragments() (fragments int, why string) {
	for i, job := range c.sides {
		if job == nil {
			continue
		}
		var signals, snapshots int64
		for _, o := range job.Operators {
			switch name, inside := strings.CutPrefix(o.Name, c.invocation+"."); {
			case inside && name == "HeartbeatMessagePreparer":
				signals = tuples(o.Output, 2)
			case inside && strings.HasPrefix(name, "CrossDataCenterSender2"):
				snapshots += tuples(o.Input, 0)
			}
		}
		if signals == 0 {
			continue
		}
		fragments = int((snapshots + signals/2) / signals)
		if off := snapshots - int64(fragments)*signals; fragments > 0 && off <= int64(fragments) && off >= -int64(fragments) {
			return fragments, fmt.Sprintf("%s: %d snapshots for %d signals", c.names[i], snapshots, signals)
		}
		why = fmt.Sprintf("%s sent %d snapshots for %d signals, which is no whole number each", c.names[i], snapshots, signals)
	}
	if why == "" {
		why = "no snapshot was asked for yet, or its counters are not offered"
	}
	return 0, why
}

func tuples(ports []environment.PortCount, index int) int64 {
	for _, p := range ports {
		if p.Index == index {
			return p.Tuples
		}
	}
	return 0
}
