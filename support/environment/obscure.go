package environment

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/environment/gateway"
	"github.com/crossdc/failover/support/environment/obscure"
)

const gatewayPackage = "github.com/crossdc/failover/fixtures/gateway"

// between starts a proxy in front of everything by which we look at a data center, and returns how that is reached from now on. What
// the data centers say to each other does not pass it.
func (o *embedded) between(ctx context.Context, place string, reach Reach) (Reach, *gateway.Gateway, error) {
	folder := filepath.Join(o.folder.Path, place, "proxy")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return reach, nil, noFolder(err)
	}
	program, err := gateway.Build(ctx, folder)
	if err != nil {
		return reach, nil, &Obstacle{model.Cause{Kind: model.CauseBuild, Problem: "the proxy in front of the emulated data centers cannot be built",
			Object: gatewayPackage, Remedy: "see what the go command says; a vendored module needs go mod edit -tool " + gatewayPackage, Detail: err.Error()}, err}
	}
	services := []gateway.Service{{Name: obscure.Management, Target: reach.Root, TargetCA: reach.Access.CAFile}}
	for name, url := range map[string]string{obscure.Data: reach.Data, obscure.Metrics: reach.Metrics} {
		if url != "" {
			services = append(services, gateway.Service{Name: name, Target: url, TargetCA: reach.Access.CAFile})
		}
	}
	// It ends with its Close, and with us, however we end; not with the context of the step that asked for the environment.
	proxy, err := gateway.Start(context.WithoutCancel(ctx), program, folder, services, "")
	if err != nil {
		return reach, nil, &Obstacle{model.Cause{Kind: model.CauseMachine, Problem: "the proxy in front of " + reach.Name + " did not start", Object: program, Detail: err.Error()}, err}
	}
	o.proxies = append(o.proxies, proxy)
	reach.Root, reach.Access.CAFile = proxy.URLs[obscure.Management], proxy.CAFile
	if reach.Data != "" {
		reach.Data = proxy.URLs[obscure.Data]
	}
	if reach.Metrics != "" {
		reach.Metrics = proxy.URLs[obscure.Metrics]
	}
	return reach, proxy, nil
}

// Obscurable reports whether our view of the data center can be made worse.
func (dc *DataCenter) Obscurable() bool { return dc.proxy != nil }

// Obscure puts a trouble between us and the data center, in place of the one before; the zero Trouble ends it. It says how many of
// our calls the one before spoilt.
func (dc *DataCenter) Obscure(t obscure.Trouble) (spoilt int, err error) {
	if dc.proxy == nil {
		return 0, fmt.Errorf("obscure %s by %q: no proxy stands in front of it; name it in Options.Obscurable", dc.Name(), t.Name)
	}
	rules, err := t.Rules()
	if err != nil {
		return 0, err
	}
	before, err := dc.proxy.Rules(rules)
	if err != nil {
		return 0, fmt.Errorf("obscure %s by %q: %w", dc.Name(), t.Name, err)
	}
	for _, rule := range before {
		spoilt += rule.Applied
	}
	return spoilt, nil
}
