package scenario

import (
	"fmt"
	"sync"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/traffic"
)

// names hears how the applications call the data centers that they run in. Results say so, and each data center reports its own
// only: a wrong name in the settings makes every event look lost.
type names struct {
	mu    sync.Mutex
	heard map[string]map[string]bool // by the name in the settings
}

func (n *names) hear(site string, results []traffic.Result) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, result := range results {
		if result.ProcessedBy == "" {
			continue
		}
		if n.heard == nil {
			n.heard = map[string]map[string]bool{}
		}
		if n.heard[site] == nil {
			n.heard[site] = map[string]bool{}
		}
		n.heard[site][result.ProcessedBy] = true
	}
}

// other is the name by which a site calls itself when it is never the one in the settings; empty when it is, or nothing was heard.
func (n *names) other(site string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.heard[site]) != 1 {
		return ""
	}
	for name := range n.heard[site] {
		if name != site {
			return name
		}
	}
	return ""
}

// misnamed is the cause that keeps anything from being tested when a data center calls itself otherwise than the settings do; nil
// when none does.
func (d *Drill) misnamed() *model.Cause {
	for i, side := range d.sides() {
		if other := d.names.other(side.Name()); other != "" {
			setting := fmt.Sprintf("%s_DC%d_NAME", config.Prefix, i+1)
			return &model.Cause{Kind: model.CauseName, DataCenter: side.Name(), Setting: setting,
				Problem: fmt.Sprintf("is called %q by its application (localDataCenterName), and %q by %s", other, side.Name(), setting),
				Remedy:  fmt.Sprintf("set %s=%s", setting, other)}
		}
	}
	return nil
}
