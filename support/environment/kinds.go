package environment

import (
	"context"
	"errors"
	"fmt"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/toolkit"
)

// kind is what one kind of environment adds to what all kinds share: a value in a file of its own. Settings that it needs
// are those of support/config, where the other half of the table is.
type kind struct {
	name string // as CROSSDC_ENVIRONMENT names it
	// open starts or reaches both data centers, and the link between them where it can be broken.
	open func(ctx context.Context, settings *config.Config, options Options) (*Environment, error)
	// attach knows the data centers and asks them nothing, for healing what may be down; nil: they end with their run.
	attach func(settings *config.Config) (*Environment, error)
	// leased says that its instances are taken for one run by an object in each; hosts are taken by their agents.
	leased bool
	// checks hold its settings against what lies on this machine, before anything is opened.
	checks func(settings *config.Config) []Checked
	// traps of configuration, as far as the settings tell what both sides were given.
	traps func(settings *config.Config) Traps
	// accuracy says in a sentence how closely events are measured.
	accuracy func(e *Environment) string
	// clocks tells the client what is known of the hosts' clocks and of delays on the way to us; nil: nothing is.
	clocks func(e *Environment, client *toolkit.Config)
}

// kinds of environment. A new one adds its file and its line here, and its line in the table of support/config.
func kinds() []kind {
	return []kind{
		emulatedPair(),
		remotePair(),
		hostsPair(),
	}
}

func kindOf(settings *config.Config) (kind, error) {
	for _, kind := range kinds() {
		if kind.name == settings.Environment {
			return kind, nil
		}
	}
	return kind{}, fmt.Errorf("%s_ENVIRONMENT=%q: nothing opens this kind of environment", config.Prefix, settings.Environment)
}

// Attach knows the two data centers that the settings name, and asks them nothing: for healing what may be down.
func Attach(settings *config.Config) (*Environment, error) {
	kind, err := kindOf(settings)
	if err != nil {
		return nil, err
	}
	if kind.attach == nil {
		return nil, fmt.Errorf("only data centers that exist can be reached again, and those of %s_ENVIRONMENT=%s end with their run", config.Prefix, kind.name)
	}
	env, err := kind.attach(settings)
	if err != nil {
		return nil, err
	}
	env.kind = kind
	return env, nil
}

// Bury closes what dead runs left open in the journals of environments that ended with their run.
func Bury(journals fault.Journals, say func(format string, values ...any)) error {
	var problems []error
	for _, kind := range kinds() {
		if kind.attach == nil {
			problems = append(problems, journals.Bury(kind.name, say))
		}
	}
	return errors.Join(problems...)
}
