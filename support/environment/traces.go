package environment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/crossdc/failover/toolkit"
)

// Traces reads what the PEs of the data center's application have traced so far, in the order of the host's clock. How
// much that is depends on the job's tracing level; the platform's default shows errors only.
func (dc *DataCenter) Traces(ctx context.Context) ([]toolkit.TraceLine, error) {
	// What rests on the traces is not checked where they cannot be read: a service that refuses for a moment is asked again, for
	// no longer than three calls may take.
	ctx, cancel := context.WithTimeout(ctx, 3*dc.reach.Access.Timeout)
	defer cancel()
	var job toolkit.JobState
	if err := insist(ctx, func(ctx context.Context) (err error) {
		job, err = dc.asked.Job(ctx)
		return err
	}); err != nil {
		return nil, fmt.Errorf("read the traces of %s: %w", dc.Name(), err)
	}
	var lines []toolkit.TraceLine
	for _, pe := range job.PEs {
		var text string
		if err := insist(ctx, func(ctx context.Context) (err error) {
			text, err = dc.asked.Trace(ctx, pe.ID)
			return err
		}); err != nil {
			return nil, fmt.Errorf("read the traces of %s: pe %s: %w", dc.Name(), pe.ID, err)
		}
		for raw := range strings.SplitSeq(text, "\n") {
			if line, ok := toolkit.ParseTraceLine(raw); ok {
				lines = append(lines, line)
			}
		}
	}
	slices.SortStableFunc(lines, func(a, b toolkit.TraceLine) int { return a.At.Compare(b.At) })
	return lines, nil
}
