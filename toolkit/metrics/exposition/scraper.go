package exposition

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"

	"github.com/crossdc/failover/toolkit/access"
	"github.com/crossdc/failover/toolkit/metrics"
)

// Scraper reads one Prometheus endpoint with the credentials and trust of an access client. It implements
// toolkit.Scraper.
type Scraper struct {
	client  *access.Client
	readers sync.Pool // of *reader, as many as scrapes are under way
}

// NewScraper returns a scraper of the address that the client was built for. It contacts nobody.
func NewScraper(client *access.Client) *Scraper { return &Scraper{client: client} }

// CloseIdle closes connections that are not in use.
func (s *Scraper) CloseIdle() { s.client.CloseIdle() }

// Scrape reads the text once, at most access.Config.MaxBody of it, within the client's timeout. As with ParseText, the
// Set may be good in part beside an error that names single series, and only restricts what is looked at.
func (s *Scraper) Scrape(ctx context.Context, only ...string) (metrics.Set, error) {
	var set metrics.Set
	var bad error
	err := s.client.Stream(ctx, access.Request{Op: "scrape metrics", Method: http.MethodGet, URL: s.client.Base().String(), Accept: "text/plain"}, func(r *http.Response) error {
		page, ok := s.readers.Get().(*reader)
		if !ok {
			page = new(reader)
		}
		defer s.readers.Put(page)
		set, bad = page.read(r.Body, s.client.MaxBody(), only)
		var series *SeriesError
		var line *PageError
		if bad != nil && !errors.As(bad, &series) && !errors.As(bad, &line) {
			if failed := new(net.OpError); errors.As(bad, &failed) || errors.Is(bad, io.ErrUnexpectedEOF) || errors.Is(bad, context.DeadlineExceeded) {
				return bad // the way here broke, not the page
			}
			return fmt.Errorf("%w: %w", access.ErrMalformed, bad)
		}
		return nil
	})
	if err != nil {
		return metrics.Set{}, err
	}
	return set, bad
}
