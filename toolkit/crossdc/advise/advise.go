package advise

import (
	"context"
	"fmt"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
)

// Advice is the answer. Everything that is counted has its simulation error; what follows from a closed form has none.
type Advice struct {
	Timing    Times         `json:"timing"`
	Crash     Crash         `json:"crash"`
	Outages   []OutageCost  `json:"outages"`
	Restart   RestartCost   `json:"restart"`
	Year      Year          `json:"year"`
	Traps     []string      `json:"traps,omitempty"` // configuration traps C1-C14
	Notes     []string      `json:"notes,omitempty"` // of the input
	Better    []Option      `json:"better"`
	Map       Map           `json:"map"`
	Objective Objective     `json:"objective"`
	Samples   int           `json:"samples"`
	Seed      uint64        `json:"seed"`
	Simulated time.Duration `json:"-"`
}

// Times are the closed forms of a configuration, in seconds.
type Times struct {
	Interval  float64 `json:"i_s"`
	Misses    int     `json:"n"`
	Snapshot  float64 `json:"s_s"`
	Period    float64 `json:"p_s"`         // real snapshot period
	Detection float64 `json:"detection_s"` // longest, (N+1)*I
	Earliest  float64 `json:"earliest_s"`  // shortest, (N-1)*I
	Survives  float64 `json:"survives_s"`  // longest outage that is certainly harmless
	Invisible float64 `json:"invisible_s"` // longest boot that is certainly never noticed
	Visible   float64 `json:"visible_s"`   // shortest boot that always ends in DOWN and a takeover, so that no state is lost silently
	Hung      float64 `json:"hung_down"`   // probability that one hung, undelivered heartbeat ends in DOWN
}

// Objective repeats what was asked for, in seconds; 0 is none.
type Objective struct {
	RTO float64 `json:"rto_s,omitempty"`
	RPO float64 `json:"rpo_s,omitempty"`
}

// Crash is what the loss of a data center for good costs.
type Crash struct {
	Detection []Quantile `json:"detection"`
	Loss      []Quantile `json:"loss"` // of traffic, by what was not replicated yet
	NotSeen   Share      `json:"not_seen"`
	RTOMet    *Share     `json:"rto_met,omitempty"` // detection alone; what the application needs to serve comes on top
	RPOMet    *Share     `json:"rpo_met,omitempty"`
}

// OutageCost is what one kind of outage costs.
type OutageCost struct {
	Seconds  float64 `json:"s"`
	PerYear  float64 `json:"per_year"`
	Refused  bool    `json:"refused"`
	Failover Share   `json:"failover"` // at least one side declares the other DOWN, for nothing
	Silence  Share   `json:"silence"`  // Q1
	Split    float64 `json:"split_s"`  // mean time in which both are active and one took over, up to the reaction
}

// RestartCost is what a restart of one side costs.
type RestartCost struct {
	Noticed Share `json:"noticed"`
	Silent  Share `json:"silent_loss"` // Q17
}

// Year adds it up.
type Year struct {
	FalseFailovers Yearly `json:"false_failovers"`
	Silences       Yearly `json:"silences"`
	AloneHours     Yearly `json:"alone_hours"` // without any replication or detection, because both are silent
	SplitHours     Yearly `json:"split_hours"`
	SilentLosses   Yearly `json:"silent_losses"`
	LostSeconds    Yearly `json:"lost_s"` // of traffic, by crashes
}

// Advise answers. The error names the field that cannot be advised on.
func Advise(ctx context.Context, in Input) (Advice, error) {
	if in.Samples == 0 {
		in.Samples = defaultSamples
	}
	if err := in.check(); err != nil {
		return Advice{}, err
	}
	a := Advice{Samples: in.Samples, Seed: in.Seed, Objective: Objective{in.RTO.Seconds(), in.RPO.Seconds()}}
	var err error
	if a.Timing, err = in.times(); err != nil {
		return Advice{}, err
	}
	a.Notes = in.Notes
	for _, finding := range crossdc.Validate(&in.Config, in.Peer, in.Known...) {
		a.Traps = append(a.Traps, finding.String())
	}
	if err := in.crashes(ctx, &a); err != nil {
		return Advice{}, fmt.Errorf("simulate crashes: %w", err)
	}
	if err := in.outages(ctx, &a, in.Samples); err != nil {
		return Advice{}, fmt.Errorf("simulate outages: %w", err)
	}
	if err := in.restarts(ctx, &a, in.Samples); err != nil {
		return Advice{}, fmt.Errorf("simulate restarts: %w", err)
	}
	if err := in.front(ctx, &a); err != nil {
		return Advice{}, fmt.Errorf("look for better configurations: %w", err)
	}
	return a, nil
}

