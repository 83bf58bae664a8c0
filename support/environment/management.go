package environment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/toolkit/streams"
)

// Submission is how the application is submitted to one data center.
type Submission struct {
	JobName string
	Bundle  string // path of a .sab; empty: the drill that the emulator brings
	// BundleSetting names the setting that gives the bundle where there is no other; empty: the emulator brings the drill.
	BundleSetting string

	Tracing    string
	Parameters map[string]string
	PEs        int // 0: the platform decides
	// Fragments is the number of state fragments of this data center's application, where it differs from Environment.Fragments; 0: it does not.
	Fragments int
}

// management implements fault.Management over the management API.
type management struct {
	*platform
	name       string // of the data center, for errors
	endpoints  *endpoints
	control    string // endpoint for special messages
	submission Submission
}

// Reachable implements fault.Management.
func (m *management) Reachable(ctx context.Context) error {
	instance, err := m.currentInstance(ctx)
	if err != nil {
		return err
	}
	if !instance.Status.Is(streams.Running) {
		return fmt.Errorf("%w: instance %s of %s is %s", fault.ErrNotRunning, instance.ID, m.name, instance.Status)
	}
	return nil
}

// JobRunning implements fault.Management.
func (m *management) JobRunning(ctx context.Context) (string, bool, error) {
	job, err := m.currentJob(ctx)
	if errors.Is(err, streams.ErrNotFound) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	return job.ID, job.Status.Is(streams.Running) && job.Health.Is(streams.Healthy), nil
}

// CancelJob implements fault.Management.
func (m *management) CancelJob(ctx context.Context) error {
	if err := insist(ctx, func(ctx context.Context) error {
		job, err := m.currentJob(ctx)
		if err != nil {
			return fmt.Errorf("cancel the job of %s: %w", m.name, err)
		}
		return m.client.Cancel(ctx, job) // a job that is gone already counts as cancelled
	}); err != nil {
		return err
	}
	m.forgetJob()
	return await(ctx, "the job of "+m.name+" to be gone", func(ctx context.Context) (bool, error) {
		_, err := m.currentJob(ctx)
		if errors.Is(err, streams.ErrNotFound) {
			return true, nil
		}
		return false, err
	})
}

