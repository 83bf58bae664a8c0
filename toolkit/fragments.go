package toolkit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/crossdc/failover/toolkit/metrics"
)

// FragmentState is the state of one fragment of the application at one site.
type FragmentState struct {
	Request string          `json:"request"`
	Channel int32           `json:"channel"`
	Local   string          `json:"localDataCenter"`
	Entries []FragmentEntry `json:"entries"`
}

// FragmentEntry is what a fragment holds of one stream (toolkit contract 9.4).
type FragmentEntry struct {
	DC      string `json:"dc"`
	Channel int32  `json:"channel"`
	LastSeq uint64 `json:"lastSeq"`
	Count   uint64 `json:"count"`
	Sum     uint64 `json:"sum"`
}

// stateRequest is the tuple of the control endpoint's port for state requests.
type stateRequest struct {
	Request string `json:"request"`
}

// StateRequestPort is the port of the control endpoint that takes state requests.
const StateRequestPort = "StateRequest"

// FragmentStates asks the application of a site for the state of every fragment and returns them by channel. When not
// all answer within CallTimeout, those that did come with the error.
func (c *Client) FragmentStates(ctx context.Context, site string) ([]FragmentState, error) {
	s, err := c.site(site)
	if err != nil {
		return nil, err
	}
	if s.Exchange == nil || s.Endpoints.Control == "" || s.Endpoints.State == "" {
		return nil, WithCause(CauseMissing, fmt.Errorf("fragment states of %s: no endpoints for control and state", site))
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	var id string
	if err := patiently(ctx, func(ctx context.Context) error {
		id = fmt.Sprintf("state-%016x", c.cfg.Random()) // a request whose answer was lost may have been heard: it must not be answered twice
		return s.Exchange.Inject(ctx, s.Endpoints.Control+"/"+StateRequestPort, stateRequest{id})
	}); err != nil {
		return nil, fmt.Errorf("fragment states of %s: ask %s: %w", site, s.Endpoints.Control, err)
	}
	want := s.Fragments
	if want == 0 {
		want = 5
	}
	for {
		var tuples []json.RawMessage
		err := patiently(ctx, func(ctx context.Context) (err error) {
			tuples, err = s.Exchange.Read(ctx, s.Endpoints.State, time.Time{})
			return err
		})
		states, bad := answersTo(id, tuples)
		if bad != nil {
			return states, fmt.Errorf("fragment states of %s: %w", site, bad)
		}
		if len(states) >= want {
			return states, nil
		}
		if err == nil {
			err = pause(ctx, max(c.cfg.Refresh/8, 2*time.Millisecond))
		}
		if err != nil {
			return states, fmt.Errorf("fragment states of %s: %d of %d fragments answered: %w", site, len(states), want, err)
		}
	}
}

func answersTo(id string, tuples []json.RawMessage) (states []FragmentState, err error) {
	for _, tuple := range tuples {
		var head stateRequest
		if json.Unmarshal(tuple, &head) != nil || head.Request != id {
			continue
		}
		var state FragmentState
		if err := json.Unmarshal(tuple, &state); err != nil {
			return states, WithCause(CauseMalformed, fmt.Errorf("answer %s: %w", clip(string(tuple)), err))
		}
		states = append(states, state)
	}
	slices.SortFunc(states, func(a, b FragmentState) int { return int(a.Channel) - int(b.Channel) })
	return states, nil
}

func (c *Client) site(name string) (*Site, error) {
	for i := range c.cfg.Sites {
		if c.cfg.Sites[i].Name == name {
			return &c.cfg.Sites[i], nil
		}
	}
	return nil, fmt.Errorf("no site %q, there are %q and %q", name, c.cfg.Sites[0].Name, c.cfg.Sites[1].Name)
}

// SiteMetrics is every metric of one site in one model.
type SiteMetrics struct {
	Site     string
	Set      metrics.Set
	Source   Indicator // OperatorMetrics (REST) or PrometheusMetrics; empty when neither answered
	Problems []Problem // also of single series that could not be used
}

// Metrics reads all operator metrics of the application's job of both sites, and the system metrics that come with
// them, from REST or, where that fails, from Prometheus. The error is a *NoIndicatorError for each site with neither.
func (c *Client) Metrics(ctx context.Context) ([2]SiteMetrics, error) {
	var out [2]SiteMetrics
	var errs [2]error
	var wg sync.WaitGroup
	for i := range out {
		wg.Go(func() { out[i], errs[i] = c.siteMetrics(ctx, &c.cfg.Sites[i]) })
	}
	wg.Wait()
	return out, errors.Join(errs[:]...)
}

func (c *Client) siteMetrics(ctx context.Context, s *Site) (SiteMetrics, error) {
	out := SiteMetrics{Site: s.Name}
	for _, way := range Ways() {
		if !way.Counts {
			continue
		}
		if way.Needs.Lacks(s) {
			out.Problems = append(out.Problems, Problem{Site: s.Name, Indicator: way.Name, Cause: CauseMissing})
			continue
		}
		call, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
		var set metrics.Set
		err := patiently(call, func(ctx context.Context) (err error) {
			set, err = way.read(ctx, s)
			return err
		})
		cancel()
		if err != nil {
			out.Problems = append(out.Problems, Problem{Site: s.Name, Indicator: way.Name, Cause: CauseOf(err), Err: err})
		}
		if err == nil || len(set.Samples) > 0 {
			out.Set, out.Source = set, way.Name
			return out, nil
		}
	}
	return out, &NoIndicatorError{Site: s.Name, Tried: out.Problems}
}