func (in *Input) times() (Times, error) {
	t := in.Config.Timing()
	period, err := t.SnapshotPeriod()
	if err != nil {
		return Times{}, err
	}
	return Times{
		Interval: t.Interval.Seconds(), Misses: int(t.Misses), Snapshot: t.SnapshotInterval.Seconds(), Period: period.Seconds(),
		Detection: t.CertainGap().Seconds(), Earliest: t.DetectionBounds(0).Min.Seconds(),
		Survives: t.DetectionBounds(0).Min.Seconds(), Invisible: max(t.InvisibleRestart().AlwaysInvisible.Seconds(), 0),
		Visible: max(t.InvisibleRestart().AlwaysVisible.Seconds(), 0),
		Hung:    t.FalseDown(t.HungGap(t.ReadTimeout, false)),
	}, nil
}

func (in *Input) crashes(ctx context.Context, a *Advice) error {
	all, err := each(ctx, in.Samples, in.crash)
	if err != nil {
		return err
	}
	var detection, lost []time.Duration
	inTime, little, unseen := 0, 0, 0
	for _, c := range all {
		if !c.detected {
			unseen++
			continue
		}
		detection, lost = append(detection, c.detection), append(lost, c.lost)
		if c.detection <= in.RTO {
			inTime++
		}
		if c.lost <= in.RPO {
			little++
		}
	}
	a.Crash = Crash{Detection: quantiles(detection, 0.5, 0.9, 0.99), Loss: quantiles(lost, 0.5, 0.9, 0.99), NotSeen: share(unseen, len(all))}
	if in.RTO > 0 {
		s := share(inTime, len(all))
		a.Crash.RTOMet = &s
	}
	if in.RPO > 0 {
		s := share(little, len(all))
		a.Crash.RPOMet = &s
	}
	mean, low, high := meanOf(lost)
	n := in.Profile.Crashes
	a.Year.LostSeconds = Yearly{mean * n, low * n, high * n}
	return nil
}

func (in *Input) outages(ctx context.Context, a *Advice, samples int) error {
	for i, o := range in.Profile.Outages {
		all, err := each(ctx, samples, func(k uint64) (cut, error) { return in.outage(o, k+uint64(i+1)<<32) })
		if err != nil {
			return err
		}
		failovers, silent := 0, 0
		split := make([]time.Duration, len(all))
		for k, c := range all {
			if c.failovers > 0 {
				failovers++
			}
			if c.silent {
				silent++
			}
			split[k] = c.split
		}
		mean, low, high := meanOf(split)
		cost := OutageCost{Seconds: o.Length.Seconds(), PerYear: o.PerYear, Refused: o.Refused,
			Failover: share(failovers, len(all)), Silence: share(silent, len(all)), Split: mean}
		a.Outages = append(a.Outages, cost)
		a.Year.FalseFailovers = a.Year.FalseFailovers.plus(cost.Failover.times(o.PerYear))
		a.Year.Silences = a.Year.Silences.plus(cost.Silence.times(o.PerYear))
		a.Year.AloneHours = a.Year.AloneHours.plus(cost.Silence.times(o.PerYear * in.Profile.Reaction.Hours()))
		a.Year.SplitHours = a.Year.SplitHours.plus(Yearly{mean * o.PerYear / 3600, low * o.PerYear / 3600, high * o.PerYear / 3600})
	}
	return nil
}

func (in *Input) restarts(ctx context.Context, a *Advice, samples int) error {
	type outcome struct{ noticed, silent bool }
	all, err := each(ctx, samples, func(k uint64) (outcome, error) {
		noticed, silent, err := in.restart(k + 1<<48)
		return outcome{noticed, silent}, err
	})
	if err != nil {
		return err
	}
	noticed, silent := 0, 0
	for _, o := range all {
		if o.noticed {
			noticed++
		}
		if o.silent {
			silent++
		}
	}
	a.Restart = RestartCost{Noticed: share(noticed, len(all)), Silent: share(silent, len(all))}
	a.Year.SilentLosses = a.Restart.Silent.times(in.Profile.Restarts)
	return nil
}