// SubmitJob implements fault.Management: it uploads the bundle and submits it, and waits until the job is healthy.
func (m *management) SubmitJob(ctx context.Context) (string, error) {
	if why := m.CannotSubmit(); why != "" {
		return "", errors.New(why)
	}
	var job streams.Job
	attempts := 0
	err := insist(ctx, func(ctx context.Context) (err error) {
		if attempts++; attempts > 1 { // the answer may have been lost, not the submission
			if job, err = m.currentJob(ctx); err == nil || !errors.Is(err, streams.ErrNotFound) {
				return err
			}
		}
		job, err = m.submit(ctx)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("submit the application to %s: %w", m.name, err)
	}
	m.forgetJob()
	return job.ID, await(ctx, "job "+job.ID+" of "+m.name+" to be healthy", func(ctx context.Context) (bool, error) {
		_, healthy, err := m.JobRunning(ctx)
		return healthy, err
	})
}

// submit uploads the bundle and submits it once.
func (m *management) submit(ctx context.Context) (streams.Job, error) {
	instance, err := m.currentInstance(ctx)
	if err != nil {
		return streams.Job{}, err
	}
	bundle, err := m.upload(ctx, instance)
	if err != nil {
		return streams.Job{}, err
	}
	overlay := streams.Overlay{JobName: m.submission.JobName, Tracing: m.submission.Tracing, FusionTargetPECount: m.submission.PEs}
	for name, value := range m.submission.Parameters {
		overlay.Parameters = append(overlay.Parameters, streams.Parameter{Name: name, Value: value})
	}
	return m.client.Submit(ctx, instance, bundle, overlay)
}

// CannotSubmit implements fault.Submitter: a remote data center needs a bundle of the application.
func (m *management) CannotSubmit() string {
	if m.submission.Bundle == "" && m.submission.BundleSetting != "" {
		return m.name + ": the application could not be submitted again; set " + m.submission.BundleSetting
	}
	return ""
}

// drillBundle stands for the application that the emulator runs whatever bundle it is given.
const drillBundle = "crossdc failover drill: the emulator runs its own application\n"

func (m *management) upload(ctx context.Context, instance streams.Instance) (streams.Bundle, error) {
	if m.submission.Bundle == "" {
		return m.client.Upload(ctx, instance, strings.NewReader(drillBundle), int64(len(drillBundle)))
	}
	file, err := os.Open(m.submission.Bundle)
	if err != nil {
		return "", fmt.Errorf("open the application bundle: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("open the application bundle: %w", err)
	}
	return m.client.Upload(ctx, instance, file, info.Size())
}

// StopInstance implements fault.Management.
func (m *management) StopInstance(ctx context.Context) error {
	if err := insist(ctx, func(ctx context.Context) error {
		instance, err := m.currentInstance(ctx)
		if err != nil {
			return fmt.Errorf("stop the instance of %s: %w", m.name, err)
		}
		if instance.Status.Is(streams.Stopping, streams.Stopped) {
			return nil
		}
		_, err = m.client.StopInstance(ctx, instance, true)
		return err
	}); err != nil {
		return err
	}
	m.forgetJob()
	return m.awaitInstance(ctx, streams.Stopped)
}

// StartInstance implements fault.Management.
func (m *management) StartInstance(ctx context.Context) error {
	if err := insist(ctx, func(ctx context.Context) error {
		instance, err := m.currentInstance(ctx)
		if err != nil {
			return fmt.Errorf("start the instance of %s: %w", m.name, err)
		}
		if instance.Status.Is(streams.Running, streams.Starting) {
			return nil
		}
		if _, err = m.client.StartInstance(ctx, instance); errors.Is(err, streams.ErrConflict) {
			return nil // it is changing state; what becomes of it is awaited
		}
		return err
	}); err != nil {
		return err
	}
	return m.awaitInstance(ctx, streams.Running)
}

func (m *management) awaitInstance(ctx context.Context, status streams.State) error {
	return await(ctx, fmt.Sprintf("the instance of %s to be %s", m.name, status), func(ctx context.Context) (bool, error) {
		instance, err := m.currentInstance(ctx)
		return instance.Status.Is(status), err
	})
}

// PEs implements fault.Management.
func (m *management) PEs(ctx context.Context) (map[string]int, error) {
	job, err := m.currentJob(ctx)
	if err != nil {
		return nil, err
	}
	list, err := m.client.PEs(ctx, job)
	if err != nil {
		return nil, err
	}
	launches := map[string]int{}
	for _, pe := range list {
		launches[pe.ID] = int(pe.LaunchCount)
	}
	return launches, nil
}

// StopPE, StartPE and RestartPE implement fault.Management.
func (m *management) StopPE(ctx context.Context, id string) error {
	return m.actOnPE(ctx, id, streams.Stopped, m.client.StopPE)
}

// StartPE implements fault.Management.
func (m *management) StartPE(ctx context.Context, id string) error {
	return m.actOnPE(ctx, id, streams.Running, m.client.StartPE)
}

// RestartPE implements fault.Management.
func (m *management) RestartPE(ctx context.Context, id string) error {
	return m.actOnPE(ctx, id, streams.Running, m.client.RestartPE)
}

func (m *management) actOnPE(ctx context.Context, id string, until streams.State, act func(context.Context, streams.PE) (streams.PE, error)) error {
	var pe streams.PE
	before := int64(-1)
	if err := insist(ctx, func(ctx context.Context) error {
		instance, err := m.knownInstance(ctx)
		if err != nil {
			return err
		}
		if pe, err = m.client.PE(ctx, instance, id); err != nil {
			return err
		}
		switch launches := int64(pe.LaunchCount); {
		case before < 0:
			before = launches
		case launches > before:
			return nil // the answer was lost, not the action
		}
		_, err = act(ctx, pe)
		return err
	}); err != nil {
		return err
	}
	return await(ctx, fmt.Sprintf("%s/pe %s to be %s", m.name, id, until), func(ctx context.Context) (bool, error) {
		now, err := m.client.ReloadPE(ctx, pe)
		return now.Status.Is(until), err
	})
}

// SpecialMessage implements fault.Management: the text goes into the application through its control endpoint.
func (m *management) SpecialMessage(ctx context.Context, text string) error {
	if m.endpoints == nil || m.control == "" {
		return fmt.Errorf("send %q to %s: the application has no control endpoint (CROSSDC_ENDPOINT_CONTROL)", text, m.name)
	}
	if err := insist(ctx, func(ctx context.Context) error { // said twice it means the same
		return m.endpoints.Inject(ctx, m.control+"/"+specialMessagePort, specialMessage{Message: text})
	}); err != nil {
		return fmt.Errorf("send %q to %s: %w", text, m.name, err)
	}
	return nil
}

// specialMessagePort is the port of the control endpoint that takes the toolkit's special messages.
const specialMessagePort = "SpecialMessage"

type specialMessage struct {
	Message string `json:"msg"`
}
