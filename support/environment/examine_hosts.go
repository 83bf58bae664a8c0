package environment

import (
	"context"
	"fmt"
	"sync"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment/hosts"
	"github.com/crossdc/failover/support/environment/hostsfile"
	"github.com/crossdc/failover/support/environment/process"
	"github.com/crossdc/failover/support/environment/ssh"
	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// agentPackage is the fault agent, which is built for the hosts' architecture.
const agentPackage = "github.com/crossdc/failover/support/fault/agent"

// ExamineHosts looks at the hosts that the settings name, all at once, and breaks nothing. Without a hosts file it has nothing to say.
func ExamineHosts(ctx context.Context, settings *config.Config) []Finding {
	if settings.Kind().Emulated {
		return nil
	}
	agents := &agents{path: settings.Agent.Path}
	defer agents.close()
	var sides [2][][]Finding
	var looking sync.WaitGroup
	for i, site := range settings.Sites() {
		if site.HostsFile == "" {
			continue
		}
		setting := fmt.Sprintf("%s_DC%d_HOSTS_FILE", config.Prefix, i+1)
		file, err := hostsfile.Load(site.HostsFile)
		if err != nil {
			cause := model.Cause{Kind: model.CauseSettings, DataCenter: site.Name, Setting: setting, Problem: "has hosts that cannot be understood: " + err.Error()}
			sides[i] = [][]Finding{{{Where: site.Name, What: "hosts", State: Wrong, Says: cause.Sentence(), Cause: &cause}}}
			continue
		}
		sides[i] = make([][]Finding, len(file.Hosts))
		for n, host := range file.Hosts {
			looking.Go(func() {
				for _, line := range hosts.Examine(ctx, host, toolkitPorts(settings), agents.get, ssh.DefaultLimits()) {
					sides[i][n] = append(sides[i][n], ofHost(site.Name, setting, host.Address, line))
				}
			})
		}
	}
	looking.Wait()
	var findings []Finding
	for _, side := range sides {
		for _, host := range side {
			findings = append(findings, host...)
		}
	}
	return findings
}

// toolkitPorts are those that the toolkit listens on, as many as one question may name.
func toolkitPorts(settings *config.Config) (list []uint16) {
	for port := settings.Toolkit.Port; port <= settings.Toolkit.Port+settings.Toolkit.Pairs && len(list) < protocol.MaxPorts; port++ {
		list = append(list, uint16(port))
	}
	return list
}

// ofHost is a line of a host as a finding.
func ofHost(dc, setting, address string, line hosts.Line) Finding {
	finding := Finding{Where: dc + " host " + address, What: line.What, State: Fits, Says: line.Says}
	switch {
	case line.Err != nil:
		finding.Says = line.Err.Error()
		finding.State, finding.Cause = Wrong, &model.Cause{Kind: model.CauseEnvironment, DataCenter: dc, Object: address, Setting: setting,
			Problem: "has a host that is not ready: " + line.Err.Error(), Remedy: hosts.Remedy(line.Err)}
	case line.Note:
		finding.State = Notable
	}
	return finding
}

// agents are the fault agents of one examination: the given one, or one built for each architecture.
type agents struct {
	path string

	mu     sync.Mutex
	folder *process.Folder
	built  map[string]string
}

func (a *agents) get(ctx context.Context, architecture string) (string, error) {
	if a.path != "" {
		return a.path, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if path, ok := a.built[architecture]; ok {
		return path, nil
	}
	if a.folder == nil {
		folder, err := process.NewFolder()
		if err != nil {
			return "", noFolder(err)
		}
		a.folder, a.built = folder, map[string]string{}
	}
	path, err := ssh.Build(ctx, a.folder.Path, agentPackage, architecture)
	if err != nil {
		return "", fmt.Errorf("%w; give a built agent with %s_AGENT_PATH", err, config.Prefix)
	}
	a.built[architecture] = path
	return path, nil
}

func (a *agents) close() {
	if a.folder != nil {
		_ = a.folder.Close() // it is swept anyway when the process ends
	}
}
