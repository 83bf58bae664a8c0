package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	watching "k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// callTimeout bounds one call to the API server; reading a log may take longer.
const callTimeout = 30 * time.Second

// client speaks to the API server, with the three groups that a campaign needs.
type client struct {
	namespace  string
	groups     map[string]*rest.RESTClient
	parameters runtime.ParameterCodec
}

// connect reads KUBECONFIG as kubectl does, or what a pod is given. An empty namespace is that of the kubeconfig.
func connect(kubeconfig, namespace string) (*client, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = kubeconfig
	loaded := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{})
	config, err := loaded.ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("find the cluster: %w; set KUBECONFIG, or name the file with -kubeconfig", err)
	}
	if namespace == "" {
		if namespace, _, err = loaded.Namespace(); err != nil {
			return nil, fmt.Errorf("find the namespace: %w; name it with -namespace", err)
		}
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(scheme), batchv1.AddToScheme(scheme), coordinationv1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	c := &client{namespace: namespace, groups: map[string]*rest.RESTClient{}, parameters: runtime.NewParameterCodec(scheme)}
	for resource, version := range map[string]schema.GroupVersion{
		"pods": corev1.SchemeGroupVersion, "secrets": corev1.SchemeGroupVersion, "jobs": batchv1.SchemeGroupVersion, "leases": coordinationv1.SchemeGroupVersion,
	} {
		own := rest.CopyConfig(config)
		own.GroupVersion, own.APIPath = &version, "/apis"
		if version.Group == "" {
			own.APIPath = "/api"
		}
		own.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
		own.UserAgent = "crossdc-failover-campaign"
		own.QPS, own.Burst = 200, 400 // the server has fair queues of its own; this only keeps a mistake of ours small
		if c.groups[resource], err = rest.RESTClientFor(own); err != nil {
			return nil, fmt.Errorf("reach the cluster: %w", err)
		}
	}
	return c, nil
}

// create is strict: a field that the server does not know is an error, not a warning.
func (c *client) create(ctx context.Context, resource string, object, into runtime.Object) error {
	err := c.groups[resource].Post().Namespace(c.namespace).Resource(resource).Param("fieldValidation", metav1.FieldValidationStrict).Timeout(callTimeout).Body(object).Do(ctx).Into(into)
	return wrap("create", resource, "", err)
}

func (c *client) update(ctx context.Context, resource, name string, object, into runtime.Object) error {
	err := c.groups[resource].Put().Namespace(c.namespace).Resource(resource).Name(name).Param("fieldValidation", metav1.FieldValidationStrict).Timeout(callTimeout).Body(object).Do(ctx).Into(into)
	return wrap("update", resource, name, err)
}

func (c *client) get(ctx context.Context, resource, name string, into runtime.Object) error {
	return wrap("read", resource, name, c.groups[resource].Get().Namespace(c.namespace).Resource(resource).Name(name).Timeout(callTimeout).Do(ctx).Into(into))
}

// remove removes an object and, in the background, what belongs to it.
func (c *client) remove(ctx context.Context, resource, name string) error {
	background := metav1.DeletePropagationBackground
	err := c.groups[resource].Delete().Namespace(c.namespace).Resource(resource).Name(name).Timeout(callTimeout).
		Body(&metav1.DeleteOptions{PropagationPolicy: &background}).Do(ctx).Error()
	return wrap("remove", resource, name, err)
}

// podsOf selects the pods of a job.
func podsOf(job string) metav1.ListOptions {
	return metav1.ListOptions{LabelSelector: batchv1.JobNameLabel + "=" + job}
}

// pods gives every pod of a job away, page by page, and returns the version that a watch goes on from.
func (c *client) pods(ctx context.Context, job string, page int, each func(*corev1.Pod) error) (version string, err error) {
	options := podsOf(job)
	options.Limit = int64(page)
	for {
		var list corev1.PodList
		err := c.groups["pods"].Get().Namespace(c.namespace).Resource("pods").VersionedParams(&options, c.parameters).Timeout(callTimeout).Do(ctx).Into(&list)
		if err != nil {
			return "", wrap("list", "pods", "of job "+job, err)
		}
		for i := range list.Items {
			if err := each(&list.Items[i]); err != nil {
				return "", err
			}
		}
		if options.Continue = list.Continue; options.Continue == "" {
			return list.ResourceVersion, nil
		}
	}
}

// watchSeconds is how long one watch may take; a connection that died unseen is found out after that at the latest.
const watchSeconds = 300

// watch tells of what happens to the pods of a job since a version.
func (c *client) watch(ctx context.Context, job, version string) (watching.Interface, error) {
	options, seconds := podsOf(job), int64(watchSeconds)
	options.Watch, options.ResourceVersion, options.AllowWatchBookmarks, options.TimeoutSeconds = true, version, true, &seconds
	events, err := c.groups["pods"].Get().Namespace(c.namespace).Resource("pods").VersionedParams(&options, c.parameters).Watch(ctx)
	return events, wrap("watch", "pods", "of job "+job, err)
}

// log opens the whole log of a pod.
func (c *client) log(ctx context.Context, pod string) (io.ReadCloser, error) {
	stream, err := c.groups["pods"].Get().Namespace(c.namespace).Resource("pods").Name(pod).SubResource("log").Stream(ctx)
	return stream, wrap("read the log of", "pods", pod, err)
}

func wrap(what, resource, name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s %s: %w", what, resource, name, err)
}
