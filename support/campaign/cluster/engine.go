// Package cluster is the engine that runs shards on a Kubernetes cluster, as Indexed Jobs. It reads what became of each attempt
// from its pod, and what the attempt delivered from the pod's log.
//
// It may import its siblings engine, frame and plan.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/crossdc/failover/support/campaign/engine"
	"github.com/crossdc/failover/support/campaign/frame"
	"github.com/crossdc/failover/support/campaign/plan"
)

// Engine of a cluster.
type Engine struct {
	Options
	Kubeconfig string
	Namespace  string
	Keep       bool          // jobs and secrets when they are through
	Poll       time.Duration // between two looks at the pods
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
	w := &watch{client: c, engine: e, round: round, job: job.Name, tell: tell, began: map[string]corev1.Pod{}, ended: map[string]bool{}}
	err = w.follow(ctx)
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

// watch follows one job.
type watch struct {
	client *client
	engine *Engine
	round  engine.Round
	job    string
	tell   func(engine.Event) error

	began   map[string]corev1.Pod // by UID, as last seen
	ended   map[string]bool
	changed time.Time
	seen    string
}

// follow looks at the pods until the job has ended and each of its pods was told of.
func (w *watch) follow(ctx context.Context) error {
	ticker := time.NewTicker(w.engine.Poll)
	defer ticker.Stop()
	w.changed = time.Now()
	failures := 0
	for {
		over, err := w.look(ctx)
		switch {
		case err == nil && over:
			return nil
		case err == nil:
			failures = 0
		case errors.Is(err, ErrStalled), errors.Is(err, errTold):
			return err
		default:
			if failures++; failures >= 30 {
				return fmt.Errorf("follow job %s: %w", w.job, err)
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

func (w *watch) look(ctx context.Context) (over bool, err error) {
	var job batchv1.Job
	jobErr := w.client.get(ctx, "jobs", w.job, &job)
	if jobErr != nil && !apierrors.IsNotFound(jobErr) {
		return false, jobErr
	}
	pods, err := w.client.pods(ctx, w.job)
	if err != nil {
		return false, err
	}
	present := map[string]bool{}
	state := ""
	for _, pod := range pods {
		uid := string(pod.UID)
		present[uid] = true
		state += uid + string(pod.Status.Phase)
		if err := w.pod(ctx, pod); err != nil {
			return false, err
		}
	}
	for uid, pod := range w.began {
		if !present[uid] && !w.ended[uid] {
			if err := w.end(pod, nil, "its pod was removed before its log was read"); err != nil {
				return false, err
			}
		}
	}
	if apierrors.IsNotFound(jobErr) {
		return true, nil // somebody removed it: what has no result is run again in another round
	}
	for _, condition := range job.Status.Conditions {
		if condition.Status == corev1.ConditionTrue && (condition.Type == batchv1.JobComplete || condition.Type == batchv1.JobFailed) {
			return w.idle(), nil
		}
	}
	if state != w.seen {
		w.seen, w.changed = state, time.Now()
	}
	if stalled := time.Since(w.changed); stalled > w.engine.Stall {
		for uid, pod := range w.began {
			if !w.ended[uid] {
				if err := w.end(pod, nil, fmt.Sprintf("its pod did not end: nothing has happened for %v", stalled.Round(time.Second))); err != nil {
					return false, err
				}
			}
		}
		return false, fmt.Errorf("%w for %v: job %s in namespace %s has %d pods and no end; does the Job controller run, and is there room for a pod? (-stall says how long to wait)", ErrStalled, stalled.Round(time.Second), w.job, w.client.namespace, len(pods))
	}
	return false, nil
}

// idle reports whether the end of every pod was told of.
func (w *watch) idle() bool {
	for uid := range w.began {
		if !w.ended[uid] {
			return false
		}
	}
	return true
}

// pod tells of one pod: that it runs, or how it ended and what its log holds.
func (w *watch) pod(ctx context.Context, pod corev1.Pod) error {
	uid := string(pod.UID)
	index, err := strconv.Atoi(pod.Annotations[batchv1.JobCompletionIndexAnnotation])
	if err != nil || index < 0 || index >= len(w.round.Todo) || w.ended[uid] {
		return nil //nolint:nilerr // it has no part in the round
	}
	if _, known := w.began[uid]; !known {
		if err := w.say(engine.Event{Shard: w.round.Todo[index].Index, Attempt: uid, Node: pod.Spec.NodeName, Began: true}); err != nil {
			return err
		}
	}
	w.began[uid] = pod
	switch pod.Status.Phase {
	case corev1.PodSucceeded:
		return w.collect(ctx, pod, "")
	case corev1.PodFailed:
		return w.collect(ctx, pod, reasonOf(pod))
	default:
		return nil
	}
}

// collect reads the log of a pod that has ended.
func (w *watch) collect(ctx context.Context, pod corev1.Pod, why string) error {
	stream, err := w.client.log(ctx, pod.Name)
	if err != nil {
		return w.end(pod, nil, join(why, err.Error()))
	}
	defer stream.Close() //nolint:errcheck // only read from
	attempts, _, err := frame.Read(io.LimitReader(stream, 1<<30))
	if err != nil {
		why = join(why, err.Error())
	}
	for _, a := range attempts {
		if a.Campaign == w.round.Plan.Run && a.Attempt == string(pod.UID) {
			return w.end(pod, a, why)
		}
	}
	return w.end(pod, nil, join(why, "its log holds nothing of ours"))
}

func (w *watch) end(pod corev1.Pod, arrived *frame.Attempt, why string) error {
	index, err := strconv.Atoi(pod.Annotations[batchv1.JobCompletionIndexAnnotation])
	if err != nil {
		return nil //nolint:nilerr // looked at when it began
	}
	w.ended[string(pod.UID)] = true
	shard := w.round.Todo[index].Index
	if arrived != nil && arrived.Shard != shard {
		arrived, why = nil, join(why, fmt.Sprintf("it delivered shard %d", arrived.Shard))
	}
	return w.say(engine.Event{Shard: shard, Attempt: string(pod.UID), Node: pod.Spec.NodeName, Arrived: arrived, Why: join(why, "pod "+pod.Name)})
}

func (w *watch) say(event engine.Event) error {
	if err := w.tell(event); err != nil {
		return errors.Join(errTold, err)
	}
	return nil
}

// reasonOf is why a pod failed, as far as its status tells.
func reasonOf(pod corev1.Pod) string {
	why := strings.TrimSpace(pod.Status.Reason + " " + pod.Status.Message)
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.DisruptionTarget && condition.Status == corev1.ConditionTrue {
			why = join(why, "disrupted: "+strings.TrimSpace(condition.Reason+" "+condition.Message))
		}
	}
	for _, container := range pod.Status.ContainerStatuses {
		if t := container.State.Terminated; t != nil {
			why = join(why, strings.TrimSpace(fmt.Sprintf("exit code %d %s", t.ExitCode, t.Reason)))
		}
	}
	return why
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}
