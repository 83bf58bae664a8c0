// Package environment provides the pair of data centers that a run is aimed at: "embedded" starts two emulated ones as
// processes, "remote" reaches two that exist by their URLs, "hosts" reaches their hosts as well; the table is kinds. All are reached through the same URLs, credentials and certificates; what
// an environment can do beyond that is stated as capabilities.
//
// It may import support/config, support/fault, support/traffic, toolkit and reports/model.
package environment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment/busy"
	"github.com/crossdc/failover/support/environment/lease"
	"github.com/crossdc/failover/support/environment/pulse"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/access"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// Environment is a pair of data centers. It implements fault.Environment.
type Environment struct {
	DC1, DC2 *DataCenter
	Client   *toolkit.Client
	Timing   crossdc.Timing // of the toolkit, in toolkit time
	Speedup  float64        // toolkit seconds per wall second
	// Fragments is the number of state fragments that the application replicates.
	Fragments int
	// HeartbeatPort is the offset of the heartbeat port for Link.Probe.
	HeartbeatPort int
	// StatusIndicators is how many independent indicators can tell a change of the toolkit's status here.
	StatusIndicators int

	kind     kind
	settings *config.Config
	toolkit  map[string]string
	link     shaped // nil: the network between the data centers cannot be shaped
	canary   *canary
	pulse    *pulse.Pulse
	busy     *busy.Watch
	own      *embedded    // nil where the data centers are not ours
	hosts    *onHosts     // nil where their hosts are not reached
	stop     *stopFile    // nil where none is watched for
	lease    *lease.Lease // nil where nothing is taken for this run
}

// shaped is a link that this package can look after.
type shaped interface {
	fault.Link
	// present says why the link cannot be asked for its rules, before anything is watched or broken.
	present(ctx context.Context) error
	closeIdle()
}

// Options of Open that are not settings of a user.
type Options struct {
	Progress func(format string, values ...any) // told what is being done; may be nil
	Switches map[string][]string                // bug switches by place, dc1 or dc2, embedded only
	// Configure changes the toolkit's configuration of one data center, dc1 or dc2 by place, before its application is submitted, embedded only; address is
	// where that data center itself listens.
	Configure func(dc, address string, values *crossdc.Config)
	// File is the toolkit's configuration file of a data center, dc1 or dc2 by place (configFileName), embedded only; nil: none is named, and an empty text names
	// one that is not there.
	File func(dc string) string
	// Machines is the list of machines on which a data center, dc1 or dc2 by place, looks for its peer (remoteDataCenterApplicationMachineNames), embedded
	// only: relay is where the relay stands in for that, direct the peer's own address. Nil: the relay alone.
	Machines func(dc, relay, direct string) string
	// Submit changes how the application of a data center, dc1 or dc2 by place, is submitted, embedded only; nil leaves it as it is.
	Submit func(dc string, submission *Submission)
	// Obscurable is the data center, dc1 or dc2 by place, that a proxy is put in front of, embedded only, by which DataCenter.Obscure makes
	// our view of it worse. A proxy in front of one that crashes would end connections that the data center itself refuses.
	Obscurable string
	// Database is the data center, dc1 or dc2 by place, whose toolkit keeps replicas in a private PostgreSQL server, embedded only. An error that
	// wraps ErrNotInstalled says that there is no PostgreSQL on this machine.
	Database string
	// Reads says that nothing is going to be broken, so that the data centers need not be taken for this run.
	Reads bool
	Truth string // folder for ground-truth journals, embedded only; empty: none are kept
}

func (o Options) progress(format string, values ...any) {
	if o.Progress != nil {
		o.Progress(format, values...)
	}
}

func (o Options) truth(name string) string {
	if o.Truth == "" {
		return ""
	}
	return filepath.Join(o.Truth, name+".jsonl")
}

// measuringError is how far from the middle of a fused interval the truth may be, in wall time: half the p95 of the width
// of a detection that the accuracy benchmark (support/prove/accuracy) found on a machine that was a third busy, 20 ms. On a busier
// machine the intervals say so themselves: they are wider.
const measuringError = 10 * time.Millisecond

