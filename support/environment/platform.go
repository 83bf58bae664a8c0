package environment

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/crossdc/failover/toolkit/streams"
)

// platform finds one data center's instance and the application's job in it, and remembers where they are.
type platform struct {
	client     *streams.Client
	instanceID string
	wanted     streams.Wanted

	mu       sync.Mutex
	instance streams.Instance
	job      streams.Job
}

func newPlatform(client *streams.Client, instance string, job streams.Wanted) *platform {
	return &platform{client: client, instanceID: instance, wanted: job}
}

func (p *platform) currentInstance(ctx context.Context) (streams.Instance, error) {
	p.mu.Lock()
	known := p.instance
	p.mu.Unlock()
	var err error
	if known.Self == "" {
		known, err = p.client.Instance(ctx, p.instanceID)
	} else {
		known, err = p.client.ReloadInstance(ctx, known)
	}
	if err != nil {
		return streams.Instance{}, err
	}
	p.mu.Lock()
	p.instance = known
	p.mu.Unlock()
	return known, nil
}

// knownInstance asks only when the instance was never seen.
func (p *platform) knownInstance(ctx context.Context) (streams.Instance, error) {
	p.mu.Lock()
	known := p.instance
	p.mu.Unlock()
	if known.Self != "" {
		return known, nil
	}
	return p.currentInstance(ctx)
}

// currentJob reads the application's job; an error of class streams.ErrNotFound when none is listed.
func (p *platform) currentJob(ctx context.Context) (streams.Job, error) {
	p.mu.Lock()
	known := p.job
	p.mu.Unlock()
	if known.Self != "" {
		job, err := p.client.ReloadJob(ctx, known)
		if err == nil || !errors.Is(err, streams.ErrNotFound) {
			return job, err
		}
		p.forgetJob()
	}
	instance, err := p.knownInstance(ctx)
	if err != nil {
		return streams.Job{}, err
	}
	jobs, err := p.client.Jobs(ctx, instance)
	if err != nil {
		return streams.Job{}, err
	}
	job, err := p.wanted.In(jobs)
	if err != nil {
		return streams.Job{}, fmt.Errorf("instance %s: %w", p.instanceID, err)
	}
	p.mu.Lock()
	p.job = job
	p.mu.Unlock()
	return job, nil
}

func (p *platform) forgetJob() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.job = streams.Job{}
}

// listPoll is how often the platform is asked while it changes state on our request, in wall time.
const listPoll = 20 * time.Millisecond
