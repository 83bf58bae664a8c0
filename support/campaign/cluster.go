package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/crossdc/failover/support/campaign/cluster"
	"github.com/crossdc/failover/support/campaign/engine"
	"github.com/crossdc/failover/support/campaign/plan"
	"github.com/crossdc/failover/support/config"
)

// clusterOptions are the flags of the engine kubernetes.
type clusterOptions struct {
	cluster.Engine
	dryRun bool
}

func (c *clusterOptions) flags(flags *flag.FlagSet) {
	flags.StringVar(&c.Image, "image", "", "kubernetes: image of the shards, see make image")
	flags.StringVar(&c.Namespace, "namespace", "", "kubernetes: empty = that of the kubeconfig")
	flags.StringVar(&c.Kubeconfig, "kubeconfig", "", "kubernetes: empty = KUBECONFIG, or what a pod is given")
	flags.StringVar(&c.CPU, "cpu", "2", "kubernetes: of one shard, requested and limited alike")
	flags.StringVar(&c.Memory, "memory", "2Gi", "kubernetes: of one shard, requested and limited alike")
	flags.StringVar(&c.NodeSelector, "node-selector", "", "kubernetes: name=value, comma separated")
	flags.StringVar(&c.PullSecret, "pull-secret", "", "kubernetes: secret that the image is pulled with")
	flags.DurationVar(&c.Stall, "stall", 15*time.Minute, "kubernetes: without any change, after which the cluster counts as doing nothing")
	flags.DurationVar(&c.Poll, "poll", 2*time.Second, "kubernetes: between two looks at the job; what its pods do the cluster tells")
	flags.BoolVar(&c.Keep, "keep", false, "kubernetes: leave jobs and secrets in the cluster")
	flags.BoolVar(&c.dryRun, "dry-run", false, "kubernetes: print the objects, secrets masked, and apply nothing")
}

func (c *clusterOptions) engine(settings *config.Config, parallel, retries int, limit time.Duration, environ []string) (engine.Engine, error) {
	if c.Image == "" {
		return nil, errors.New("-engine kubernetes needs -image; make image builds one, and pushes it where IMAGE names a registry")
	}
	if c.Poll <= 0 || c.Stall <= 0 {
		return nil, fmt.Errorf("-poll %v, -stall %v: want more than 0", c.Poll, c.Stall)
	}
	e := c.Engine
	e.Parallel, e.Retries, e.Limit = parallel, retries, limit
	if err := e.Carry(environ); err != nil {
		return nil, err
	}
	if !settings.Kind().Emulated {
		sum := sha256.Sum256([]byte(settings.DC1.Root + "\n" + settings.DC2.Root))
		e.Lease = "crossdc-" + hex.EncodeToString(sum[:6])
		host, err := os.Hostname()
		if err != nil {
			return nil, err
		}
		e.Holder = fmt.Sprintf("%s/%d", host, os.Getpid())
	}
	return &e, nil
}

// printObjects prints what a first round would apply. A secret's values are masked.
func printObjects(w io.Writer, runner engine.Engine, request plan.Request) error {
	e, ok := runner.(*cluster.Engine)
	if !ok {
		return errors.New("-dry-run prints objects of the engine kubernetes; the engine local has none")
	}
	shards, err := request.Shards()
	if err != nil {
		return err
	}
	job, err := e.Job(engine.Round{Number: 1, Plan: request, Todo: shards})
	if err != nil {
		return err
	}
	objects := []any{job}
	if secret := e.Secret(request); secret != nil {
		for key := range secret.Data {
			secret.Data[key] = []byte("masked")
		}
		objects = []any{secret, job}
	}
	for _, object := range objects {
		raw, err := yaml.Marshal(object)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "---\n%s", raw); err != nil {
			return err
		}
	}
	return nil
}