// Open opens the environment that the settings name. What it fails with says, as CauseOf types it, why nothing can be tested.
func Open(ctx context.Context, settings *config.Config, options Options) (*Environment, error) {
	if causes := Check(settings); len(causes) > 0 {
		return nil, &Obstacle{Cause: causes[0]}
	}
	kind, err := kindOf(settings)
	if err != nil {
		return nil, err
	}
	stop, err := watchStopFile(settings.StopFile, options.progress, interruptSelf)
	if err != nil {
		return nil, err
	}
	env, err := kind.open(ctx, settings, options)
	if err != nil {
		stop.close()
		return nil, fmt.Errorf("open the %s environment: %w", kind.name, err)
	}
	env.kind, env.stop = kind, stop
	if !options.Reads {
		if err := env.take(ctx, settings, options.progress); err != nil {
			return nil, errors.Join(err, env.Close(ctx))
		}
	}
	if env.canary, err = newCanary(); err != nil {
		return nil, errors.Join(err, env.Close(ctx))
	}
	toolkitConfig := ToolkitConfig(settings)
	env.settings = settings
	env.Timing = toolkitConfig.Timing()
	env.Fragments = traffic.Channels
	env.toolkit = shown(toolkitConfig)
	client := toolkit.Config{
		Sites: [2]toolkit.Site{env.DC1.site(settings, env.Fragments), env.DC2.site(settings, env.Fragments)},
		Timing: toolkit.Timing{
			HeartbeatInterval: settings.Toolkit.HeartbeatInterval.Seconds(), MissesAllowed: int(settings.Toolkit.Misses), Speedup: settings.Speedup,
		},
		Link: env.prober(), CallTimeout: settings.CallTimeout,
	}
	env.watchStarvation(&client)
	env.Client, err = toolkit.New(client)
	if err != nil {
		return nil, errors.Join(err, env.Close(ctx))
	}
	env.StatusIndicators = max(toolkit.Witnesses(client.Sites[:]...), 1)
	return env, nil
}

// shown is the toolkit's configuration as far as both sides share it, without secrets.
func shown(c crossdc.Config) map[string]string {
	values := map[string]string{}
	for _, key := range crossdc.Keys() {
		if value := key.Get(&c); !key.Secret && value != "" && key.Name != "localDataCenterName" {
			values[key.Name] = value
		}
	}
	return values
}

// unused lists the indicators that the settings rule out.
func unused(settings *config.Config) []toolkit.Indicator {
	var list []toolkit.Indicator
	for _, way := range toolkit.Ways() {
		if !way.Fixed && !settings.Uses(string(way.Name)) {
			list = append(list, way.Name)
		}
	}
	return list
}

// Blind says why an indicator cannot show anything with these settings; empty when it can.
func Blind(settings *config.Config, indicator toolkit.Indicator) string {
	way, known := toolkit.WayOf(indicator)
	switch needs := way.Needs; {
	case !known:
		return "there is no " + string(indicator)
	case !way.Fixed && !settings.Uses(string(indicator)):
		return "the " + string(indicator) + " may not be used (CROSSDC_INDICATORS)"
	case needs.Endpoint != "" && endpointNames(settings).Named(needs.Endpoint) == "":
		return "the application has no " + string(indicator) + " (CROSSDC_ENDPOINT_" + strings.ToUpper(needs.Endpoint) + ")"
	}
	return ""
}

// Where identifies the environment in journals of faults: what it is aimed at, without secrets.
func (e *Environment) Where() fault.Where {
	var sides []string
	for _, dc := range []*DataCenter{e.DC1, e.DC2} {
		job := dc.reach.Submission.JobName
		if job == "" {
			job = dc.reach.Application
		}
		root := strings.TrimRight(strings.ToLower(access.CleanURL(dc.reach.Root)), "/")
		sides = append(sides, fmt.Sprintf("%s %s/%s", root, dc.reach.Instance, job))
	}
	return fault.Where{Kind: e.kind.name, At: strings.Join(sides, " and ")}
}

