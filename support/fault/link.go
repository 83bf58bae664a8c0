package fault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// linkFault makes a fault of the link: the same rule on each direction that it covers, in one of the allowed modes.
func linkFault(name, title string, covers footprint, allowed []Mode, rule LinkRule, p Parameters) Fault {
	covers.link = true
	target := theLink
	if rule.Ports != AllPorts {
		target += " (" + string(rule.Ports) + ")"
	}
	f := newFault(name, target, title, p, covers, func(f Fault, env Environment) (action, string) {
		wrong, directions := rule.wrong(), covers.directions(env)
		if !slices.Contains(allowed, rule.Mode) {
			wrong = fmt.Sprintf("link mode %q; want one of %q", rule.Mode, allowed)
		}
		if _, reason := side(env, p.From); wrong == "" && reason != "" && covers.sided {
			wrong = "from: " + reason
		}
		switch {
		case wrong != "":
			return nil, wrong
		case env.Link() == nil:
			return nil, "the network between the data centers cannot be shaped in this environment"
		}
		rule.Lifetime = f.life()
		if particular, ok := env.Link().(Particular); ok {
			if why := particular.CannotApply(rule); why != "" {
				return nil, why
			}
		}
		return &linkAction{link: env.Link(), env: env, directions: directions, rule: rule}, ""
	})
	f.CutsLink = !covers.oneWay && rule.Ports == AllPorts && slices.Contains(blocking, rule.Mode)
	return f
}

// linkAction puts one rule on some directions. The relay ends it by itself at the deadline.
type linkAction struct {
	link       Link
	env        Environment
	directions []string
	rule       LinkRule
	baseline   map[spot]time.Duration // how long a probe took before
	armed      Armed                  // nil where the link arms nothing

	mu    sync.Mutex
	ended map[string]bool // data centers whose listeners the scenario itself has closed since
}

// excuse is told of a data center that listens no longer because the scenario itself ended what did.
func (l *linkAction) excuse(dc string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended == nil {
		l.ended = map[string]bool{}
	}
	l.ended[dc] = true
}

func (l *linkAction) excused(s spot) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended[l.behind(s).Name()]
}

// spot is where a probe is sent: a direction, and a port counted from P.
type spot struct {
	direction string
	port      int
}

// named is a spot for people.
func (l *linkAction) named(s spot) string {
	if s.port == 0 {
		return arrow(l.env, s.direction) + " heartbeat port"
	}
	return arrow(l.env, s.direction) + " snapshot port"
}

// Probes: one that the fault should silence is not waited for longer than this.
const (
	probePatience = 750 * time.Millisecond
	probeBefore   = 5 * time.Second
)

func (l *linkAction) endsItself()          {}
func (l *linkAction) recall(memory string) { recalled(l.link, memory) }

// spots are all four ends; covered says whether the rule is on it.
func (l *linkAction) spots() []spot {
	return []spot{{ToDC2, 0}, {ToDC2, 1}, {ToDC1, 0}, {ToDC1, 1}}
}

func (l *linkAction) covered(s spot) bool {
	return slices.Contains(l.directions, s.direction) &&
		(l.rule.Ports == AllPorts || (l.rule.Ports == HeartbeatPort) == (s.port == 0))
}

// prepare demands a direction without rules whose probes are answered: a bite can only be told from a link that worked.
func (l *linkAction) prepare(ctx context.Context) (string, error) {
	if err := l.noRules(ctx); err != nil {
		return "", fmt.Errorf("%w; heal that first", err)
	}
	l.baseline = make(map[spot]time.Duration)
	var problems []error
	for s, r := range l.probe(ctx, probeBefore) {
		if r.err != nil && l.covered(s) {
			problems = append(problems, fmt.Errorf("%s does not answer before the fault, so that its effect could not be told: %w", l.named(s), r.err))
		} else if r.err == nil {
			l.baseline[s] = r.took
		}
	}
	memory, _ := remembered(l.link)
	return memory, errors.Join(problems...)
}

