// Package cluster is the engine that runs shards on a Kubernetes cluster, as Indexed Jobs. It reads what became of each attempt
// from its pod, and what the attempt delivered from the pod's log.
//
// It may import its siblings engine, frame and plan.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/crossdc/failover/support/campaign/engine"
	"github.com/crossdc/failover/support/campaign/plan"
)

// Engine of a cluster.
type Engine struct {
	Options
	Kubeconfig string
	Namespace  string
	Keep       bool          // jobs and secrets when they are through
	Poll       time.Duration // between two looks at the job, and at the pods of a cluster whose watch we may not use
	Page       int           // pods that are listed at once; 0 for 500
	Stall      time.Duration // without any change, after which the cluster counts as doing nothing
	Lease      string        // held while a round runs, so that data centers that exist once are used once; empty for none
	Holder     string        // of the lease
}

// Name implements engine.Engine.
func (*Engine) Name() string { return "kubernetes" }

// ErrStalled is that of a cluster in which nothing happens any more.
var ErrStalled = errors.New("nothing has happened in the cluster")

// Run implements engine.Engine. A round that was begun by a process that is gone is taken over with its job.
func (e *Engine) Run(ctx context.Context, round engine.Round, tell func(engine.Event) error) (err error) {
	c, err := connect(e.Kubeconfig, e.Namespace)
	if err != nil {
		return err
	}
	if e.Lease != "" {
		held, release, err := hold(ctx, c, e.Lease, e.Holder)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, release()) }()
		ctx = held
	}
	job, err := e.Job(round)
	if err != nil {
		return err
	}
	if round.Resume {
		// A round whose job is gone, with its cluster or because it was through, has nothing left to follow: begun anew it would run
		// once more what it has delivered. What is missing is asked for in the next round.
		if err := c.get(ctx, "jobs", job.Name, &batchv1.Job{}); apierrors.IsNotFound(err) {
			return nil
		} else if err != nil {
			return err
		}
	}
	if err := e.begin(ctx, c, job, round.Plan); err != nil {
		return err
	}
	f := &follower{client: c, engine: e, round: round, job: job.Name, tell: tell, pods: map[string]*attempt{}}
	err = f.follow(ctx)
	if err != nil && !errors.Is(err, ErrStalled) {
		return err // the job goes on; the same command follows it again
	}
	if e.Keep {
		return nil
	}
	cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	problems := []error{gone(c.remove(cleaning, "jobs", job.Name))}
	if e.Secret(round.Plan) != nil {
		problems = append(problems, gone(c.remove(cleaning, "secrets", round.Plan.Run)))
	}
	return errors.Join(append([]error{err}, problems...)...)
}

// begin applies the objects; those that are there already are the same round's.
func (e *Engine) begin(ctx context.Context, c *client, job *batchv1.Job, request plan.Request) error {
	if secret := e.Secret(request); secret != nil {
		if err := c.create(ctx, "secrets", secret, &corev1.Secret{}); err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	err := c.create(ctx, "jobs", job, &batchv1.Job{})
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	var there batchv1.Job
	if err := c.get(ctx, "jobs", job.Name, &there); err != nil {
		return err
	}
	if there.Labels[runLabel] != request.Run {
		return fmt.Errorf("job %s in namespace %s is not of this campaign; remove it, or give the campaign another -name", job.Name, c.namespace)
	}
	return nil
}

func gone(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
