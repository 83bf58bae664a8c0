package environment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/toolkit/streams"
)

// present asks both data centers at once whether what the settings name is there: the instance, the job, the Data Exchange
// service and the application's endpoints. Whatever hangs costs the limit of one call, not one for each scenario and wait.
func (e *Environment) present(ctx context.Context, settings *config.Config) error {
	var problems [2]error
	var asking sync.WaitGroup
	for i, dc := range []*DataCenter{e.DC1, e.DC2} {
		asking.Go(func() {
			limited, cancel := context.WithTimeout(ctx, settings.CallTimeout+settings.CallTimeout/2) // the limit of one call, and of repeating one that passes
			defer cancel()
			problems[i] = dc.present(limited, settings, fmt.Sprintf("%s_DC%d_", config.Prefix, i+1))
		})
	}
	asking.Wait()
	var first, second *Obstacle
	if errors.As(problems[0], &first) && errors.As(problems[1], &second) {
		both := *first
		both.Cause.Detail = strings.TrimSpace(second.Cause.Sentence() + "\n" + both.Cause.Detail)
		return &both
	}
	return errors.Join(problems[0], problems[1])
}

// present says what is missing in one data center, as an obstacle; prefix is that of its variables.
func (dc *DataCenter) present(ctx context.Context, settings *config.Config, prefix string) error {
	for _, look := range dc.looks(settings, prefix) {
		if _, err := look.at(ctx); err != nil {
			return err
		}
	}
	return nil
}

// look is one thing that must be there, in the order in which each needs the one before it.
type look struct {
	what string
	at   func(ctx context.Context) (found string, err error)
}

// looks are what present and Examine ask of one data center.
func (dc *DataCenter) looks(settings *config.Config, prefix string) []look {
	var instance streams.Instance
	looks := []look{
		{"login, certificate, instance", func(ctx context.Context) (found string, err error) {
			instance, err = dc.instancePresent(ctx, prefix)
			return fmt.Sprintf("instance %s is running", instance.ID), err
		}},
		{"job", func(ctx context.Context) (string, error) {
			var jobs []streams.Job
			if err := insist(ctx, func(ctx context.Context) (err error) {
				jobs, err = dc.management.client.Jobs(ctx, instance)
				return err
			}); err != nil {
				return "", unreached(dc.Name(), prefix+"ROOT", err)
			}
			if err := dc.jobPresent(jobs, prefix); err != nil {
				return "", err
			}
			if err := dc.jobHealthy(ctx, prefix); err != nil {
				return "", err
			}
			if err := dc.learnJobName(ctx); err != nil {
				return "", unreached(dc.Name(), prefix+"JOB", err)
			}
			return fmt.Sprintf("%q is running and healthy", dc.reach.Submission.JobName), nil
		}},
	}
	if counters := serving(settings); len(counters) > 0 {
		looks = append(looks, look{"counters under serving", func(ctx context.Context) (string, error) {
			return dc.countersPresent(ctx, counters, settings.Described().File())
		}})
	}
	if dc.endpoints != nil {
		looks = append(looks, look{"Data Exchange", func(ctx context.Context) (string, error) {
			return "the service answers", dc.exchangePresent(ctx, prefix)
		}})
	}
	return looks
}

// instancePresent asks for the instance, which needs a login and a certificate that are accepted.
func (dc *DataCenter) instancePresent(ctx context.Context, prefix string) (instance streams.Instance, err error) {
	err = insist(ctx, func(ctx context.Context) (err error) {
		instance, err = dc.management.currentInstance(ctx)
		return err
	})
	switch {
	case errors.Is(err, streams.ErrNotFound) && instanceMissing(err):
		return instance, &Obstacle{model.Cause{Kind: model.CauseName, DataCenter: dc.Name(), Setting: prefix + "INSTANCE", Object: dc.reach.Root,
			Problem: fmt.Sprintf("has no instance %q", dc.reach.Instance), Remedy: "set " + prefix + "INSTANCE to one that is listed there"}, err}
	case err != nil:
		return instance, unreached(dc.Name(), prefix+"ROOT", err)
	case !instance.Status.Is(streams.Running):
		return instance, &Obstacle{model.Cause{Kind: model.CauseEnvironment, DataCenter: dc.Name(), Object: dc.reach.Root, Setting: prefix + "INSTANCE",
			Problem: fmt.Sprintf("has the instance %s in state %s", instance.ID, instance.Status), Remedy: "start it before the run"}, nil}
	}
	return instance, nil
}

// jobHealthy waits for a job that is just starting. Whoever runs the application is told what is off, because a runner that was
// thrown away has taken its journal of faults along.
func (dc *DataCenter) jobHealthy(ctx context.Context, prefix string) error {
	job := ""
	err := await(ctx, "its job to be healthy", func(ctx context.Context) (healthy bool, err error) {
		job, healthy, err = dc.management.JobRunning(ctx)
		return healthy, err
	})
	if err == nil {
		return nil
	}
	cause := model.Cause{Kind: model.CauseJob, DataCenter: dc.Name(), Setting: prefix + "JOB", Object: dc.reach.Root,
		Problem: fmt.Sprintf("has the job %s, which is not running and healthy", job), Detail: err.Error(),
		Remedy: "submit it again, or undo what an earlier run did (make heal knows what runs on this machine left)"}
	if job == "" {
		cause.Problem = "has no job of the application"
	}
	return &Obstacle{cause, err}
}

// instanceMissing tells a list without the instance from a path that is not there.
func instanceMissing(err error) bool {
	var ours *streams.Error
	return errors.As(err, &ours) && ours.Status == 0
}

// jobPresent holds the list of jobs against the settings.
func (dc *DataCenter) jobPresent(jobs []streams.Job, prefix string) error {
	_, err := dc.management.wanted.In(jobs)
	var found *streams.Error
	if !errors.As(err, &found) {
		return err
	}
	given := dc.reach.Submission.JobName
	cause := model.Cause{Kind: model.CauseJob, DataCenter: dc.Name(), Setting: prefix + "JOB", Object: dc.reach.Root,
		Problem: fmt.Sprintf("has no job named %q (%sJOB)", given, prefix),
		Remedy:  fmt.Sprintf("%s; set %sJOB, submit it, or undo what an earlier run did (make heal knows what runs on this machine left)", found.Message, prefix)}
	switch {
	case errors.Is(err, streams.ErrRejected):
		cause.Problem = "has several jobs of the application, and which is meant is not said"
	case given == "":
		cause.Problem = fmt.Sprintf("has no job of the application %s (%sJOB is empty)", dc.reach.Application, prefix)
	}
	return &Obstacle{cause, err}
}

// exchangePresent asks the Data Exchange service for its list, which the service answers whether or not a job has endpoints.
func (dc *DataCenter) exchangePresent(ctx context.Context, prefix string) error {
	err := insist(ctx, func(ctx context.Context) error {
		_, err := dc.endpoints.client.List(ctx)
		return err
	})
	if err == nil {
		return nil
	}
	var obstacle *Obstacle
	if err = unreached(dc.Name(), prefix+"DATA_URL", err); !errors.As(err, &obstacle) {
		return err
	}
	cause := obstacle.Cause
	cause.Problem = "has a Data Exchange service that " + cause.Problem
	if cause.Kind == model.CauseUnreachable || cause.Kind == model.CauseNoAnswer {
		cause.Kind = model.CauseDataExchange
	}
	return &Obstacle{cause, obstacle.Err}
}
