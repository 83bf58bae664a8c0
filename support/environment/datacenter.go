package environment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment/gateway"
	"github.com/crossdc/failover/support/environment/process"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/access"
	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/exchange"
	"github.com/crossdc/failover/toolkit/metrics"
	"github.com/crossdc/failover/toolkit/metrics/exposition"
	"github.com/crossdc/failover/toolkit/streams"
)

// Reach says how a data center is reached: the same for an embedded and a remote one.
type Reach struct {
	Name        string
	Root        string  // management REST
	Data        string  // data exchange; empty: none
	Metrics     string  // Prometheus text; empty: none
	Stored      *Stored // a Prometheus server instead; nil: none
	Instance    string
	Access      access.Config
	Toolkit     string // host of the toolkit's listeners, as seen from here; empty: not reachable from here
	Application string // "ns::Main"
	Submission  Submission
	DataSetting string // names the setting of Data, for advice
	Endpoints   string // name of the job that has the application's endpoints; empty: the submitted one
}

// wanted says which job is the application's.
func (r Reach) wanted() streams.Wanted {
	return streams.Wanted{Name: r.Submission.JobName, Application: r.Application}
}

// jobOrApplication names the application's job for the data exchange service, which lists both.
func (r Reach) jobOrApplication() string {
	if r.Submission.JobName != "" {
		return r.Submission.JobName
	}
	return r.Application
}

// endpointsOf names the job that has the application's endpoints.
func (r Reach) endpointsOf() string {
	if r.Endpoints != "" {
		return r.Endpoints
	}
	return r.jobOrApplication()
}

// DataCenter is one side of an environment. It implements fault.DataCenter.
type DataCenter struct {
	reach      Reach
	management *management
	watcher    *streams.Client
	observed   toolkit.Management // for who watches, by the watcher
	asked      toolkit.Management // for who asks once: what is transient is repeated
	endpoints  *endpoints         // nil: no data exchange
	scraper    toolkit.Scraper
	processes  *processes      // of an emulated one, else nil
	storage    fault.Storage   // on its hosts; nil: known by URL only, or emulated
	onHosts    fault.Processes // those on its hosts; nil: known by URL only, or emulated
	standby    *standby        // nil: not a passive data center
	names      toolkit.Endpoints
	clockFile  string    // sets the clock that its toolkit waits on; empty: it cannot be set
	folder     string    // of the toolkit's snapshots; empty: not reachable from here
	database   *database // in which its toolkit keeps replicas; nil: in the folder, or not known
	insecure   bool
	proxy      *gateway.Gateway // between us and it; nil: none
	given      *crossdc.Config  // what its toolkit was configured with; nil: its operators know
}

func connect(reach Reach, names toolkit.Endpoints) (*DataCenter, error) {
	// Whoever watches asks again soon, and a repetition would blur when something was seen; everybody else insists.
	patient := reach.Access
	patient.Retries = access.UntilTimeout
	client, err := streams.New(streams.Config{Root: reach.Root, Config: patient})
	if err != nil {
		return nil, fmt.Errorf("reach %s: %w", reach.Name, err)
	}
	watcher, err := streams.New(streams.Config{Root: reach.Root, Config: reach.Access})
	if err != nil {
		return nil, fmt.Errorf("reach %s: %w", reach.Name, err)
	}
	dc := &DataCenter{
		reach: reach, names: names, watcher: watcher, insecure: client.Insecure(), observed: toolkit.NewManagement(watcher, reach.Instance, reach.wanted()),
		asked: toolkit.NewManagement(client, reach.Instance, reach.wanted()),
	}
	if reach.Data != "" {
		configuration := exchange.Config{URL: reach.Data, Config: reach.Access}
		configuration.Settings.Address = reach.DataSetting
		data, err := exchange.New(configuration)
		if err != nil {
			return nil, fmt.Errorf("reach the data exchange of %s: %w", reach.Name, err)
		}
		dc.endpoints = newEndpoints(data, reach.endpointsOf())
		dc.insecure = dc.insecure || data.Insecure()
	}
	if reach.Metrics != "" {
		prometheus, err := access.NewClient(reach.Access, reach.Metrics)
		if err != nil {
			return nil, fmt.Errorf("reach the metrics of %s: %w", reach.Name, err)
		}
		dc.scraper = exposition.NewScraper(prometheus)
	}
	if reach.Stored != nil {
		if err := dc.storedIn(*reach.Stored); err != nil {
			return nil, fmt.Errorf("reach the Prometheus server of %s: %w", reach.Name, err)
		}
	}
	dc.management = &management{
		platform: newPlatform(client, reach.Instance, reach.wanted()),
		name:     reach.Name, endpoints: dc.endpoints, control: names.Control, submission: reach.Submission,
	}
	return dc, nil
}

