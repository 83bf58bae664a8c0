package fault

import "context"

// NoOp does nothing and lets the whole environment be compared before and after: the control that shows what a drill
// reports when nothing happens.
func NoOp() Fault {
	return newFault("no-op", "", "nothing is done", Parameters{}, footprint{}, func(Fault, Environment) (action, string) {
		return noop{}, ""
	})
}

type noop struct{}

func (noop) prepare(context.Context) (string, error) { return "", nil }
func (noop) recall(string)                           {}
func (noop) act(context.Context) error               { return nil }
func (noop) bite(context.Context) (string, error)    { return "", nil } // the comparison is the evidence
func (noop) heal(context.Context) error              { return nil }
func (noop) gone(context.Context) (string, error)    { return "nothing had been done", nil }
