package main

import (
	"errors"
	"flag"
	"io"
	"time"

	"github.com/crossdc/failover/support/campaign/engine"
	"github.com/crossdc/failover/support/campaign/plan"
	"github.com/crossdc/failover/support/config"
)

type clusterOptions struct{ dryRun bool }

func (c *clusterOptions) flags(*flag.FlagSet) {}

func (c *clusterOptions) engine(*config.Config, int, int, time.Duration, []string) (engine.Engine, error) {
	return nil, errors.New("not built")
}

func printObjects(io.Writer, engine.Engine, plan.Request) error { return nil }
