package environment

import (
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment/hostsfile"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// Check holds settings that are each right against one another, and against what lies on this machine, before anything is
// built, started or broken: objectives that cannot be kept, a speedup that measures too coarsely, files that are not
// there. It returns one cause for each thing that is wrong; none means that opening an environment can be tried.
func Check(settings *config.Config) []model.Cause {
	var causes []model.Cause
	for _, checked := range Checks(settings) {
		causes = append(causes, checked.Causes...)
	}
	return causes
}

// Checked is one thing that was looked at before anything was opened.
type Checked struct {
	What string // in a few words: "objectives"
	Fits string // what was found, where nothing is wrong
	// Warnings are what somebody should know, although tests can run.
	Warnings []string
	Causes   []model.Cause // what is wrong with it
}

// Checks is Check one by one, with what was found where nothing is wrong.
func Checks(settings *config.Config) []Checked {
	configuration, objectives := ToolkitConfig(settings), settings.Objectives()
	timing := configuration.Timing()
	checks := []Checked{{What: "objectives", Fits: fmt.Sprintf("RTO %s and RPO %s can be kept with I = %s, N = %d, S = %s", objectives.RTO, objectives.RPO,
		settings.Toolkit.HeartbeatInterval, settings.Toolkit.Misses, settings.Toolkit.SnapshotInterval)}}
	if err := timing.Feasible(objectives.RTO, objectives.RPO); err != nil {
		checks[0].Causes = infeasible(settings, err)
	}
	traps := TrapsOf(settings)
	checks = append(checks, Checked{What: "configuration traps", Fits: traps.looked(), Warnings: traps.Warnings(), Causes: traps.Refused()})
	kind, err := kindOf(settings)
	if err != nil {
		return append(checks, Checked{What: "environment", Causes: []model.Cause{{Kind: model.CauseSettings, Setting: "CROSSDC_ENVIRONMENT", Problem: err.Error(), Remedy: "set it to one of those that make config lists"}}})
	}
	return append(checks, kind.checks(settings)...)
}

// files refuses files of the settings of remote data centers that cannot be read.
func files(settings *config.Config) []model.Cause {
	var causes []model.Cause
	for i, site := range settings.Sites() {
		prefix := fmt.Sprintf("%s_DC%d_", config.Prefix, i+1)
		if site.CAFile != "" {
			if problem := authority(site.CAFile); problem != "" {
				causes = append(causes, model.Cause{Kind: model.CauseCertificate, DataCenter: site.Name, Setting: prefix + "CA_FILE",
					Problem: fmt.Sprintf("cannot be trusted yet: %sCA_FILE=%q %s", prefix, site.CAFile, problem),
					Remedy:  "give the PEM file with the authority that signed its certificate"})
			}
		}
		if site.Bundle != "" {
			if _, err := os.Stat(site.Bundle); err != nil {
				causes = append(causes, model.Cause{Kind: model.CauseSettings, DataCenter: site.Name, Setting: prefix + "BUNDLE",
					Problem: fmt.Sprintf("has no application bundle: %sBUNDLE=%q cannot be read (%v)", prefix, site.Bundle, reason(err)),
					Remedy:  "give the path of the .sab, or leave it out"})
			}
		}
		if site.HostsFile != "" {
			if _, err := hostsfile.Load(site.HostsFile); err != nil {
				causes = append(causes, model.Cause{Kind: model.CauseSettings, DataCenter: site.Name, Setting: prefix + "HOSTS_FILE",
					Problem: fmt.Sprintf("has hosts that cannot be understood: %sHOSTS_FILE=%q: %v", prefix, site.HostsFile, err),
					Remedy:  "write what support/environment/hostsfile/schema.json describes, or leave it out"})
			}
		}
	}
	return causes
}

// infeasible turns objectives that cannot be kept into causes that name the variable, its value and the nearest feasible ones.
func infeasible(settings *config.Config, err error) []model.Cause {
	var causes []model.Cause
	all := []error{err}
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		all = joined.Unwrap()
	}
	objectives := settings.Objectives()
	for _, one := range all {
		variable, value := "CROSSDC_RPO", objectives.RPO
		var not *crossdc.Infeasible
		if !errors.As(one, &not) {
			causes = append(causes, model.Cause{Kind: model.CauseObjectives, Setting: "CROSSDC_TOOLKIT_SNAPSHOT_INTERVAL",
				Problem: fmt.Sprintf("%s=%s cannot be kept: no snapshot is ever taken with CROSSDC_TOOLKIT_SNAPSHOT_INTERVAL=%s", variable, value, settings.Toolkit.SnapshotInterval),
				Remedy:  "set CROSSDC_TOOLKIT_SNAPSHOT_INTERVAL to at least 1s"})
			continue
		}
		if not.Objective == "RTO" {
			variable, value = "CROSSDC_RTO", objectives.RTO
		}
		cause := model.Cause{Kind: model.CauseObjectives, Setting: variable, Problem: fmt.Sprintf("%s=%s cannot be kept: %s", variable, value, not.Reason)}
		if not.Bound < math.MaxInt64 {
			cause.Remedy = fmt.Sprintf("the nearest that can be kept is %s=%s", variable, not.Bound)
		} else {
			cause.Setting, cause.Remedy = "CROSSDC_TOOLKIT_MISSES", "set CROSSDC_TOOLKIT_MISSES to at most 254"
		}
		causes = append(causes, cause)
	}
	return causes
}