// DataCenters implements fault.Environment.
func (e *Environment) DataCenters() (dc1, dc2 fault.DataCenter) { return e.DC1, e.DC2 }

// Link implements fault.Environment.
func (e *Environment) Link() fault.Link {
	if e.link == nil {
		return nil
	}
	return e.link
}

// FaultLimit implements fault.Limiting: it counts where more than processes of ours is broken. What is left behind is healed however long it lasted.
func (e *Environment) FaultLimit() time.Duration {
	if e.settings == nil || e.kind.attach == nil {
		return 0
	}
	return e.settings.FaultLimit
}

// CannotSend says why no traffic can be sent here, because what it needs was not configured; empty when it can. Nothing of an
// application that gets no events can be tested.
func (e *Environment) CannotSend() string {
	described := e.Described()
	if described.Level() < application.Stated && !throughExchange(described) {
		return ""
	}
	var lacking []string
	for i, dc := range []*DataCenter{e.DC1, e.DC2} {
		if dc.endpoints == nil {
			lacking = append(lacking, fmt.Sprintf("%s_DC%d_DATA_URL", config.Prefix, i+1))
		}
	}
	switch {
	case len(lacking) > 0:
		return "no Data Exchange is configured, so that no event can be sent: set " + strings.Join(lacking, " and ")
	case described.Level() == application.Stated && e.DC1.names.Events == "":
		return "the application takes no events (CROSSDC_ENDPOINT_EVENTS=-), so that none can be sent"
	}
	return ""
}

// Sink returns where the traffic of one scenario goes.
func (e *Environment) Sink(streams Streams) traffic.Sink {
	sites := map[string]*endpoints{}
	for _, dc := range []*DataCenter{e.DC1, e.DC2} {
		if dc.endpoints != nil {
			sites[dc.Name()] = dc.endpoints
		}
	}
	return sink{streams: streams, endpoint: e.DC1.names.Events, sites: sites}
}

// PostHeartbeat POSTs one type-1 heartbeat body to a data center's heartbeat port, as its peer would (toolkit contract
// 6.4, S55): the way out of mutual silence that needs no restart. errors.ErrUnsupported says that the port cannot be reached.
func (e *Environment) PostHeartbeat(ctx context.Context, to *DataCenter, from string) error {
	if to.reach.Toolkit == "" {
		return fmt.Errorf("post a heartbeat to %s: its toolkit listener cannot be reached from here (CROSSDC_DC1_TOOLKIT_HOST, CROSSDC_DC2_TOOLKIT_HOST): %w", to.Name(), errors.ErrUnsupported)
	}
	body := crossdc.Marshal(crossdc.LittleEndian, &crossdc.Message{Type: crossdc.Heartbeat, Count: 1, DataCenter: from})
	address := "http://" + toolkitListener(to.reach.Toolkit, e.settings.Toolkit.Port, 0) + "/crossdcrx/CrossDataCenterReceiverForHB/ports/output/0/inject"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("post a heartbeat to %s: %w", to.Name(), err)
	}
	request.Header.Set("Content-Type", "application/octet-stream")
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("post a heartbeat to %s: %w", to.Name(), err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<10))
	if response.StatusCode != http.StatusNoContent && response.StatusCode != http.StatusOK {
		return fmt.Errorf("post a heartbeat to %s: it answered %s instead of 204", to.Name(), response.Status)
	}
	return nil
}

// prober lets the toolkit client ask whether the link works.
func (e *Environment) prober() toolkit.Prober {
	if e.link == nil || !e.settings.Uses(string(toolkit.LinkProbe)) {
		return nil
	}
	return linkProber{e.link, e.DC1.Name()}
}

type linkProber struct {
	link  fault.Link
	first string // name of the first data center
}

// Probe implements toolkit.Prober.
func (p linkProber) Probe(ctx context.Context, from, _ string) error {
	direction := fault.ToDC1
	if from == p.first {
		direction = fault.ToDC2
	}
	return p.link.Probe(ctx, direction, 0)
}
