package environment

import (
	"fmt"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// Predictions is what the toolkit's configuration means, by the closed forms of toolkit contract 6, before anything is broken: how long
// detection takes, what is tolerated, what a crash costs, and how contact comes about. Delays of the network are taken as none.
func Predictions(settings *config.Config) []Finding {
	configuration := ToolkitConfig(settings)
	timing := configuration.Timing()
	var findings []Finding
	add := func(what, format string, values ...any) {
		findings = append(findings, Finding{Where: "predictions", What: what, State: Fits, Says: fmt.Sprintf(format, values...)})
	}
	recovery := timing.RecoveryTime(0, 0)
	add("detection", "a crash is declared DOWN %s to %s after it, %s on average, give or take %s; while the survivor itself still starts, up to %s",
		short(recovery.Min), short(recovery.Max), short(timing.DetectionMean(0)), short(timing.DetectionDeviation()), short(timing.DetectionDuringInit()))
	add("tolerance", "%d heartbeats may be lost in a row, and arrivals may jitter by %s; where 1 %% of all heartbeats are lost, a false DOWN comes every %s",
		timing.ToleratedLosses(), short(timing.ToleratedJitter()), short(timing.TimeBetweenFalseDowns(0.01)))
	for _, hung := range timing.HungExchanges() {
		if hung.FalseDown > 0 {
			findings = append(findings, Finding{Where: "predictions", What: "hung exchange", State: Notable,
				Says: fmt.Sprintf("one exchange that hangs for %s leads to a false DOWN with a probability of %.0f %% (Q10)", short(hung.Hang), 100*hung.FalseDown)})
		}
	}
	if mean, err := timing.MeanRPO(0); err == nil {
		if age, err := timing.AgeAtTakeover(0, 0, 0); err == nil {
			add("data loss", "a crash loses what was done since the last snapshot, %s on average; what is taken over is up to %s old", short(mean), short(age.Max))
		}
	}
	first := timing.FirstContact(0, 0, 0)
	survivor, fresh := timing.Recontact(0)
	add("contact", "UP %s to %s after the start; after a restart beside a survivor %s there, and up to %s at the one that was started", short(first.Min), short(first.Max),
		short(survivor), short(fresh.Max))
	broken := timing.CertainGap()
	findings = append(findings, Finding{Where: "predictions", What: "broken link", State: Notable,
		Says: fmt.Sprintf("a link that is broken for %s leaves both sides silent for good with a probability of %.0f %% (Q1)", short(broken), 100*timing.SilenceProbability(crossdc.PreparerFirst, broken))})
	if configuration.SendToAllRemoteMachines {
		add("machines", "each machine in the list that swallows packets costs every heartbeat %s", short(timing.DeadMachines(1)))
	} else {
		add("machines", "when the machine in use fails, one heartbeat takes up to %s", short(timing.RescanCost()))
	}
	return findings
}

// short is a duration without more digits than it has meaning.
func short(d time.Duration) string {
	if d > 48*time.Hour {
		return fmt.Sprintf("%.0f days", d.Hours()/24)
	}
	return d.Round(time.Second / 10).String()
}