// arm prepares the rules where the link can, so that acting is short.
func (l *linkAction) arm(ctx context.Context) (err error) {
	armable, ok := l.link.(Armable)
	if !ok {
		return nil
	}
	var rules []LinkRule
	for _, direction := range l.directions {
		rule := l.rule
		rule.Direction = direction
		rules = append(rules, rule)
	}
	l.armed, err = armable.Arm(ctx, rules)
	return err
}

// act puts the rule on every direction; the relay confirms each.
func (l *linkAction) act(ctx context.Context) error {
	if l.armed != nil {
		return l.armed.Fire(ctx)
	}
	for _, direction := range l.directions {
		rule := l.rule
		rule.Direction = direction
		if err := l.link.Apply(ctx, rule); err != nil {
			return fmt.Errorf("put %s on %s (%s ports): %w", rule.Mode, arrow(l.env, direction), rule.Ports, err)
		}
	}
	return nil
}

// bite wants the rule in the relay's list and its effect in probes, and none on the ports that the rule leaves alone.
func (l *linkAction) bite(ctx context.Context) (string, error) {
	rules, err := l.link.Rules(ctx)
	if err != nil {
		return "", fmt.Errorf("ask the relay for its rules: %w", err)
	}
	for _, direction := range l.directions {
		if !slices.ContainsFunc(rules, func(r LinkRule) bool {
			return r.Direction == direction && r.Mode == l.rule.Mode && r.Ports == l.rule.Ports
		}) {
			return "", fmt.Errorf("the relay does not list %s on %s", l.rule.Mode, arrow(l.env, direction))
		}
	}
	feel := l.felt
	if l.rule.Mode == Flapping { // it may be passing just now
		feel = func(ctx context.Context) (string, error) { return until(ctx, l.felt) }
	}
	evidence, err := feel(ctx)
	if err != nil {
		return "", err
	}
	counted, err := l.counted(ctx)
	return evidence + counted, err
}

// counted is what whoever enforces the rules counts, once the probes have met them.
func (l *linkAction) counted(ctx context.Context) (evidence string, err error) {
	counter, ok := l.link.(Counter)
	if !ok {
		return "", nil
	}
	for _, direction := range l.directions {
		text, err := counter.Felt(ctx, direction)
		if err != nil {
			return "", fmt.Errorf("%s: %w", arrow(l.env, direction), err)
		}
		evidence += "; " + text
	}
	return evidence, nil
}

// felt probes every end once.
func (l *linkAction) felt(ctx context.Context) (string, error) {
	wait := min(probePatience, l.rule.Lifetime/4) // a short fault must be felt before it ends
	wait += 4 * (l.rule.Delay + l.rule.Jitter)    // a handshake and an exchange
	if l.rule.Mode == Lossy || l.rule.Mode.OfPackets() || l.rule.BytesPerSecond > 0 {
		wait = probeBefore // packets may be lost again and again; what waits for a narrow line waits for what goes before it
	}
	results := l.probe(ctx, wait)
	if ctx.Err() != nil {
		return "", fmt.Errorf("gave up asking, which says nothing about the link: %w", ctx.Err())
	}
	var evidence []string
	for _, s := range l.spots() {
		r := results[s]
		before, answered := l.baseline[s]
		switch {
		case !l.covered(s) && answered && r.err != nil && !l.excused(s):
			return "", fmt.Errorf("%w: %s does not answer either: %w", ErrTouchedOthers, l.named(s), r.err)
		case !l.covered(s):
			continue
		}
		text, err := l.shows(r, before)
		if err != nil {
			return "", fmt.Errorf("%s: %w", l.named(s), err)
		}
		evidence = append(evidence, l.named(s)+": "+text)
	}
	return strings.Join(evidence, "; "), nil
}

