package environment

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/streams"
)

// Configured is the toolkit's configuration of one data center as its instance has it, read by the toolkit's own rules.
type Configured struct {
	DataCenter string
	Config     crossdc.Config
	Known      []crossdc.Known // what crossdc.Validate may know beside it
	// Notes say what the management API shows of the configuration and the configuration does not, or does not show at all.
	Notes []string
}

// Configurations reads the toolkit's configuration of both data centers that the settings name. The data centers must exist; nothing is
// changed. Either error says why that side could not be read.
func Configurations(ctx context.Context, settings *config.Config) (found [2]Configured, problems [2]error, err error) {
	if settings.Kind().Emulated {
		return found, problems, &Obstacle{Cause: model.Cause{Kind: model.CauseSettings, Setting: config.Prefix + "_ENVIRONMENT",
			Problem: fmt.Sprintf("a configuration can be read from data centers that exist, and %s_ENVIRONMENT=%s starts its own", config.Prefix, settings.Environment),
			Remedy:  fmt.Sprintf("set %s_ENVIRONMENT=%s and the addresses of both", config.Prefix, config.Remote)}}
	}
	env, err := Attach(settings)
	if err != nil {
		return found, problems, err
	}
	limited, cancel := context.WithTimeout(ctx, 3*settings.CallTimeout)
	defer cancel()
	var asking sync.WaitGroup // at once: what hangs costs its limit once
	for i, dc := range []*DataCenter{env.DC1, env.DC2} {
		asking.Go(func() {
			found[i], problems[i] = dc.configured(limited, settings, fmt.Sprintf("%s_DC%d_", config.Prefix, i+1))
		})
	}
	asking.Wait()
	return found, problems, env.Close(ctx)
}

// configured reads what one data center was given; prefix is that of its variables.
func (dc *DataCenter) configured(ctx context.Context, settings *config.Config, prefix string) (Configured, error) {
	instance, err := dc.instancePresent(ctx, prefix)
	if err != nil {
		return Configured{}, err
	}
	name := settings.Application.Configuration
	held, err := dc.management.client.ApplicationConfiguration(ctx, instance, name)
	switch {
	case errors.Is(err, streams.ErrNotFound):
		return Configured{}, dc.withoutConfiguration(ctx, instance, name)
	case err != nil:
		return Configured{}, unreached(dc.Name(), prefix+"ROOT", err)
	}
	application := settings.Application.Composite
	own := ownProperties(application, held.Properties)
	if len(own) == 0 {
		return Configured{}, dc.foreignConfiguration(name, application, held.Properties)
	}
	read := Configured{DataCenter: dc.Name(), Known: []crossdc.Known{crossdc.Properties(application, held.Properties)}}
	source := crossdc.Source{Application: application, Properties: held.Properties}
	source.HTTPSenderReceiverPairs, read.Notes = dc.submitted(ctx, prefix)
	for _, property := range own {
		if !isKey(strings.TrimPrefix(property, application+"_")) {
			read.Notes = append(read.Notes, fmt.Sprintf("property %s of %s is no key of the toolkit, which ignores it without a word", property, dc.Name()))
		}
	}
	read.Config, err = crossdc.Load(source)
	if err != nil {
		return Configured{}, &Obstacle{model.Cause{Kind: model.CauseSettings, DataCenter: dc.Name(), Object: "application configuration " + name,
			Problem: "has a value that the toolkit cannot read", Remedy: "mend it there; an operator that reads it does not start"}, err}
	}
	return read, nil
}

// withoutConfiguration says that there is none of that name, and which there are.
func (dc *DataCenter) withoutConfiguration(ctx context.Context, instance streams.Instance, name string) error {
	others := "it has no other either"
	if all, err := dc.management.client.ApplicationConfigurations(ctx, instance); err != nil {
		others = "which others it has was not told: " + err.Error()
	} else if len(all) > 0 {
		var names []string
		for _, one := range all {
			names = append(names, one.Name)
		}
		slices.Sort(names)
		others = "it has " + strings.Join(names, ", ")
	}
	return &Obstacle{Cause: model.Cause{Kind: model.CauseName, DataCenter: dc.Name(), Object: dc.reach.Root, Setting: config.Prefix + "_APPLICATION_CONFIGURATION",
		Problem: fmt.Sprintf("has no application configuration %q in instance %s (%s)", name, instance.ID, others),
		Remedy: fmt.Sprintf("set %s_APPLICATION_CONFIGURATION; where the toolkit reads a file alone, give that file with -config; where neither is there, it runs with its code defaults, which send no heartbeats (%s)",
			config.Prefix, crossdc.C1)}}
}

// foreignConfiguration says that nothing in a configuration is meant for the application, and for which there is something.
func (dc *DataCenter) foreignConfiguration(name, application string, properties map[string]string) error {
	others := map[string]bool{}
	for property := range properties {
		for _, key := range crossdc.Keys() {
			if other, ok := strings.CutSuffix(property, "_"+key.Name); ok {
				others[other] = true
			}
		}
	}
	has := "nothing in it is the toolkit's"
	if len(others) > 0 {
		has = "it holds some for " + strings.Join(slices.Sorted(maps.Keys(others)), ", ")
	}
	return &Obstacle{Cause: model.Cause{Kind: model.CauseName, DataCenter: dc.Name(), Setting: config.Prefix + "_APPLICATION_COMPOSITE", Object: "application configuration " + name,
		Problem: fmt.Sprintf("has no property for %s (%s)", application, has),
		Remedy:  fmt.Sprintf("set %s_APPLICATION_COMPOSITE to <namespace>::<main composite>; if that is right, the toolkit runs with its code defaults, which send no heartbeats (%s)", config.Prefix, crossdc.C1)}}
}

// submitted is what the running job was submitted with: the number of sender and receiver pairs, 0 where it is not told, and notes.
func (dc *DataCenter) submitted(ctx context.Context, prefix string) (pairs int32, notes []string) {
	job, err := dc.management.currentJob(ctx)
	if err != nil {
		return 0, []string{fmt.Sprintf("%s shows no job of the application (%sJOB), so neither a configuration file nor the number of sender and receiver pairs is known: %v", dc.Name(), prefix, err)}
	}
	for _, parameter := range job.Parameters {
		value := parameter.Value
		if value == "" {
			value = parameter.Default
		}
		switch parameter.Name {
		case "configFileName":
			if value != "" {
				notes = append(notes, fmt.Sprintf("job %s of %s reads the configuration file %s on its hosts, whose lines go before what is advised on here; give that file with -config", job.ID, dc.Name(), value))
			}
		case "numberOfHttpSenderReceiverPairs":
			if _, err := fmt.Sscan(value, &pairs); err != nil || pairs < 1 {
				pairs = 0
				notes = append(notes, fmt.Sprintf("job %s of %s was submitted with numberOfHttpSenderReceiverPairs = %q, which is no number of pairs; 1 is assumed", job.ID, dc.Name(), value))
			}
		}
	}
	return pairs, notes
}

// ownProperties are the names of those that carry the application's prefix, in order.
func ownProperties(application string, properties map[string]string) []string {
	var own []string
	for name := range properties {
		if strings.HasPrefix(name, application+"_") {
			own = append(own, name)
		}
	}
	slices.Sort(own)
	return own
}

func isKey(name string) bool {
	return slices.ContainsFunc(crossdc.Keys(), func(k crossdc.Key) bool { return k.Name == name })
}
