package fault

import (
	"context"
	"fmt"
	"slices"
)

// KillPE kills the process of one PE, the one at place index among the job's PEs by id. The platform launches it again,
// with empty memory (S06).
func KillPE(dc string, index int) Fault {
	return newFault("kill-pe", fmt.Sprintf("%s/pe at place %d", dc, index), fmt.Sprintf("a PE of %s dies: SIGKILL", dc),
		Parameters{DC: dc, PE: index}, footprint{dc: dc},
		signalled(dc, func(dc DataCenter) action { return &killPE{onePE: onePE{dc: dc, index: index}} }, Killing))
}

type killPE struct {
	onePE
	processes []int // before
}

func (k *killPE) prepare(ctx context.Context) (string, error) {
	var err error
	if k.processes, err = k.dc.Processes().List(ctx); err != nil {
		return "", fmt.Errorf("list the processes of %s: %w", k.dc.Name(), err)
	}
	return k.onePE.prepare(ctx)
}

// act returns when a process is gone: the signal alone is no effect yet.
func (k *killPE) act(ctx context.Context) error {
	if err := k.dc.Processes().KillPE(ctx, k.pe); err != nil {
		return err
	}
	_, err := until(ctx, func(ctx context.Context) (string, error) {
		_, err := k.missing(ctx)
		return "", err
	})
	return err
}

func (k *killPE) bite(ctx context.Context) (string, error) {
	missing, err := k.missing(ctx)
	if err != nil {
		return "", err
	}
	if len(missing) != 1 {
		return "", fmt.Errorf("processes %v of %s are gone; only that of pe %s should be", missing, k.dc.Name(), k.pe)
	}
	return fmt.Sprintf("process %d of %s/pe %s is gone, the other %d are there", missing[0], k.dc.Name(), k.pe, len(k.processes)-1), nil
}

// missing are the processes that were there before and are not now.
func (k *killPE) missing(ctx context.Context) ([]int, error) {
	now, err := k.dc.Processes().List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the processes of %s: %w", k.dc.Name(), err)
	}
	missing := slices.DeleteFunc(slices.Clone(k.processes), func(pid int) bool { return slices.Contains(now, pid) })
	if len(missing) == 0 {
		return nil, fmt.Errorf("all %d processes of %s are still there", len(k.processes), k.dc.Name())
	}
	return missing, nil
}
