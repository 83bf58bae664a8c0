package fault

import "errors"

var (
	// ErrNotAvailable: this environment cannot do it; nothing was done.
	ErrNotAvailable = errors.New("not available here")
	// ErrDidNotBite: the fault was injected and its effect could not be shown. It has been taken back.
	ErrDidNotBite = errors.New("did not bite")
	// ErrNotHealed: it cannot be shown that the fault is gone; the text names what is left.
	ErrNotHealed = errors.New("not healed")
	// ErrTouchedOthers: something that the fault has no business with changed while it was injected.
	ErrTouchedOthers = errors.New("touched what is not its own")
)
