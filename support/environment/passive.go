package environment

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/metrics"
	"github.com/crossdc/failover/toolkit/streams"
)

// ActivePassive is the topology in which the application runs in the first data center only. The second one runs a
// standalone monitor that starts a script on DOWN (toolkit contract 1 and 9.2).
const ActivePassive = "active/passive"

// Names of the embedded monitor.
const (
	monitorJob       = "FailoverMonitor"
	monitorComposite = "com.crossdc.drill::FailoverMonitor"
	scriptName       = "failover.sh"
	scriptLog        = "failover.log"
	scriptStarted    = "script started"
)

// standby is what a passive data center has beside its monitor: the application that the script submits.
type standby struct {
	*management
	observed toolkit.Management
	log      string // path of the script's log; empty: not known
}

// newStandby is the application's job in a data center whose observed job is the monitor.
func (dc *DataCenter) newStandby(job, log string) *standby {
	client := dc.management.client
	return &standby{
		management: &management{platform: newPlatform(client, dc.reach.Instance, streams.Wanted{Name: job}), name: dc.Name()},
		observed:   toolkit.NewManagement(client, dc.reach.Instance, streams.Wanted{Name: job}), log: log,
	}
}

// FailoverRuns is how often the monitor's script was started, and what it has logged. An error that is
// errors.ErrUnsupported says that this is not known here.
func (dc *DataCenter) FailoverRuns() (times int, log string, err error) {
	if dc.standby == nil || dc.standby.log == "" {
		return 0, "", fmt.Errorf("%s: what its failover script does is not known here: %w", dc.Name(), errors.ErrUnsupported)
	}
	raw, err := os.ReadFile(dc.standby.log)
	if errors.Is(err, os.ErrNotExist) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", fmt.Errorf("read the log of the failover script of %s: %w", dc.Name(), err)
	}
	return strings.Count(string(raw), scriptStarted), string(raw), nil
}

// errActive says that a data center is no passive one.
var errActive = errors.New("this data center is not passive")

// StandbyRunning reports whether the application that a passive data center starts on failover is listed, running and
// healthy.
func (dc *DataCenter) StandbyRunning(ctx context.Context) (job string, running bool, err error) {
	if dc.standby == nil {
		return "", false, fmt.Errorf("%s: %w", dc.Name(), errActive)
	}
	return dc.standby.JobRunning(ctx)
}

// CancelStandby cancels that application.
func (dc *DataCenter) CancelStandby(ctx context.Context) error {
	if dc.standby == nil {
		return fmt.Errorf("%s: %w", dc.Name(), errActive)
	}
	return dc.standby.CancelJob(ctx)
}

// StandbyCounters reads counters of that application's operators.
func (dc *DataCenter) StandbyCounters(ctx context.Context, of ...toolkit.OperatorPort) (metrics.Set, error) {
	if dc.standby == nil {
		return metrics.Set{}, fmt.Errorf("%s: %w", dc.Name(), errActive)
	}
	return dc.standby.observed.Counters(ctx, of...)
}

// passive says whether the n-th data center, counted from 1, is a passive one.
func passive(settings *config.Config, n int) bool {
	return n == 2 && settings.Topology == ActivePassive
}

// guard turns a submission of the application into one of the monitor, whose script submits the application.
func (e *emulated) guard(program string, ready instanceReady, application Submission) (Submission, error) {
	log := e.scriptLog()
	arguments := []string{
		program, "submit", "-root", ready.Root, "-ca", ready.CA, "-user", emulatedUser, "-password-file", filepath.Join(e.folder, passwordFile),
		"-instance", instanceID, "-job", application.JobName, "-tracing", application.Tracing, "-cancel", monitorJob,
	}
	for _, name := range slices.Sorted(maps.Keys(application.Parameters)) {
		arguments = append(arguments, "-parameter", name+"="+application.Parameters[name])
	}
	for i, argument := range arguments {
		arguments[i] = "'" + strings.ReplaceAll(argument, "'", `'\''`) + "'"
	}
	text := fmt.Sprintf("#!/bin/sh\n# Run by the monitor of %s when it declares its peer DOWN.\necho '%s' >> '%s'\nexec %s >> '%s' 2>&1\n",
		e.name, scriptStarted, log, strings.Join(arguments, " "), log)
	path := filepath.Join(e.folder, scriptName)
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		return Submission{}, fmt.Errorf("leave %s its failover script: %w", e.name, err)
	}
	return Submission{JobName: monitorJob, Tracing: "info", Parameters: map[string]string{
		"numberOfHttpSenderReceiverPairs": application.Parameters["numberOfHttpSenderReceiverPairs"], "role": "monitor", "shellScriptName": path,
	}}, nil
}

func (e *emulated) scriptLog() string { return filepath.Join(e.folder, scriptLog) }

// monitored adds the monitor's own configuration, in mode 0, to that of the application that its script submits.
func monitored(properties map[string]string, values crossdc.Config) map[string]string {
	values.OperationMode = 0
	maps.Copy(properties, values.Properties(monitorComposite))
	return properties
}

// StandbyStates reads the state of the fragments of the application that a passive data center has started, which the monitor's own
// endpoints do not show.
func (e *Environment) StandbyStates(ctx context.Context) ([]toolkit.FragmentState, error) {
	dc := e.DC2
	if dc.standby == nil || dc.endpoints == nil {
		return nil, fmt.Errorf("read the state of the application that %s started: %w", dc.Name(), errActive)
	}
	site := dc.site(e.settings, e.Fragments)
	site.Endpoints, site.Exchange = dc.names, toolkit.NewExchange(dc.endpoints.client, dc.reach.endpointsOf())
	client, err := toolkit.New(toolkit.Config{Sites: [2]toolkit.Site{e.DC1.site(e.settings, e.Fragments), site}, CallTimeout: e.settings.CallTimeout,
		Timing: toolkit.Timing{HeartbeatInterval: e.settings.Toolkit.HeartbeatInterval.Seconds(), MissesAllowed: int(e.settings.Toolkit.Misses), Speedup: e.settings.Speedup}})
	if err != nil {
		return nil, fmt.Errorf("read the state of the application that %s started: %w", dc.Name(), err)
	}
	return client.FragmentStates(ctx, dc.Name())
}
