package fault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The directions of the link, as a relay is told them; direction = who opens the connection. They go by place, whatever the two
// data centers are called.
const (
	ToDC2 = "dc1->dc2" // requests of the first data center to the second
	ToDC1 = "dc2->dc1"
)

// Directions of the link, both.
func Directions() []string { return []string{ToDC2, ToDC1} }

const (
	noProcess  = "its processes cannot be reached: the environment knows it by URL only"
	noSuchSide = "there is no data center %q; want %s or %s"
)

// sides returns the data center of that name, or nil with the reason.
func side(env Environment, name string) (DataCenter, string) {
	one, two := env.DataCenters()
	for _, dc := range []DataCenter{one, two} {
		if dc.Name() == name {
			return dc, ""
		}
	}
	return nil, fmt.Sprintf(noSuchSide, name, one.Name(), two.Name())
}

// managed binds a fault that needs the management API only; every environment has it.
func managed(name string, make func(DataCenter) action) func(Fault, Environment) (action, string) {
	return func(_ Fault, env Environment) (action, string) {
		dc, reason := side(env, name)
		if reason != "" {
			return nil, reason
		}
		return make(dc), ""
	}
}

// Submitter is a Management that may be unable to submit the application.
type Submitter interface {
	// CannotSubmit says why, or is empty.
	CannotSubmit() string
}

// resubmitted binds a fault that takes the job away, so that healing it submits the application again.
func resubmitted(name string, make func(DataCenter) action) func(Fault, Environment) (action, string) {
	bind := managed(name, make)
	return func(f Fault, env Environment) (action, string) {
		dc, reason := side(env, name)
		if reason != "" {
			return nil, reason
		}
		if submitter, ok := dc.Management().(Submitter); ok {
			if why := submitter.CannotSubmit(); why != "" {
				return nil, why
			}
		}
		return bind(f, env)
	}
}

// signalled binds a fault that needs the data center's processes.
func signalled(name string, make func(DataCenter) action, needs ...Deed) func(Fault, Environment) (action, string) {
	return func(f Fault, env Environment) (action, string) {
		dc, reason := side(env, name)
		switch {
		case reason != "":
			return nil, reason
		case dc.Processes() == nil:
			return nil, name + ": " + noProcess
		}
		if d, ok := dc.Processes().(Deadlined); ok {
			if why := d.Cannot(needs...); why != "" {
				return nil, why
			}
		}
		return make(bounded(dc, f.life())), ""
	}
}

// armed prepares what is done to processes where they can.
func armed(ctx context.Context, dc DataCenter, deed Deed) error {
	if d, ok := dc.Processes().(Deadlined); ok {
		return d.Arm(ctx, deed)
	}
	return nil
}

// serving succeeds when the data center answers and its application's job runs.
func serving(ctx context.Context, dc DataCenter) (job string, err error) {
	return persist(ctx, func(ctx context.Context) (string, error) { return servingNow(ctx, dc) })
}

func servingNow(ctx context.Context, dc DataCenter) (job string, err error) {
	if err := dc.Management().Reachable(ctx); err != nil {
		return "", fmt.Errorf("the management API of %s does not answer: %w", dc.Name(), err)
	}
	job, running, err := dc.Management().JobRunning(ctx)
	switch {
	case err != nil:
		return "", fmt.Errorf("ask %s for its job: %w", dc.Name(), err)
	case !running && job == "":
		return "", idle{dc.Name() + " lists no job of the application"}
	case !running:
		return "", idle{fmt.Sprintf("%s/job %s is listed, but not running and healthy", dc.Name(), job)}
	}
	return job, nil
}

// servesAgain waits until the data center serves, and says so.
func servesAgain(ctx context.Context, dc DataCenter) (string, error) {
	return until(ctx, func(ctx context.Context) (string, error) {
		job, err := servingNow(ctx, dc)
		return fmt.Sprintf("%s answers and its job %s runs", dc.Name(), job), err
	})
}

// resubmit brings the application's job back where none is listed.
func resubmit(ctx context.Context, dc DataCenter) error {
	job, err := listed(ctx, dc)
	if err != nil {
		return err
	}
	if job != "" {
		return nil
	}
	if _, err := dc.Management().SubmitJob(ctx); err != nil {
		return fmt.Errorf("submit the application to %s again: %w", dc.Name(), err)
	}
	return nil
}

// listed is the id of the application's job, running or not; empty when none is listed.
func listed(ctx context.Context, dc DataCenter) (string, error) {
	job, err := persist(ctx, func(ctx context.Context) (string, error) {
		job, _, err := dc.Management().JobRunning(ctx)
		return job, err
	})
	if err != nil {
		return "", fmt.Errorf("ask %s for its job: %w", dc.Name(), err)
	}
	return job, nil
}

// pickPE returns the PE at that place among the job's PEs, ordered by id.
func pickPE(ctx context.Context, dc DataCenter, index int) (pe string, launches int, err error) {
	pes, err := persist(ctx, dc.Management().PEs)
	if err != nil {
		return "", 0, fmt.Errorf("list the PEs of %s: %w", dc.Name(), err)
	}
	ids := slices.SortedFunc(maps.Keys(pes), byNumber)
	if index < 0 || index >= len(ids) {
		return "", 0, fmt.Errorf("%s has %d PE(s) (%s), so there is none at place %d, counted from 0", dc.Name(), len(ids), strings.Join(ids, ", "), index)
	}
	return ids[index], pes[ids[index]], nil
}

// relaunched waits until the PE has been launched more often than before and its job is healthy.
func relaunched(ctx context.Context, dc DataCenter, pe string, before int) (string, error) {
	return until(ctx, func(ctx context.Context) (string, error) {
		pes, err := dc.Management().PEs(ctx)
		if err != nil {
			return "", fmt.Errorf("list the PEs of %s: %w", dc.Name(), err)
		}
		now, listed := pes[pe]
		if !listed {
			return "", fmt.Errorf("%s/pe %s is not listed", dc.Name(), pe)
		}
		if now <= before {
			return "", fmt.Errorf("%s/pe %s still has launch count %d", dc.Name(), pe, now)
		}
		return fmt.Sprintf("%s/pe %s was launched again: launch count %d, before %d", dc.Name(), pe, now, before), nil
	})
}

// byNumber orders ids as numbers where they are numbers.
func byNumber(a, b string) int {
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	if errors.Join(errX, errY) != nil {
		return strings.Compare(a, b)
	}
	return x - y
}
