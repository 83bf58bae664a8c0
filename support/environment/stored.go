package environment

import (
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/toolkit/access"
	"github.com/crossdc/failover/toolkit/metrics/stored"
)

// Stored is a Prometheus server that scrapes a data center. Its login is its own.
type Stored struct {
	URL      string
	Access   access.Config
	Selector string
	Oldest   time.Duration
}

// storedBy is the server that the settings name; nil: none.
func storedBy(site config.Site, timeout time.Duration, prefix string) *Stored {
	p := site.Prometheus
	if p.URL == "" {
		return nil
	}
	return &Stored{URL: p.URL, Selector: p.Selector, Oldest: p.Oldest, Access: access.Config{
		BearerToken: access.NewSecret(p.Token.Reveal()), CAFile: p.CAFile, Timeout: timeout, AllowPlainHTTP: site.AllowPlainHTTP,
		Settings: access.Settings{Address: prefix + "PROMETHEUS_URL", CAFile: prefix + "PROMETHEUS_CA_FILE", AllowPlainHTTP: prefix + "ALLOW_PLAIN_HTTP"},
	}}
}

// storedIn takes the counters from the server.
func (dc *DataCenter) storedIn(s Stored) error {
	client, err := access.NewClient(s.Access, s.URL)
	if err != nil {
		return err
	}
	dc.insecure = dc.insecure || client.Insecure()
	dc.scraper = stored.New(client, s.Selector, s.Oldest)
	return nil
}
