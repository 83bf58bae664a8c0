package environment

import (
	"context"
	"errors"
	"fmt"
	"syscall"
)

// Listeners are a data center's toolkit listeners as they were seen to answer: the positive control of everything that is said
// about listeners which do not.
type Listeners struct {
	name      string
	addresses []string
}

// Listeners asks each toolkit listener of a data center, and returns those that answer when all do. errors.ErrUnsupported says
// that they cannot be reached from here; any other error, which of them does not answer and how.
func (e *Environment) Listeners(ctx context.Context, dc *DataCenter) (Listeners, error) {
	if dc.reach.Toolkit == "" {
		return Listeners{}, fmt.Errorf("%s: its toolkit listener cannot be reached from here (CROSSDC_DC1_TOOLKIT_HOST, CROSSDC_DC2_TOOLKIT_HOST): %w", dc.Name(), errors.ErrUnsupported)
	}
	found := Listeners{name: dc.Name()}
	for offset := 0; offset <= e.settings.Toolkit.Pairs; offset++ {
		address := toolkitListener(dc.reach.Toolkit, e.settings.Toolkit.Port, offset)
		if err := probeListener(ctx, address); err != nil {
			return Listeners{}, fmt.Errorf("%s was not seen to listen at %s: %w", dc.Name(), address, err)
		}
		found.addresses = append(found.addresses, address)
	}
	return found, nil
}

// Refusal is what became of listeners that had answered. At most one field is set; none is when each refuses connections.
type Refusal struct {
	Open error // one still answers, or leaves its peer hanging
	// Unclear: one fails in another way than a closed listener does, such as a name that is not found or a missing route.
	Unclear error
}

// Refuse asks each of the listeners again. Only a connection that is refused shows that nobody listens any more.
func (l Listeners) Refuse(ctx context.Context) Refusal {
	for _, address := range l.addresses {
		err := probeListener(ctx, address)
		var answered *answeredError
		switch {
		case errors.Is(err, syscall.ECONNREFUSED):
		case err == nil, errors.As(err, &answered):
			return Refusal{Open: fmt.Errorf("%s still answers at %s", l.name, address)}
		case ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded):
			return Refusal{Open: fmt.Errorf("%s neither answers nor refuses at %s: %w", l.name, address, err)}
		default:
			return Refusal{Unclear: fmt.Errorf("%s does not refuse connections at %s: %w", l.name, address, err)}
		}
	}
	return Refusal{}
}
