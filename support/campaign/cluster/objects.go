package cluster

import (
	"fmt"
	"slices"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossdc/failover/support/campaign/engine"
	"github.com/crossdc/failover/support/campaign/plan"
)

const (
	campaignLabel = "crossdc.failover/campaign"
	runLabel      = "crossdc.failover/run"
	// secretFolder is where a shard finds passwords, tokens and certificates.
	secretFolder = "/run/secrets/crossdc"
	// nobody runs the shards, as the image says as well.
	nobody = 65532
	// grace is how long a shard that is evicted may take to take back what it broke.
	grace = 40
)

// Options of the objects.
type Options struct {
	Image        string
	CPU, Memory  string // of one shard; requested and limited alike
	NodeSelector string // name=value, comma separated
	PullSecret   string
	Parallel     int
	Retries      int
	Limit        time.Duration // wall time of one shard
	Environ      []string      // settings of the shards that are no secret, NAME=value
	Secrets      map[string][]byte
	SecretFiles  map[string]string // setting -> key of Secrets
}

func (o Options) resources() (corev1.ResourceList, error) {
	list := corev1.ResourceList{}
	for name, text := range map[corev1.ResourceName]string{corev1.ResourceCPU: o.CPU, corev1.ResourceMemory: o.Memory} {
		quantity, err := resource.ParseQuantity(text)
		if err != nil || quantity.Sign() <= 0 {
			return nil, fmt.Errorf("-%s %q: want a quantity as Kubernetes writes it, such as 2 or 1Gi", name, text)
		}
		list[name] = quantity
	}
	return list, nil
}

func (o Options) selector() (map[string]string, error) {
	selector := map[string]string{}
	for _, part := range strings.FieldsFunc(o.NodeSelector, func(r rune) bool { return r == ',' }) {
		name, value, found := strings.Cut(part, "=")
		if !found || name == "" {
			return nil, fmt.Errorf("-node-selector %q: want name=value, comma separated", o.NodeSelector)
		}
		selector[name] = value
	}
	return selector, nil
}

// jobName is the job of one round of a campaign.
func jobName(request plan.Request, round int) string {
	return fmt.Sprintf("%s-r%d", request.Run, round)
}

func labels(request plan.Request) map[string]string {
	return map[string]string{campaignLabel: request.Name, runLabel: request.Run}
}

// Secret holds what must not stand in an argument, a variable or a log; nil when there is none.
func (o Options) Secret(request plan.Request) *corev1.Secret {
	if len(o.Secrets) == 0 {
		return nil
	}
	immutable := true
	return &corev1.Secret{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}, ObjectMeta: metav1.ObjectMeta{Name: request.Run, Labels: labels(request)},
		Type: corev1.SecretTypeOpaque, Immutable: &immutable, Data: o.Secrets}
}

// Job is the Indexed Job of one round: index i runs shard Todo[i]. A shard that fails is retried within the job; what becomes
// of each attempt is told by its pod.
func (o Options) Job(round engine.Round) (*batchv1.Job, error) {
	resources, err := o.resources()
	if err != nil {
		return nil, err
	}
	selector, err := o.selector()
	if err != nil {
		return nil, err
	}
	text, err := round.Plan.Text()
	if err != nil {
		return nil, err
	}
	var todo []int
	for _, shard := range round.Todo {
		todo = append(todo, shard.Index)
	}
	slices.Sort(todo)
	indexed, replace := batchv1.IndexedCompletion, batchv1.Failed
	spec := corev1.PodSpec{
		RestartPolicy: corev1.RestartPolicyNever, AutomountServiceAccountToken: pointer(false), EnableServiceLinks: pointer(false),
		TerminationGracePeriodSeconds: pointer(int64(grace)), ActiveDeadlineSeconds: pointer(int64(o.Limit / time.Second)), NodeSelector: selector,
		SecurityContext: &corev1.PodSecurityContext{RunAsNonRoot: pointer(true), RunAsUser: pointer(int64(nobody)), RunAsGroup: pointer(int64(nobody)),
			FSGroup: pointer(int64(nobody)), SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
		Volumes: []corev1.Volume{{Name: "work", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
		Containers: []corev1.Container{{
			Name: "shard", Image: o.Image, Command: []string{"/programs/shard"},
			Args: []string{"-request", strings.ReplaceAll(text, "$", "$$"), "-todo", plan.Ranges(todo), "-attempt", "$(POD_UID)", "-node", "$(NODE_NAME)"},
			Env: []corev1.EnvVar{field("POD_UID", "metadata.uid"), field("NODE_NAME", "spec.nodeName"),
				{Name: "TMPDIR", Value: "/work"}, {Name: "HOME", Value: "/work"}},
			Resources:    corev1.ResourceRequirements{Requests: resources, Limits: resources},
			VolumeMounts: []corev1.VolumeMount{{Name: "work", MountPath: "/work"}},
			SecurityContext: &corev1.SecurityContext{AllowPrivilegeEscalation: pointer(false), ReadOnlyRootFilesystem: pointer(true),
				Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}},
		}},
	}
	container := &spec.Containers[0]
	for _, entry := range slices.Sorted(slices.Values(o.Environ)) {
		name, value, _ := strings.Cut(entry, "=")
		container.Env = append(container.Env, corev1.EnvVar{Name: name, Value: strings.ReplaceAll(value, "$", "$$")})
	}
	if len(o.Secrets) > 0 {
		spec.Volumes = append(spec.Volumes, corev1.Volume{Name: "secrets", VolumeSource: corev1.VolumeSource{
			Secret: &corev1.SecretVolumeSource{SecretName: round.Plan.Run, DefaultMode: pointer(int32(0o440))}}})
		container.VolumeMounts = append(container.VolumeMounts, corev1.VolumeMount{Name: "secrets", MountPath: secretFolder, ReadOnly: true})
		for _, setting := range sortedKeys(o.SecretFiles) {
			container.Env = append(container.Env, corev1.EnvVar{Name: setting, Value: secretFolder + "/" + o.SecretFiles[setting]})
		}
	}
	if o.PullSecret != "" {
		spec.ImagePullSecrets = []corev1.LocalObjectReference{{Name: o.PullSecret}}
	}
	n := int32(len(todo)) //nolint:gosec // at most plan.MaxShards
	return &batchv1.Job{
		TypeMeta:   metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: metav1.ObjectMeta{Name: jobName(round.Plan, round.Number), Labels: labels(round.Plan)},
		Spec: batchv1.JobSpec{
			CompletionMode: &indexed, Completions: &n, Parallelism: pointer(int32(min(o.Parallel, len(todo)))), //nolint:gosec // at most n
			BackoffLimitPerIndex: pointer(int32(o.Retries)), MaxFailedIndexes: &n, PodReplacementPolicy: &replace, //nolint:gosec // a few
			// What a node did to a shard is not the shard's failure: it is run again without being counted as one.
			PodFailurePolicy: &batchv1.PodFailurePolicy{Rules: []batchv1.PodFailurePolicyRule{{Action: batchv1.PodFailurePolicyActionIgnore,
				OnPodConditions: []batchv1.PodFailurePolicyOnPodConditionsPattern{{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue}}}}},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels(round.Plan)}, Spec: spec},
		},
	}, nil
}

func field(name, path string) corev1.EnvVar {
	return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: path}}}
}

func pointer[T any](v T) *T { return &v }

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
