package environment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/toolkit"
)

// Finding is one line of an examination: something that was looked at.
type Finding struct {
	Where string       // "settings", "dc1", "link", "faults"
	What  string       // in a few words: "job"
	State FindingState // what came out
	Says  string       // what was found, or why nothing was looked at
	Cause *model.Cause // what is wrong, of State Wrong alone
}

// FindingState is what came out of looking at one thing.
type FindingState string

// The states of a finding.
const (
	Fits      FindingState = "ok"            // as it must be
	Notable   FindingState = "note"          // tests can run; somebody should know this
	Wrong     FindingState = "wrong"         // tests cannot run, or would prove less than they seem to
	NotLooked FindingState = "not looked at" // because of what came before it
)

// Examine looks at both data centers that the settings name, and at the way to them, one thing after another, and breaks
// nothing. What cannot be looked at because of something before it says so. Each side is asked at once with the other, so that
// what hangs costs the limit of a call once.
func Examine(ctx context.Context, settings *config.Config, env *Environment) []Finding {
	var sides [2][]Finding
	var asking sync.WaitGroup
	for i, dc := range []*DataCenter{env.DC1, env.DC2} {
		asking.Go(func() { sides[i] = dc.examine(ctx, settings, fmt.Sprintf("%s_DC%d_", config.Prefix, i+1)) })
	}
	asking.Wait()
	findings := append(sides[0], sides[1]...)
	if why := env.CannotSend(); why != "" {
		findings = append(findings, Finding{Where: "application", What: "traffic", State: Notable, Says: why + "; scenarios that need traffic are skipped"})
	}
	if relay, ok := env.link.(*relay); ok {
		findings = append(findings, found("link", "relay", "answers", relay.present(ctx)))
	}
	return findings
}

func (dc *DataCenter) examine(ctx context.Context, settings *config.Config, prefix string) []Finding {
	var findings []Finding
	blocked := ""
	for _, look := range dc.looks(settings, prefix) {
		if blocked != "" {
			findings = append(findings, Finding{Where: dc.Name(), What: look.what, State: NotLooked, Says: "needs " + blocked})
			continue
		}
		limited, cancel := context.WithTimeout(ctx, settings.CallTimeout+settings.CallTimeout/2)
		says, err := look.at(limited)
		cancel()
		if err != nil {
			blocked = look.what
		}
		findings = append(findings, found(dc.Name(), look.what, says, err))
	}
	return findings
}

func found(where, what, says string, err error) Finding {
	if err == nil {
		return Finding{Where: where, What: what, State: Fits, Says: says}
	}
	cause := CauseOf(err)
	return Finding{Where: where, What: what, State: Wrong, Says: cause.Sentence(), Cause: &cause}
}

// ExamineStatus asks every indicator of both sides once: which speak, and what each side holds of the other. A pair that does
// not hold each other UP cannot be tested: what then went DOWN was DOWN before.
func ExamineStatus(ctx context.Context, env *Environment) []Finding {
	var findings []Finding
	status, err := env.Client.Status(ctx)
	var silent *toolkit.NoIndicatorError
	if err != nil && !errors.As(err, &silent) {
		return append(findings, found("both", "status", "", err))
	}
	for _, site := range status.Sites {
		spoke := make([]string, len(site.Used))
		for i, indicator := range site.Used {
			spoke[i] = string(indicator)
		}
		heard := Finding{Where: site.Name, What: "indicators", State: Fits, Says: strings.Join(spoke, ", ")}
		if len(spoke) == 0 {
			heard.State, heard.Says = Wrong, "none of them speaks"
			heard.Cause = &model.Cause{Kind: model.CauseEnvironment, DataCenter: site.Name, Problem: "shows nothing of the toolkit's status",
				Setting: "CROSSDC_INDICATORS", Remedy: "see the lines above, and CROSSDC_APPLICATION_INVOCATION"}
		}
		findings = append(findings, heard)
		for _, problem := range site.Problems {
			findings = append(findings, unheard(site.Name, problem))
		}
		findings = append(findings, held(site.Name, site.Conclusion))
		for _, more := range site.Conclusion.Disagreements {
			findings = append(findings, Finding{Where: site.Name, What: "disagreement", State: Notable, Says: more})
		}
		for _, quirk := range site.Conclusion.Hazards {
			findings = append(findings, Finding{Where: site.Name, What: "hazard", State: Notable, Says: "shows " + quirk})
		}
	}
	return findings
}

// unheard is an indicator that did not speak. One that is not configured is no fault of anything.
func unheard(site string, problem toolkit.Problem) Finding {
	text := strings.TrimPrefix(problem.Error(), site+": ")
	if problem.Cause.Ours() {
		return Finding{Where: site, What: "indicators", State: Wrong, Says: text, Cause: &model.Cause{Kind: model.CauseLogin, DataCenter: site, Problem: text}}
	}
	return Finding{Where: site, What: "indicators", State: Notable, Says: text}
}

// held is what a side holds of its peer.
func held(site string, c toolkit.Conclusion) Finding {
	why := strings.Join(c.Why, "; ")
	if c.State == toolkit.Up {
		return Finding{Where: site, What: "status", State: Fits, Says: fmt.Sprintf("holds %s UP: %s", c.Peer, why)}
	}
	problem := fmt.Sprintf("holds %s %s and not UP", c.Peer, c.State)
	cause := model.Cause{Kind: model.CauseEnvironment, DataCenter: site, Problem: problem, Detail: why,
		Remedy: "bring both to hold each other UP first: look at the network between them and at the toolkit's traces"}
	return Finding{Where: site, What: "status", State: Wrong, Says: cause.Sentence() + " (" + why + ")", Cause: &cause}
}

// ExamineFaults says of each kind of fault whether it can be injected here.
func ExamineFaults(env *Environment) []Finding {
	var can []string
	var findings []Finding
	for _, kind := range fault.Kinds() {
		f := kind.Make(fault.Sample(env.DC1.Name()))
		if ok, why := f.Available(env); ok {
			can = append(can, kind.Name)
		} else {
			findings = append(findings, Finding{Where: "faults", What: kind.Name, State: Notable, Says: "cannot be injected here: " + why + "; its scenarios are skipped"})
		}
	}
	return append([]Finding{{Where: "faults", What: "available", State: Fits, Says: strings.Join(can, ", ")}}, findings...)
}
