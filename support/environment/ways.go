package environment

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/traffic/adapter"
)

// exchangeAdapter is the name of the adapter that goes through the platform's Data Exchange service.
const exchangeAdapter = "data-exchange"

// Described is the application that runs here. It is shared: change nothing in it.
func (e *Environment) Described() *application.Description { return e.settings.Described() }

// throughExchange reports whether events of ours, or their results, pass the Data Exchange service.
func throughExchange(d *application.Description) bool {
	return d.Traffic != nil && d.Traffic.Adapter == exchangeAdapter || d.Results != nil && d.Results.Adapter == exchangeAdapter
}

// OpenIn opens the described ways into both data centers, by their names; both names stand for the same way where it is shared. run is a
// word that no other run has. An error is about the description: a data center that cannot be reached now is none.
func (e *Environment) OpenIn(ctx context.Context, run string) (map[string]adapter.In, error) {
	described := e.Described()
	if described.Traffic == nil {
		return nil, nil
	}
	return openWays(ctx, e, run, described.Traffic.Ways, adapter.Adapter.OpenIn)
}

// OpenOut opens the described ways out of both data centers, by their names; a shared one stands under an empty name.
func (e *Environment) OpenOut(ctx context.Context, run string) (map[string]adapter.Out, error) {
	described := e.Described()
	if described.Results == nil {
		return nil, nil
	}
	ways := described.Results.Ways
	opened, err := openWays(ctx, e, run, ways, adapter.Adapter.OpenOut)
	if err != nil || !ways.Shared {
		return opened, err
	}
	return map[string]adapter.Out{"": opened[e.DC1.Name()]}, nil
}

// openWays opens one way for each data center, or one for both.
func openWays[W interface{ Close() error }](ctx context.Context, e *Environment, run string, ways application.Ways, one func(adapter.Adapter, context.Context, adapter.Opening) (W, error)) (map[string]W, error) {
	used, err := adapter.Find(ways.Adapter)
	if err != nil {
		return nil, err
	}
	opened := map[string]W{}
	for n, dc := range []*DataCenter{e.DC1, e.DC2} {
		if n == 1 && ways.Shared {
			opened[dc.Name()] = opened[e.DC1.Name()]
			break
		}
		o := adapter.Opening{Site: dc.Name(), Run: run}
		if ways.Shared {
			o.Site = ""
		}
		if o.Values, err = ways.Values(n, dc.known(ctx, e)); err == nil {
			if dc.endpoints != nil {
				o.Exchange, o.Job = dc.endpoints.client, dc.endpoints.job
			}
			opened[dc.Name()], err = one(used, ctx, o)
		}
		if err != nil {
			delete(opened, dc.Name())
			err = fmt.Errorf("as %s describes it, for %s: %w", e.Described().File(), dc.Name(), err)
			for _, way := range opened {
				err = errors.Join(err, way.Close())
			}
			return nil, err
		}
	}
	return opened, nil
}

// known is what stands for the placeholders of a way.
func (dc *DataCenter) known(ctx context.Context, e *Environment) map[string]string {
	values := map[string]string{
		"name": dc.Name(), "data": dc.reach.Data, "user": dc.reach.Access.User, "ca_file": dc.reach.Access.CAFile,
	}
	if root, err := url.Parse(dc.reach.Root); err == nil {
		values["host"] = root.Hostname()
	}
	for n, site := range e.settings.Sites() {
		if dc == []*DataCenter{e.DC1, e.DC2}[n] {
			values["password_file"] = site.PasswordFile
		}
	}
	if job, _, err := dc.management.JobRunning(ctx); err == nil { // an unknown one is named where it stands
		values["job"] = job
	}
	return values
}