// shows judges one probe through the rule; before is how long it took without.
func (l *linkAction) shows(r probed, before time.Duration) (string, error) {
	if slices.Contains(blocking, l.rule.Mode) || l.rule.Mode == Flapping {
		if r.err == nil {
			return "", fmt.Errorf("still answers, in %v", r.took)
		}
		if want := effectOf[l.rule.Mode]; !want.shown(r.err) {
			return "", fmt.Errorf("a link in mode %q %s, but a probe failed in another way: %w", l.rule.Mode, want.text, r.err)
		}
		return fmt.Sprintf("answered in %v before, now %v", before.Round(time.Millisecond), r.err), nil
	}
	if r.err != nil {
		return "", fmt.Errorf("should be slower, not dead: %w", r.err)
	}
	// A request and its answer pass the delay once each.
	if least := 2 * l.rule.Delay; !l.rule.Mode.OfPackets() && r.took < least {
		return "", fmt.Errorf("answers in %v; with %v delay each way it cannot be under %v", r.took, l.rule.Delay, least)
	}
	if l.rule.Delay == 0 || l.rule.Mode.OfPackets() {
		return fmt.Sprintf("answers in %v, %v before; the relay lists the rule (one short probe cannot show jitter, bandwidth, loss or what becomes of a share of the packets)", r.took, before), nil
	}
	return fmt.Sprintf("answers in %v, %v before", r.took.Round(time.Millisecond), before.Round(time.Millisecond)), nil
}

func (l *linkAction) heal(ctx context.Context) error {
	var problems []error
	for _, direction := range l.directions {
		if err := l.link.Clear(ctx, direction); err != nil {
			problems = append(problems, fmt.Errorf("lift the rules on %s: %w", arrow(l.env, direction), err))
		}
	}
	return errors.Join(problems...)
}

// gone wants no rule left, and answers where something serves.
func (l *linkAction) gone(ctx context.Context) (string, error) {
	if _, err := until(ctx, func(ctx context.Context) (string, error) { return "", l.noRules(ctx) }); err != nil {
		return "", err
	}
	return until(ctx, func(ctx context.Context) (string, error) {
		answered := 0
		var idle []string
		for s, r := range l.probe(ctx, probeBefore) {
			switch {
			case !l.covered(s):
			case r.err == nil:
				answered++
			default:
				_, err := serving(ctx, l.behind(s))
				switch {
				case err == nil:
					return "", fmt.Errorf("no rule is left, but %s does not answer although its application runs: %w", l.named(s), r.err)
				case !idles(err):
					return "", fmt.Errorf("no rule is left, but %s does not answer (%w), and whether its application runs cannot be told: %w", l.named(s), r.err, err)
				}
				idle = append(idle, l.named(s))
			}
		}
		proof := fmt.Sprintf("the relay lists no rule; %d port(s) answer through it", answered)
		if len(idle) > 0 {
			slices.Sort(idle)
			proof += "; nothing serves behind " + strings.Join(idle, ", ")
		}
		return proof, nil
	})
}

// behind is the data center that a direction leads to.
func (l *linkAction) behind(s spot) DataCenter {
	one, two := l.env.DataCenters()
	if s.direction == ToDC2 {
		return two
	}
	return one
}

func (l *linkAction) noRules(ctx context.Context) error {
	rules, err := l.link.Rules(ctx)
	if err != nil {
		return fmt.Errorf("ask the relay for its rules: %w", err)
	}
	for _, rule := range rules {
		if slices.Contains(l.directions, rule.Direction) && rule.Mode != Pass {
			return fmt.Errorf("%s carries a rule: %s on %s ports, %v left", arrow(l.env, rule.Direction), rule.Mode, rule.Ports, rule.Lifetime.Round(time.Millisecond))
		}
	}
	return nil
}

// probed is the answer to one probe.
type probed struct {
	took time.Duration
	err  error
}

// probe asks all four ends at the same time.
func (l *linkAction) probe(ctx context.Context, patience time.Duration) map[spot]probed {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var (
		wait    sync.WaitGroup
		mu      sync.Mutex
		results = make(map[spot]probed)
	)
	for _, s := range l.spots() {
		wait.Go(func() {
			start := time.Now()
			err, took := error(nil), time.Duration(0)
			if timing, ok := l.link.(Timing); ok {
				took, err = timing.ProbeTook(ctx, s.direction, s.port)
			} else {
				err = l.link.Probe(ctx, s.direction, s.port)
				took = time.Since(start)
			}
			mu.Lock()
			defer mu.Unlock()
			results[s] = probed{took: took, err: err}
		})
	}
	wait.Wait()
	return results
}
