package environment

import (
	"context"
	"fmt"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/access"
)

// remotePair is the kind of environment whose data centers exist.
func remotePair() kind {
	return kind{
		name: config.Remote, open: openRemote, attach: attachRemote, traps: declaredTraps, leased: true,
		checks: func(settings *config.Config) []Checked {
			return []Checked{{What: "files", Fits: "those that the settings name can be read", Causes: files(settings)}}
		},
		accuracy: func(*Environment) string {
			return "remote: bounded by call round trips and the platform's metric refresh; no clock of a host is compared with ours"
		},
	}
}

// openRemote reaches two data centers that exist, by their URLs. Nothing on their hosts is needed; what needs hosts is
// stated as not available.
func openRemote(ctx context.Context, settings *config.Config, _ Options) (*Environment, error) {
	env, err := attachRemote(settings)
	if err != nil {
		return nil, err
	}
	if err := env.present(ctx, settings); err != nil {
		return nil, err
	}
	if env.link != nil {
		if err := env.link.present(ctx); err != nil {
			return nil, err
		}
	}
	return env, nil
}

// attachRemote knows the two data centers that the settings name, and asks them nothing.
func attachRemote(settings *config.Config) (*Environment, error) {
	env := &Environment{settings: settings, Speedup: settings.Speedup}
	for i, site := range settings.Sites() {
		prefix := fmt.Sprintf("%s_DC%d_", config.Prefix, i+1)
		dc, err := connect(Reach{
			Name: site.Name, Root: site.Root, Data: site.DataURL, DataSetting: prefix + "DATA_URL", Metrics: site.MetricsURL, Instance: site.Instance, Toolkit: site.ToolkitHost,
			Application: settings.Application.Composite,
			Access: access.Config{
				User: site.User, Password: access.NewSecret(site.Password.Reveal()), BearerToken: access.NewSecret(site.Token.Reveal()),
				CAFile: site.CAFile, Fingerprint: site.Fingerprint, InsecureSkipVerify: site.InsecureSkipTLSVerify, Timeout: settings.CallTimeout,
				TrustedHosts: site.TrustedHosts, RebaseLinks: site.RebaseLinks, AllowPlainHTTP: site.AllowPlainHTTP,
				Settings: settingsOf(prefix),
			},
			Stored:     storedBy(site, settings.CallTimeout, prefix),
			Submission: Submission{JobName: site.Job, Bundle: site.Bundle, BundleSetting: prefix + "BUNDLE", Tracing: "info"},
		}, endpointNames(settings))
		if err != nil {
			return nil, &Obstacle{model.Cause{Kind: model.CauseSettings, DataCenter: site.Name, Problem: "cannot be reached as it is configured: " + err.Error(), Setting: prefix + "ROOT"}, err}
		}
		if i == 0 {
			env.DC1 = dc
		} else {
			env.DC2 = dc
		}
	}
	if settings.Relay.URL != "" {
		env.link = newRelay(settings.Relay.URL, settings.Relay.Token.Reveal(), relayAddresses(settings), settings.Toolkit.Port)
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

// relayAddresses says where the relay listens, by direction.
func relayAddresses(settings *config.Config) map[string]string {
	return map[string]string{fault.ToDC2: settings.Relay.Towards.DC2, fault.ToDC1: settings.Relay.Towards.DC1}
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
