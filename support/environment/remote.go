package environment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/access"
)

// openRemote reaches two data centers that exist, by their URLs. Nothing on their hosts is needed; what needs hosts is
// stated as not available.
func openRemote(ctx context.Context, settings *config.Config) (*Environment, error) {
	env, err := Attach(settings)
	if err != nil {
		return nil, err
	}
	for i, dc := range []*DataCenter{env.DC1, env.DC2} {
		if err := dc.ready(ctx, settings.CallTimeout); err != nil {
			return nil, fmt.Errorf("%s (CROSSDC_DC%d_ROOT) is not as the scenarios need it: %w", dc.Name(), i+1, err)
		}
		if err := dc.learnJobName(ctx); err != nil {
			return nil, fmt.Errorf("find the application's job in %s (CROSSDC_DC%d_JOB): %w", dc.Name(), i+1, err)
		}
	}
	return env, nil
}

// ready is nil when the instance runs and the application's job is there and healthy. A job that is just starting is
// waited for, for as long as one call may take; whoever runs the application is told what is off, because a runner that
// was thrown away has taken its journal of faults along.
func (dc *DataCenter) ready(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	if err := insist(ctx, dc.management.Reachable); err != nil {
		return err
	}
	job := ""
	err := await(ctx, "its job to be healthy", func(ctx context.Context) (bool, error) {
		listed, healthy, err := dc.management.JobRunning(ctx)
		if err == nil && listed == "" {
			_, missing := dc.management.currentJob(ctx) // says which job was looked for and which are listed
			return false, errors.Join(errors.New("no job of the application is listed; name one that is, submit it, or undo what an earlier run did (make heal knows what runs on this machine left)"), missing)
		}
		job = listed
		return healthy, err
	})
	if err != nil && job != "" {
		return fmt.Errorf("job %s is listed, but not running and healthy: %w", job, err)
	}
	return err
}

// Attach knows the two data centers that the settings name, and asks them nothing: for healing what may be down.
func Attach(settings *config.Config) (*Environment, error) {
	if settings.Environment != config.Remote {
		return nil, fmt.Errorf("only data centers that exist can be reached again (CROSSDC_ENVIRONMENT=%s); emulated ones end with their run", config.Remote)
	}
	env := &Environment{Kind: config.Remote, Speedup: settings.Speedup}
	for i, site := range settings.Sites() {
		dc, err := connect(Reach{
			Name: site.Name, Root: site.Root, Data: site.DataURL, Metrics: site.MetricsURL, Instance: site.Instance, Toolkit: site.ToolkitHost,
			Application: settings.Application.Composite,
			Access: access.Config{
				User: site.User, Password: access.NewSecret(site.Password.Reveal()), BearerToken: access.NewSecret(site.Token.Reveal()),
				CAFile: site.CAFile, Fingerprint: site.Fingerprint, InsecureSkipVerify: site.InsecureSkipTLSVerify, Timeout: settings.CallTimeout,
				TrustedHosts: site.TrustedHosts, RebaseLinks: site.RebaseLinks, AllowPlainHTTP: site.AllowPlainHTTP,
				Settings: settingsOf(fmt.Sprintf("%s_DC%d_", config.Prefix, i+1)),
			},
			Submission: Submission{JobName: site.Job, Bundle: site.Bundle, BundleSetting: fmt.Sprintf("%s_DC%d_BUNDLE", config.Prefix, i+1), Tracing: "info"},
		}, endpointNames(settings))
		if err != nil {
			return nil, err
		}
		if i == 0 {
			env.DC1 = dc
		} else {
			env.DC2 = dc
		}
	}
	if settings.Relay.URL != "" {
		env.relay = newRelay(settings.Relay.URL, settings.Relay.Token.Reveal(), relayAddresses(settings, env.DC1.Name(), env.DC2.Name()), settings.Toolkit.Port)
	}
	return env, nil
}

// settingsOf names the variables by which a user sets how one data center is reached.
func settingsOf(prefix string) access.Settings {
	return access.Settings{
		Address: prefix + "ROOT", User: prefix + "USER", Password: prefix + "PASSWORD", CAFile: prefix + "CA_FILE", Fingerprint: prefix + "FINGERPRINT",
		TrustedHosts: prefix + "TRUSTED_HOSTS", RebaseLinks: prefix + "REBASE_LINKS", AllowPlainHTTP: prefix + "ALLOW_PLAIN_HTTP",
	}
}

// relayAddresses says where the relay listens, by direction: the relay's own words for it, and those with the data
// centers' names.
func relayAddresses(settings *config.Config, dc1, dc2 string) map[string]string {
	return map[string]string{
		"dc1->dc2": settings.Relay.Towards.DC2, dc1 + "->" + dc2: settings.Relay.Towards.DC2,
		"dc2->dc1": settings.Relay.Towards.DC1, dc2 + "->" + dc1: settings.Relay.Towards.DC1,
	}
}

// endpointNames are the application's endpoints; "-" in the settings says that it has none.
func endpointNames(settings *config.Config) toolkit.Endpoints {
	named := func(name string) string {
		if name == "-" {
			return ""
		}
		return name
	}
	e := settings.Endpoint
	return toolkit.Endpoints{
		Events: named(e.Events), Control: named(e.Control), Results: named(e.Results), Status: named(e.Status),
		Takeover: named(e.Takeover), State: named(e.State),
	}
}