// learnJobName takes the name of the job that was found by its application for the name that was not given: what cannot list
// jobs, such as a page of metrics, knows it by nothing else, and it is submitted again under the same name.
func (dc *DataCenter) learnJobName(ctx context.Context) error {
	if dc.reach.Submission.JobName != "" {
		return nil
	}
	job, err := dc.management.currentJob(ctx)
	if err != nil {
		return err
	}
	dc.reach.Submission.JobName, dc.management.submission.JobName = job.Name, job.Name
	return nil
}

// Name implements fault.DataCenter.
func (dc *DataCenter) Name() string { return dc.reach.Name }

// Management implements fault.DataCenter.
func (dc *DataCenter) Management() fault.Management { return dc.management }

// Processes implements fault.DataCenter.
func (dc *DataCenter) Processes() fault.Processes {
	if dc.processes != nil {
		return dc.processes
	}
	return dc.onHosts
}

// Reach returns how the data center is reached, without its secrets' values being printable.
func (dc *DataCenter) Reach() Reach { return dc.reach }

// Serving reports whether the application's job runs and is healthy now.
func (dc *DataCenter) Serving(ctx context.Context) bool {
	_, running, err := dc.management.JobRunning(ctx)
	return err == nil && running
}

// resubscribe is the pause before a result stream is opened again after it ended.
const resubscribe = 20 * time.Millisecond

