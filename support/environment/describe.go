package environment

import (
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/fault"
)

// Describe returns what reports say of the environment, without secrets.
func (e *Environment) Describe() model.Environment {
	described := model.Environment{
		Kind: e.kind.name, Topology: e.settings.Topology, Speedup: e.Speedup, Toolkit: e.toolkit, TLSVerified: true,
		Capabilities: map[string]string{}, AccuracyClass: e.kind.accuracy(e),
	}
	for _, dc := range []*DataCenter{e.DC1, e.DC2} {
		described.TLSVerified = described.TLSVerified && !dc.insecure
		described.DataCenters = append(described.DataCenters, model.DataCenter{
			Name: dc.Name(), Instance: dc.reach.Instance, Application: dc.reach.Application, Root: dc.reach.Root, ProductVersion: dc.productVersion(),
		})
	}
	for _, kind := range fault.Kinds() {
		ok, why := kind.Make(sample(e.DC1.Name())).Available(e)
		if ok {
			why = "yes"
		}
		described.Capabilities[kind.Name] = why
	}
	if e.kind.leased {
		described.Capabilities["refuse a second run"] = e.leased()
	}
	return described
}

func (dc *DataCenter) productVersion() string {
	dc.management.mu.Lock()
	defer dc.management.mu.Unlock()
	return dc.management.instance.ProductVersion
}

// sample are parameters that make sense for every kind of fault, to ask whether it is available at all. A narrow line is not among them: where
// it cannot be had for some ports alone, a slow one can.
func sample(dc string) fault.Parameters {
	return fault.Parameters{
		DC: dc, From: dc, Ports: fault.SnapshotPorts, Delay: time.Millisecond, Lost: 0.01, Share: 0.01, Handshake: time.Millisecond, Retransmit: time.Millisecond, Down: time.Second, Up: time.Second, Step: time.Second,
	}
}
