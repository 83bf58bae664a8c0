package toolkit

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
)

// Status is what was learned of both sites in one look.
type Status struct {
	At    time.Time // when the look ended
	Sites [2]SiteStatus
}

// SiteStatus is one side of a Status.
type SiteStatus struct {
	Name       string
	Conclusion Conclusion  // what the site holds of its peer
	Used       []Indicator // what answered
	Problems   []Problem   // what did not, and why
	Evidence   Evidence    // what Conclusion was inferred from
}

// Serving says, from job and instance alone, whether the site's application can serve; known is false when neither spoke.
func (s SiteStatus) Serving() (serving, known bool) {
	switch e := s.Evidence; {
	case e.JobGone:
		return false, true
	case e.Job != nil:
		return strings.EqualFold(e.Job.Status, "running") && strings.EqualFold(e.Job.Health, "healthy"), true
	case e.Instance != nil && !strings.EqualFold(e.Instance.Status, "running"):
		return false, true
	}
	return false, false
}

// String gives one line for each site.
func (s Status) String() string {
	lines := make([]string, 0, 2)
	for _, site := range s.Sites {
		line := site.Conclusion.String()
		for _, p := range site.Problems {
			what := "; not used: "
			if spokeNevertheless(p) {
				what = "; used in part: "
			}
			line += what + strings.TrimPrefix(p.Error(), site.Name+": ")
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// Status asks every indicator of both sites once, all at the same time and each for at most CallTimeout, and concludes
// from those that answer. Whether a side is mute or blind shows between two looks, so a first look says DOWN where a
// second one, two heartbeat intervals later, says DOWN-mute.
//
// The error is a *NoIndicatorError for each site about which nothing answered; the Status of the other is still good.
// It is never evidence of a failover.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var wg sync.WaitGroup
	used := [2]map[Indicator]bool{{}, {}}
	var partial [2][]Problem
	for i := range c.sides {
		probes := c.cfg.Sites[i].probes()
		c.mu.Lock()
		c.sides[i].missing(probes)
		c.mu.Unlock()
		for _, p := range probes {
			if p.missing || p.quickOnly {
				continue
			}
			wg.Go(func() {
				_, err := c.once(ctx, i, p)
				c.mu.Lock()
				used[i][p.indicator] = err == nil || spokeNevertheless(err)
				var problem Problem
				if spokeNevertheless(err) && errors.As(err, &problem) {
					partial[i] = append(partial[i], problem)
				}
				c.mu.Unlock()
			})
		}
	}
	var link *bool
	wg.Go(func() { link = c.probeLink(ctx) })
	wg.Wait()

	c.mu.Lock()
	defer c.mu.Unlock()
	s := Status{At: c.cfg.Now()}
	var evidence [2]Evidence
	evidence[0], evidence[1] = pair(c.sides[0], c.sides[1], s.At, link)
	var errs []error
	for i, e := range evidence {
		s.Sites[i] = SiteStatus{Name: e.Site, Conclusion: Infer(e), Problems: append(e.Problems, partial[i]...), Evidence: e}
		for indicator, ok := range used[i] {
			if ok {
				s.Sites[i].Used = append(s.Sites[i].Used, indicator)
			}
		}
		slices.Sort(s.Sites[i].Used)
		if len(s.Sites[i].Used) == 0 {
			errs = append(errs, &NoIndicatorError{Site: e.Site, Tried: e.Problems})
		}
	}
	return s, errors.Join(errs...)
}

// once runs one probe and applies its answer.
func (c *Client) once(ctx context.Context, side int, p probe) ([]Change, error) {
	var changes []Change
	limited, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	err := patiently(limited, func(context.Context) (err error) {
		changes, err = ask(ctx, &c.cfg, &c.mu, c.sides[side], p)
		return err
	})
	return changes, err
}

func ask(ctx context.Context, cfg *Config, mu *sync.Mutex, m *memory, p probe) ([]Change, error) {
	call, cancel := context.WithTimeout(ctx, cfg.CallTimeout)
	defer cancel()
	asked := cfg.Now()
	use, err := p.ask(call)
	answered := cfg.Now()
	if ctx.Err() != nil { // we gave up ourselves: that proves nothing about the site
		return nil, Problem{Site: m.site.Name, Indicator: p.indicator, Cause: CauseUnknown, Err: ctx.Err()}
	}
	mu.Lock()
	defer mu.Unlock()
	var changes []Change
	if use != nil {
		var applied error
		changes, applied = use(m, asked, answered)
		err = errors.Join(err, applied)
	}
	if spokeNevertheless(err) {
		return changes, Problem{Site: m.site.Name, Indicator: p.indicator, Cause: CauseOf(err), Err: err}
	}
	if err != nil {
		return changes, m.failed(p.indicator, err)
	}
	return changes, nil
}

// probeLink asks for the safe page of each side's listener from the other side; nil when that is not possible here.
func (c *Client) probeLink(ctx context.Context) *bool {
	if c.cfg.Link == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	a, b := c.cfg.Sites[0].Name, c.cfg.Sites[1].Name
	var there, back error
	var wg sync.WaitGroup
	wg.Go(func() { there = c.cfg.Link.Probe(ctx, a, b) })
	wg.Go(func() { back = c.cfg.Link.Probe(ctx, b, a) })
	wg.Wait()
	for _, err := range []error{there, back} {
		if errors.Is(err, errors.ErrUnsupported) || CauseOf(err).Ours() {
			return nil
		}
	}
	works := there == nil && back == nil
	return &works
}