// FollowResults hands every processed event of a scenario's streams that the application reports to took, with the instant it was received,
// until ctx ends. When the stream ends it is opened again, from where it ended: events may be reported twice then, never
// lost for as long as the sink's buffer reaches back.
func (dc *DataCenter) FollowResults(ctx context.Context, streams Streams, took func([]traffic.Result, time.Time)) {
	if dc.endpoints == nil || dc.names.Results == "" {
		return
	}
	for ctx.Err() == nil {
		if found, err := dc.endpoints.find(ctx, exchange.Inspect, dc.names.Results); err == nil {
			dc.followOnce(ctx, found, streams, took)
		}
		timer := time.NewTimer(resubscribe)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (dc *DataCenter) followOnce(ctx context.Context, endpoint exchange.Endpoint, streams Streams, took func([]traffic.Result, time.Time)) {
	subscription, err := dc.endpoints.client.Subscribe(ctx, endpoint)
	if err != nil {
		dc.endpoints.forget(err)
		return
	}
	defer subscription.Close()
	for {
		frame, err := subscription.Next(ctx)
		if err != nil {
			dc.endpoints.forget(err)
			return
		}
		results := make([]traffic.Result, 0, len(frame.Items))
		for _, item := range frame.Items {
			var result traffic.Result
			if json.Unmarshal(item, &result) != nil {
				results = append(results, traffic.Result{DC: "malformed"}) // counts as corrupted
			} else if own, ok := streams.result(result); ok {
				results = append(results, own)
			}
		}
		took(results, frame.Received)
	}
}

// Fragments is how many fragments of state this data center's application has, where the environment's has usual ones.
func (dc *DataCenter) Fragments(usual int) int {
	if own := dc.reach.Submission.Fragments; own > 0 {
		return own
	}
	return usual
}

// site is how the toolkit client sees the data center.
func (dc *DataCenter) site(settings *config.Config, fragments int) toolkit.Site {
	fragments = dc.Fragments(fragments)
	site := toolkit.Site{
		Name: dc.reach.Name, Management: dc.observed, Prometheus: dc.scraper, PrometheusOrigin: metrics.Origin{Instance: dc.reach.Instance, Job: dc.reach.Submission.JobName},
		Composite: settings.Application.Invocation, Endpoints: dc.names, Fragments: fragments, Unused: unused(settings), Serving: serving(settings),
	}
	if dc.standby != nil { // the monitor has nothing but its status
		site.Endpoints = toolkit.Endpoints{Status: dc.names.Status}
	}
	if dc.endpoints != nil {
		site.Exchange = toolkit.NewExchange(dc.endpoints.client, dc.reach.jobOrApplication())
	}
	return site
}

// Counters reads the named counters of the application's operators, for specs that follow a rhythm.
func (dc *DataCenter) Counters(ctx context.Context, of ...toolkit.OperatorPort) (metrics.Set, error) {
	return dc.asked.Counters(ctx, of...)
}

// toolkitListener is the address of a toolkit port; offset 0 is the heartbeat port P.
func toolkitListener(host string, port, offset int) string {
	return net.JoinHostPort(host, strconv.Itoa(port+offset))
}

// probeListener asks a toolkit listener for its catalogue of ports, which does not count as a heartbeat (toolkit contract 4.2).
func probeListener(ctx context.Context, address string) error {
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/ports/info", nil)
	if err != nil {
		return fmt.Errorf("ask %s for its ports: %w", address, err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("ask %s for its ports: %w", address, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return &answeredError{address, response.Status}
	}
	return nil
}

// answeredError says that something listens, and answers otherwise than a toolkit listener.
type answeredError struct{ address, status string }

func (e *answeredError) Error() string {
	return fmt.Sprintf("ask %s for its ports: it answered %s", e.address, e.status)
}

// neverConnected says that the operating system made no connection, so that nothing can have been sent.
func neverConnected(err error) bool {
	var operation *net.OpError
	return errors.Is(err, syscall.ECONNREFUSED) || errors.As(err, &operation) && operation.Op == "dial"
}

// processes implements fault.Processes for an emulated data center.
type processes struct {
	dc    *DataCenter
	start func(ctx context.Context) (*process.Process, error)
	now   atomic.Pointer[process.Process]
}

// List implements fault.Processes.
func (p *processes) List(context.Context) ([]int, error) {
	members, err := p.now.Load().Members()
	if err != nil {
		return nil, err
	}
	list := make([]int, 0, len(members))
	for pid := range members {
		list = append(list, pid)
	}
	return list, nil
}

// Kill implements fault.Processes.
func (p *processes) Kill(ctx context.Context) error { return p.now.Load().Kill(ctx) }

// Suspend implements fault.Processes.
func (p *processes) Suspend(ctx context.Context) error { return p.now.Load().Suspend(ctx) }

// Resume implements fault.Processes.
func (p *processes) Resume(ctx context.Context) error { return p.now.Load().Resume(ctx) }

// KillPE implements fault.Processes.
func (p *processes) KillPE(ctx context.Context, id string) error {
	instance, err := p.dc.management.knownInstance(ctx)
	if err != nil {
		return err
	}
	pe, err := p.dc.management.client.PE(ctx, instance, id)
	if err != nil {
		return err
	}
	pid, ok := pe.PID()
	if !ok {
		return fmt.Errorf("kill %s/pe %s: the management API tells no process id (%q)", p.dc.Name(), id, pe.ProcessID)
	}
	return p.now.Load().SignalMember(pid, syscall.SIGKILL)
}

// Start implements fault.Processes.
func (p *processes) Start(ctx context.Context) error {
	started, err := p.start(ctx)
	if err != nil {
		return err
	}
	p.now.Store(started)
	return await(ctx, p.dc.Name()+" to answer", func(ctx context.Context) (bool, error) {
		return p.dc.management.Reachable(ctx) == nil, nil
	})
}
