package fault

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// RestartPE restarts one PE through the management API, the one at place index among the job's PEs by id (S06).
func RestartPE(dc string, index int) Fault {
	return newFault("restart-pe", fmt.Sprintf("%s/pe at place %d", dc, index), fmt.Sprintf("a PE of %s is restarted", dc),
		Parameters{DC: dc, PE: index}, footprint{dc: dc},
		managed(dc, func(dc DataCenter) action { return &restartPE{onePE{dc: dc, index: index}} }))
}

type restartPE struct{ onePE }

func (r *restartPE) act(ctx context.Context) error { return r.dc.Management().RestartPE(ctx, r.pe) }

func (r *restartPE) bite(ctx context.Context) (string, error) {
	return relaunched(ctx, r.dc, r.pe, r.launches)
}

// onePE is what the faults on a single PE share: which it is, and that it comes back.
type onePE struct {
	dc       DataCenter
	index    int
	pe       string
	launches int    // before
	job      string // before
}

// onePEMemory is what a later process must know of it.
type onePEMemory struct {
	PE       string `json:"pe"`
	Launches int    `json:"launches"`
	Job      string `json:"job,omitempty"`
}

func (o *onePE) prepare(ctx context.Context) (string, error) {
	var err error
	if o.job, err = serving(ctx, o.dc); err != nil {
		return "", err
	}
	if o.pe, o.launches, err = pickPE(ctx, o.dc, o.index); err != nil {
		return "", err
	}
	memory, err := json.Marshal(onePEMemory{PE: o.pe, Launches: o.launches, Job: o.job})
	return string(memory), err
}

func (o *onePE) recall(memory string) {
	var m onePEMemory
	if json.Unmarshal([]byte(memory), &m) == nil {
		o.pe, o.launches, o.job = m.PE, m.Launches, m.Job
	}
}

// patience is how long the platform gets to launch a PE by itself before it is told to.
const patience = 10 * time.Second

func (o *onePE) heal(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := o.gone(waiting); err == nil {
		return nil
	}
	return o.dc.Management().StartPE(ctx, o.pe)
}

func (o *onePE) gone(ctx context.Context) (string, error) {
	// With another job the PE is gone for good, and so is what was done to it.
	if job, err := servingNow(ctx, o.dc); err == nil && o.job != "" && job != o.job {
		return fmt.Sprintf("%s runs another job since, %s", o.dc.Name(), job), nil
	}
	proof, err := relaunched(ctx, o.dc, o.pe, o.launches)
	if err != nil {
		return "", err
	}
	serves, err := servesAgain(ctx, o.dc)
	if err != nil {
		return "", err
	}
	return proof + "; " + serves, nil
}

func (o *onePE) asLeft(ctx context.Context, _ string) error {
	job, err := listed(ctx, o.dc)
	if err == nil && job != o.job {
		return fmt.Errorf("%s lists job %q; the fault was done to a PE of job %s", o.dc.Name(), job, o.job)
	}
	return err
}
