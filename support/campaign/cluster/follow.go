package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	watching "k8s.io/apimachinery/pkg/watch"

	"github.com/crossdc/failover/support/campaign/engine"
)

// follower follows one job. Of each pod it keeps a few words, so that a campaign of many thousand shards needs little memory; pods are
// listed page by page once, and from then on the cluster tells what changes.
type follower struct {
	client *client
	engine *Engine
	round  engine.Round
	job    string
	tell   func(engine.Event) error

	pods    map[string]*attempt // by UID
	listing int                 // the number of the last listing
	changed time.Time           // when the phase of a pod changed last
}

// attempt is what is kept of a pod.
type attempt struct {
	pod, node string
	shard     int
	phase     corev1.PodPhase
	ended     bool // its end was told of
	listing   int  // the last one that it stood in
}

// defaultPage is as many pods as kubectl lists at once.
const defaultPage = 500

// mostFailures of the API server one after another, before a round is given up. The job goes on, and the same command follows it again.
const mostFailures = 30

// follow tells of the pods until the job has ended and each of its pods was told of.
func (f *follower) follow(ctx context.Context) error {
	ticker := time.NewTicker(f.engine.Poll)
	defer ticker.Stop()
	f.changed = time.Now()
	failures := 0
	for {
		over, err := f.once(ctx)
		switch {
		case err == nil && over:
			return nil
		case err == nil, apierrors.IsResourceExpired(err), apierrors.IsGone(err):
			failures = 0 // what a listing or a watch began with is too old: it is begun anew, without what was told of already
		case errors.Is(err, ErrStalled), errors.Is(err, errTold):
			return err
		default:
			if failures++; failures >= mostFailures {
				return fmt.Errorf("follow job %s: %w", f.job, err)
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

// errTold marks what the campaign, not the cluster, has failed with.
var errTold = errors.New("the campaign could not take it")

// once lists all pods, and then tells of what changes for as long as the cluster says so. Nothing is left of a job that had ended before
// its pods were listed.
func (f *follower) once(ctx context.Context) (over bool, err error) {
	for {
		state, err := f.state(ctx)
		if err != nil {
			return false, err
		}
		version, err := f.list(ctx)
		if err != nil {
			return false, err
		}
		switch state {
		case jobGone:
			return true, nil // somebody removed it: what has no result is run again in another round
		case jobEnded:
			return f.idle(), nil
		}
		if err := f.stalled(); err != nil {
			return false, err
		}
		if ended, err := f.changes(ctx, version); err != nil || !ended {
			return false, err
		}
	}
}

type jobState int

const (
	jobRuns jobState = iota
	jobEnded
	jobGone
)

func (f *follower) state(ctx context.Context) (jobState, error) {
	var job batchv1.Job
	err := f.client.get(ctx, "jobs", f.job, &job)
	if apierrors.IsNotFound(err) {
		return jobGone, nil
	}
	if err != nil {
		return jobRuns, err
	}
	for _, condition := range job.Status.Conditions {
		if condition.Status == corev1.ConditionTrue && (condition.Type == batchv1.JobComplete || condition.Type == batchv1.JobFailed) {
			return jobEnded, nil
		}
	}
	return jobRuns, nil
}

// list tells of all pods, and of those that are there no more. It returns the version of the list.
func (f *follower) list(ctx context.Context) (version string, err error) {
	f.listing++
	version, err = f.client.pods(ctx, f.job, cmp.Or(f.engine.Page, defaultPage), func(pod *corev1.Pod) error { return f.pod(ctx, pod) })
	if err != nil {
		return "", err
	}
	for uid, a := range f.pods {
		if a.listing == f.listing {
			continue
		}
		f.changed = time.Now()
		if err := f.removed(uid); err != nil {
			return "", err
		}
		delete(f.pods, uid) // no listing holds it any more
	}
	return version, nil
}

// removed tells of a pod whose log can be read no more.
func (f *follower) removed(uid string) error {
	a := f.pods[uid]
	if a == nil || a.ended {
		return nil
	}
	return f.end(uid, a, nil, "its pod was removed before its log was read")
}

// changes tells of what changes in pods since a version, until the watch ends or the job has. A cluster whose watch we may not use is
// asked again and again.
func (f *follower) changes(ctx context.Context, version string) (ended bool, err error) {
	events, err := f.client.watch(ctx, f.job, version)
	if apierrors.IsForbidden(err) || apierrors.IsMethodNotSupported(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer events.Stop()
	ticker := time.NewTicker(f.engine.Poll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case event, open := <-events.ResultChan():
			if !open {
				return false, nil // as it does from time to time
			}
			if err := f.event(ctx, event); err != nil {
				return false, err
			}
		case <-ticker.C:
			state, err := f.state(ctx)
			if err != nil || state != jobRuns {
				return err == nil, err
			}
			if err := f.stalled(); err != nil {
				return false, err
			}
		}
	}
}

func (f *follower) event(ctx context.Context, event watching.Event) error {
	pod, _ := event.Object.(*corev1.Pod)
	switch {
	case event.Type == watching.Error:
		return wrap("watch", "pods", "of job "+f.job, apierrors.FromObject(event.Object))
	case pod == nil:
		return nil
	case event.Type == watching.Deleted:
		f.changed = time.Now()
		return f.removed(string(pod.UID))
	default:
		return f.pod(ctx, pod)
	}
}

// stalled ends a round in which nothing has happened for long.
func (f *follower) stalled() error {
	stalled := time.Since(f.changed)
	if stalled <= f.engine.Stall {
		return nil
	}
	for uid, a := range f.pods {
		if a.ended {
			continue
		}
		if err := f.end(uid, a, nil, fmt.Sprintf("its pod did not end: nothing has happened for %v", stalled.Round(time.Second))); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w for %v: job %s in namespace %s has %d pods and no end; does the Job controller run, and is there room for a pod? (-stall says how long to wait)", ErrStalled, stalled.Round(time.Second), f.job, f.client.namespace, len(f.pods))
}

// idle reports whether the end of every pod was told of.
func (f *follower) idle() bool {
	for _, a := range f.pods {
		if !a.ended {
			return false
		}
	}
	return true
}

// pod tells of one pod: that it runs, or how it ended and what its log holds.
func (f *follower) pod(ctx context.Context, pod *corev1.Pod) error {
	index, err := strconv.Atoi(pod.Annotations[batchv1.JobCompletionIndexAnnotation])
	if err != nil || index < 0 || index >= len(f.round.Todo) {
		return nil //nolint:nilerr // it has no part in the round
	}
	uid := string(pod.UID)
	a := f.pods[uid]
	if a == nil {
		a = &attempt{pod: pod.Name, shard: f.round.Todo[index].Index}
		f.pods[uid] = a
		f.changed = time.Now()
		if err := f.say(engine.Event{Shard: a.shard, Attempt: uid, Node: pod.Spec.NodeName, Began: true}); err != nil {
			return err
		}
	}
	if a.phase != pod.Status.Phase {
		f.changed = time.Now()
	}
	a.node, a.phase, a.listing = pod.Spec.NodeName, pod.Status.Phase, f.listing
	if a.ended {
		return nil
	}
	switch pod.Status.Phase {
	case corev1.PodSucceeded:
		return f.collect(ctx, uid, a, "")
	case corev1.PodFailed:
		return f.collect(ctx, uid, a, reasonOf(pod))
	default:
		return nil
	}
}

func (f *follower) say(event engine.Event) error {
	if err := f.tell(event); err != nil {
		return errors.Join(errTold, err)
	}
	return nil
}
