package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/support/watch/ways"
	"github.com/crossdc/failover/toolkit"
)

// sendOne tries one event through each data center and says how far it came, which level of accounting that amounts to, and what would
// raise it. The events are probes: of the drill application they belong to a stream with a reserved name, else they carry a number above
// those of all runs before, so that no account of a run counts them.
func sendOne(ctx context.Context, env *environment.Environment) []environment.Finding {
	described := env.Described()
	if why := env.CannotSend(); why != "" {
		cause := model.Cause{Kind: model.CauseSettings, Problem: why}
		return []environment.Finding{{Where: "event", What: "send", State: environment.Wrong, Says: why, Cause: &cause}}
	}
	var told [2]toolkit.Availability
	var err error
	switch level := described.Level(); {
	case level == application.Stated:
		told = env.Client.Availability(ctx)
	case described.Traffic == nil:
		return append([]environment.Finding{{Where: "event", What: "send", State: environment.Notable,
			Says: "none was sent: the application's file says nothing of traffic"}}, reached(described, application.Indicated, "")...)
	default:
		told, err = through(ctx, env)
	}
	if err != nil {
		cause := model.Cause{Kind: model.CauseSettings, Problem: err.Error()}
		return []environment.Finding{{Where: "event", What: "send", State: environment.Wrong, Says: "no event could be sent: " + err.Error(), Cause: &cause}}
	}
	var findings []environment.Finding
	level, lacks := described.Level(), ""
	for _, a := range told {
		finding, fell := came(a, described)
		findings = append(findings, finding)
		if fell < level {
			level, lacks = fell, finding.Says
		}
	}
	if level == application.Stated {
		for _, dc := range []*environment.DataCenter{env.DC1, env.DC2} {
			states, err := env.Client.FragmentStates(ctx, dc.Name())
			if err != nil {
				level, lacks = application.Numbered, "the state of "+dc.Name()+" could not be asked for: "+err.Error()
				findings = append(findings, environment.Finding{Where: dc.Name(), What: "state", State: environment.Wrong, Says: lacks,
					Cause: &model.Cause{Kind: model.CauseEnvironment, DataCenter: dc.Name(), Problem: lacks}})
				continue
			}
			findings = append(findings, environment.Finding{Where: dc.Name(), What: "state", State: environment.Fits, Says: fmt.Sprintf("was asked for: %d fragments answered", len(states))})
		}
	}
	return append(findings, reached(described, level, lacks)...)
}

// through sends one event through the ways that the application's file describes.
func through(ctx context.Context, env *environment.Environment) (told [2]toolkit.Availability, err error) {
	open, err := ways.Open(ctx, env, rand.Uint64())
	if err != nil {
		return told, err
	}
	reading, stop := context.WithCancel(ctx)
	defer func() { stop(); err = errors.Join(err, open.Close()) }()
	ledger, err := traffic.NewLedger(traffic.Options{Sites: [2]string{env.DC1.Name(), env.DC2.Name()}, Rate: 1}) // it is told of results, and asked for nothing
	if err != nil {
		return told, err
	}
	if err := open.Read(reading, ledger, nil); err != nil {
		return told, err
	}
	return open.Through(ctx, false), nil
}

// came says how far an event came, and the level that this carries.
func came(a toolkit.Availability, described *application.Description) (environment.Finding, application.Level) {
	finding := environment.Finding{Where: a.Site, What: "event", State: environment.Wrong}
	say := func(format string, values ...any) environment.Finding {
		finding.Says = fmt.Sprintf(format, values...)
		if a.Err != nil {
			finding.Says += ": " + a.Err.Error()
		}
		if finding.State == environment.Wrong {
			finding.Cause = &model.Cause{Kind: model.CauseEnvironment, DataCenter: a.Site, Problem: finding.Says}
		}
		return finding
	}
	switch a.Outcome {
	case toolkit.Served:
		finding.State = environment.Fits
		return say("it was sent, and its result was seen %s later", a.Latest.Round(time.Millisecond)), described.Level()
	case toolkit.NoResult:
		return say("it was sent, and no result of it was seen"), application.Indicated
	case toolkit.NotAccepted:
		return say("it was refused"), application.Indicated
	case toolkit.Unasked:
		if described.Traffic != nil && !described.Carries(application.Through) {
			finding.State = environment.Notable
			return say("none was sent, because nobody could tell what became of it"), application.Counted
		}
	}
	return say("what became of it is not known (%s)", a.Outcome), application.Indicated
}

// reached says which level was reached and what would raise it.
func reached(described *application.Description, level application.Level, lacks string) []environment.Finding {
	findings := []environment.Finding{{Where: "event", What: "level", State: environment.Fits, Says: "accounted for at " + level.String()}}
	if level < described.Level() {
		findings[0].State = environment.Notable
		findings[0].Says += fmt.Sprintf(", although its description allows %s: %s", described.Level(), lacks)
		return findings
	}
	if raise := described.Raise(); raise != "" {
		findings = append(findings, environment.Finding{Where: "event", What: "next level", State: environment.Fits, Says: raise})
	}
	return findings
}