// tooFast refuses a speedup that makes the measuring error more than 1 % of the objective.
func tooFast(settings *config.Config) *model.Cause {
	rto := settings.Objectives().RTO
	wrong := time.Duration(float64(measuringError) * settings.Speedup)
	if wrong <= rto/100 {
		return nil
	}
	limit := math.Floor(rto.Seconds() / 100 / measuringError.Seconds())
	return &model.Cause{Kind: model.CauseSettings, Setting: "CROSSDC_SPEEDUP",
		Problem: fmt.Sprintf("CROSSDC_SPEEDUP=%g turns the measuring error of %v into %v of toolkit time, more than 1 %% of the RTO of %v",
			settings.Speedup, measuringError, wrong.Round(time.Millisecond), rto),
		Remedy: "use CROSSDC_SPEEDUP of at most " + strconv.FormatFloat(limit, 'g', 4, 64)}
}

// programs refuses given programs that cannot be started.
func programs(settings *config.Config) []model.Cause {
	var causes []model.Cause
	for _, program := range []struct{ setting, path, name string }{
		{"CROSSDC_EMULATOR_PATH", settings.Emulator.Path, "emulator"}, {"CROSSDC_EMULATOR_RELAY", settings.Emulator.Relay, "relay"},
	} {
		if program.path == "" {
			continue
		}
		why := ""
		switch info, err := os.Stat(program.path); {
		case err != nil:
			why = reason(err)
		case info.IsDir():
			why = "it is a folder"
		case info.Mode()&0o111 == 0:
			why = "it may not be executed"
		}
		if why != "" {
			causes = append(causes, model.Cause{Kind: model.CauseBuild, Setting: program.setting,
				Problem: fmt.Sprintf("the %s cannot be started: %s=%q: %s", program.name, program.setting, program.path, why),
				Remedy:  "give a built program, or leave " + program.setting + " out and it is built"})
		}
	}
	return causes
}

// authority says what is wrong with a file of certificates; empty when it holds one.
func authority(path string) string {
	raw, err := os.ReadFile(path)
	if err != nil {
		return "cannot be read (" + reason(err) + ")"
	}
	if !x509.NewCertPool().AppendCertsFromPEM(raw) {
		return "holds no certificate in PEM"
	}
	return ""
}

// reason is what the operating system says, without the path that the sentence has already.
func reason(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
