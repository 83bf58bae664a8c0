package environment

import (
	"fmt"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// Traps are the configuration traps C1-C14 of toolkit contract 2.3 that the settings step into.
type Traps struct {
	Found []crossdc.Finding
	// Unknown are the traps that depend on what the settings of a remote environment do not tell: what each side was given.
	Unknown []crossdc.Trap
}

// TrapsOf holds the toolkit's configuration, as far as it is known for both sides, against the traps.
func TrapsOf(settings *config.Config) Traps {
	kind, err := kindOf(settings)
	if err != nil {
		return declaredTraps(settings)
	}
	return kind.traps(settings)
}

// givenTraps are those of a pair that we configure ourselves, so that all of it is known.
func givenTraps(settings *config.Config) Traps {
	local, remote := ToolkitConfig(settings), ToolkitConfig(settings)
	one, two := settings.DC1.Name, settings.DC2.Name
	for _, side := range []struct {
		own        *crossdc.Config
		name, peer string
	}{{&local, one, two}, {&remote, two, one}} {
		side.own.LocalDataCenterName, side.own.RemoteMachineNames = side.name, side.peer // as emulated.configure gives them: each its own
		side.own.StorageDirectory = "/" + side.name
	}
	return Traps{Found: bothWays(&local, &remote)}
}

// declaredTraps are those that show in what the operators of a pair declared; what each side was given is theirs to know.
func declaredTraps(settings *config.Config) Traps {
	local := ToolkitConfig(settings)
	traps := Traps{Unknown: []crossdc.Trap{crossdc.C2, crossdc.C3, crossdc.C4, crossdc.C8, crossdc.C9, crossdc.C10, crossdc.C11, crossdc.C12, crossdc.C13}}
	for _, finding := range crossdc.Validate(&local, nil) {
		if !traps.leavesOpen(finding.Trap) {
			traps.Found = append(traps.Found, finding)
		}
	}
	return traps
}

// Traps holds what both sides were given against the traps, where that is known: in an embedded environment.
func (e *Environment) Traps() []crossdc.Finding {
	if e.DC1.given == nil || e.DC2.given == nil {
		return TrapsOf(e.settings).Found
	}
	return bothWays(e.DC1.given, e.DC2.given, crossdc.LocalMachines(e.DC1.reach.Toolkit), crossdc.LocalMachines(e.DC2.reach.Toolkit))
}

// looked says which traps were looked for.
func (t Traps) looked() string {
	if len(t.Unknown) == 0 {
		return "C1 to C14 were looked for"
	}
	names := make([]string, len(t.Unknown))
	for i, trap := range t.Unknown {
		names[i] = string(trap)
	}
	return "those were looked for that the settings can show; " + strings.Join(names, ", ") + " depend on what each side was given"
}

// bothWays looks at the pair from either side; what both sides show is said once. known are the machines of either side, or nothing.
func bothWays(one, other *crossdc.Config, known ...crossdc.Known) []crossdc.Finding {
	var here, there []crossdc.Known
	if len(known) == 2 {
		here, there = known[:1], known[1:]
	}
	found := crossdc.Validate(one, other, here...)
	for _, more := range crossdc.Validate(other, one, there...) {
		known := false
		for _, have := range found {
			known = known || have == more
		}
		if !known {
			found = append(found, more)
		}
	}
	return found
}

func (t Traps) leavesOpen(trap crossdc.Trap) bool {
	for _, unknown := range t.Unknown {
		if unknown == trap {
			return true
		}
	}
	return false
}

// Refused are the traps in which a failover test means nothing, as causes: the toolkit never declares DOWN, or its processing
// elements never run for long.
func (t Traps) Refused() []model.Cause {
	var causes []model.Cause
	for _, finding := range t.Found {
		if meaningless(finding) {
			causes = append(causes, model.Cause{Kind: model.CauseSettings, Setting: settingOf(finding.Key),
				Problem: fmt.Sprintf("the toolkit's configuration makes the test meaningless (%s): %s = %s: %s", finding.Trap, finding.Key, finding.Value, finding.Effect),
				Remedy:  remedyOf(finding)})
		}
	}
	return causes
}

// Warnings are the other traps, in one sentence each: the test says something, and the configuration is not what it seems.
func (t Traps) Warnings() []string {
	var warnings []string
	for _, finding := range t.Found {
		if !meaningless(finding) {
			warnings = append(warnings, Warning(finding))
		}
	}
	return warnings
}

// Warning says one trap in one sentence.
func Warning(finding crossdc.Finding) string {
	certainty := ""
	if finding.Possible {
		certainty = "possibly "
	}
	return fmt.Sprintf("%sconfiguration trap %s: %s = %s: %s; %s", certainty, finding.Trap, finding.Key, finding.Value, finding.Effect, remedyOf(finding))
}

// meaningless reports whether a finding leaves nothing that a failover test could show.
func meaningless(finding crossdc.Finding) bool {
	if finding.Possible {
		return false
	}
	switch finding.Trap {
	case crossdc.C1, crossdc.C2, crossdc.C3, crossdc.C6, crossdc.C12, crossdc.C14:
		return true
	}
	return false
}

// settingsByKey are the variables that stand for keys of the toolkit.
var settingsByKey = map[string]string{
	"heartbeatExchangeInterval": "CROSSDC_TOOLKIT_HEARTBEAT_INTERVAL", "consecutiveHeartbeatMissesAllowed": "CROSSDC_TOOLKIT_MISSES",
	"dataSnapshotExchangeInterval": "CROSSDC_TOOLKIT_SNAPSHOT_INTERVAL", "crossDCHttpPort": "CROSSDC_TOOLKIT_PORT",
	"numberOfHttpSenderReceiverPairs": "CROSSDC_TOOLKIT_PAIRS",
}

func settingOf(key string) string { return settingsByKey[key] }

// remedyOf names the variable that stands for the key, where there is one.
func remedyOf(finding crossdc.Finding) string {
	setting := settingOf(finding.Key)
	if setting == "" || strings.Contains(finding.Remedy, setting) {
		return finding.Remedy
	}
	return fmt.Sprintf("%s (%s)", finding.Remedy, setting)
}

// IntervalOf is the heartbeat interval that a data center was given, in toolkit time; where that is not known, the one of the settings.
func (e *Environment) IntervalOf(dc *DataCenter) time.Duration {
	if dc.given == nil {
		return e.Timing.Interval
	}
	return dc.given.Timing().Interval
}
