package cluster

import (
	"context"
	"fmt"
	"io"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/crossdc/failover/support/campaign/engine"
	"github.com/crossdc/failover/support/campaign/frame"
)

// collect reads the log of a pod that has ended.
func (f *follower) collect(ctx context.Context, uid string, a *attempt, why string) error {
	stream, err := f.client.log(ctx, a.pod)
	if err != nil {
		return f.end(uid, a, nil, join(why, err.Error()))
	}
	defer stream.Close() //nolint:errcheck // only read from
	arrived, _, err := frame.Read(io.LimitReader(stream, 1<<30))
	if err != nil {
		why = join(why, err.Error())
	}
	for _, one := range arrived {
		if one.Campaign == f.round.Plan.Run && one.Attempt == uid {
			return f.end(uid, a, one, why)
		}
	}
	return f.end(uid, a, nil, join(why, "its log holds nothing of ours"))
}

func (f *follower) end(uid string, a *attempt, arrived *frame.Attempt, why string) error {
	a.ended = true
	if arrived != nil && arrived.Shard != a.shard {
		arrived, why = nil, join(why, fmt.Sprintf("it delivered shard %d", arrived.Shard))
	}
	return f.say(engine.Event{Shard: a.shard, Attempt: uid, Node: a.node, Arrived: arrived, Why: join(why, "pod "+a.pod)})
}

// reasonOf is why a pod failed, as far as its status tells.
func reasonOf(pod *corev1.Pod) string {
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
