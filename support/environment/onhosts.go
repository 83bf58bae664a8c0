package environment

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment/fleet"
	"github.com/crossdc/failover/support/environment/hosts"
	"github.com/crossdc/failover/support/environment/hostsfile"
	"github.com/crossdc/failover/support/environment/ssh"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/toolkit"
)

// hostsPair is the kind of environment whose data centers exist, and whose hosts are reached over SSH: what it does there a kernel or a
// process on the host ends by itself.
func hostsPair() kind {
	return kind{
		name: config.Hosts, open: openHosts, attach: attachHosts, traps: declaredTraps, clocks: hostClocks,
		checks: func(settings *config.Config) []Checked {
			return []Checked{{What: "files", Fits: "those that the settings name can be read", Causes: files(settings)}}
		},
		accuracy: func(*Environment) string {
			return "hosts: faults are bounded by the round trip to the agents that fire them; what is seen is bounded by call round trips and the platform's metric refresh"
		},
	}
}

// onHosts is what an environment holds of its hosts.
type onHosts struct {
	files  [2]*hostsfile.File
	fleets [2]*fleet.Fleet
	agents *agents
	clocks [2]*ssh.Offset // of each data center's hosts; nil: not known
}

func (o *onHosts) close(ctx context.Context) error {
	var problems []error
	for _, f := range o.fleets {
		problems = append(problems, f.Close(ctx))
	}
	o.agents.close()
	return errors.Join(problems...)
}

// openHosts reaches both data centers by their URLs, and all of their hosts.
func openHosts(ctx context.Context, settings *config.Config, options Options) (*Environment, error) {
	env, err := attachHosts(settings)
	if err != nil {
		return nil, err
	}
	options.progress("reaching the hosts of both data centers over SSH")
	if err = env.present(ctx, settings); err == nil {
		err = env.hosts.open(ctx, settings)
	}
	if err != nil {
		return nil, errors.Join(err, env.hosts.close(ctx))
	}
	armed := notArmed(settings, env.hosts.files)
	for _, dc := range []*DataCenter{env.DC1, env.DC2} {
		dc.onHosts.(*hostProcesses).refused, dc.storage.(*hostStorage).refused = armed, armed
	}
	env.link.(*hostLink).refused = armed
	return env, nil
}

func (o *onHosts) open(ctx context.Context, settings *config.Config) error {
	problems := make([]error, len(o.fleets))
	for i, f := range o.fleets {
		if err := f.Open(ctx); err != nil {
			problems[i] = &Obstacle{model.Cause{Kind: model.CauseEnvironment, DataCenter: settings.Sites()[i].Name, Setting: hostsSetting(i),
				Problem: "has hosts that cannot be reached as they are configured", Remedy: hosts.Remedy(err), Detail: err.Error()}, err}
			continue
		}
		if clock, err := f.Common(ctx); err == nil { // else nothing is compared with it
			o.clocks[i] = &clock
		}
	}
	return errors.Join(problems...)
}

// attachHosts knows the data centers and their hosts, and asks them nothing.
func attachHosts(settings *config.Config) (*Environment, error) {
	env, err := attachRemote(settings)
	if err != nil {
		return nil, err
	}
	o := &onHosts{agents: &agents{path: settings.Agent.Path}}
	holder := newHolder()
	for i, site := range settings.Sites() {
		if o.files[i], err = hostsfile.Load(site.HostsFile); err != nil {
			return nil, &Obstacle{model.Cause{Kind: model.CauseSettings, DataCenter: site.Name, Setting: hostsSetting(i), Problem: "has hosts that cannot be understood: " + err.Error()}, err}
		}
		o.fleets[i] = fleet.New(site.Name, o.files[i], fleet.Options{Programs: o.agents.get, Holder: holder, Limits: ssh.DefaultLimits(), Lease: leaseOfHosts})
	}
	env.hosts = o
	for i, dc := range []*DataCenter{env.DC1, env.DC2} {
		dc.storage = &hostStorage{Storage: fleet.NewStorage(o.fleets[i], holder)}
		dc.onHosts = &hostProcesses{Processes: fleet.NewProcesses(o.fleets[i], holder), dc: dc}
	}
	env.link = &hostLink{Link: fleet.NewLink(o.fleets[0], o.fleets[1], settings.Toolkit.Port, settings.Toolkit.Pairs, holder)}
	return env, nil
}

func hostsSetting(i int) string { return fmt.Sprintf("%s_DC%d_HOSTS_FILE", config.Prefix, i+1) }

// leaseOfHosts is how long hosts belong to a run that has died. It is renewed well within it, also over a link that is slow for some seconds.
const leaseOfHosts = time.Minute

// newHolder names this run to the hosts.
func newHolder() string {
	machine, err := os.Hostname()
	if err != nil {
		machine = "unknown"
	}
	return fmt.Sprintf("run of process %d on %.100s, %s", os.Getpid(), machine, rand.Text()[:8])
}

// notArmed says why nothing may be broken on the hosts; empty where CROSSDC_ARMED names both of their files.
func notArmed(settings *config.Config, files [2]*hostsfile.File) string {
	want := []string{files[0].Name, files[1].Name}
	given := slices.Clone(settings.Armed)
	slices.Sort(want)
	slices.Sort(given)
	if slices.Equal(slices.Compact(given), slices.Compact(slices.Clone(want))) {
		return ""
	}
	return fmt.Sprintf("nothing is broken on hosts unless CROSSDC_ARMED=%s names both hosts files (it is %q); make doctor prints what would be done", strings.Join(want, ","), strings.Join(settings.Armed, ","))
}

// Clocks implements fault.Clocked.
func (e *Environment) Clocks(ctx context.Context) (list []fault.Clock) {
	if e.hosts == nil {
		return nil
	}
	for _, f := range e.hosts.fleets {
		for _, c := range f.Clocks(ctx) {
			list = append(list, fault.Clock{Host: c.Host, Offset: c.Offset.Offset, Bound: c.Bound, Err: c.Err})
		}
	}
	return list
}

// toTraceOnHosts bounds how much later than its event an application's trace is stamped on a host whose load nobody knows. In the lab, on
// two cores for which a process waited 99 % of the time, it was up to 7 ms.
const toTraceOnHosts = 50 * time.Millisecond

// hostClocks lets the client compare what hosts stamp with our clock: by the offsets measured when they were reached.
func hostClocks(e *Environment, client *toolkit.Config) {
	client.TraceDelay = func(toolkit.Traced) time.Duration { return toTraceOnHosts }
	for i := range client.Sites {
		if c := e.hosts.clocks[i]; c != nil {
			client.Sites[i].Clock = &toolkit.ClockBound{Offset: -c.Offset, Error: c.Bound, Drift: slewing}
		}
	}
}

// hostLink is the link by the kernels of the hosts.
type hostLink struct {
	*fleet.Link
	refused string // why nothing may be broken
}

func (l *hostLink) closeIdle() {}

func (l *hostLink) present(ctx context.Context) error {
	_, err := l.Rules(ctx)
	return err
}

// CannotApply implements fault.Particular.
func (l *hostLink) CannotApply(rule fault.LinkRule) string {
	if l.refused != "" {
		return l.refused
	}
	return l.Link.CannotApply(rule)
}
