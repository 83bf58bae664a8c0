package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/scenario/mix"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/toolkit"
)

// mixPause is how far troubles of a mix are apart at least, in toolkit time: a crash, its detection, the way home and a round of snapshots.
const mixPause = 10 * time.Minute

// trouble is one kind of a mix: how it is made, what must come of it, and what it explains.
type trouble struct {
	fault func(one *Drill, a mix.Action) fault.Fault
	run   func(ctx ginkgo.SpecContext, one *Drill, a mix.Action, f fault.Fault)
	// judged says that something is taken over, so that load and replication come first.
	judged bool
	// loses is what explains that events of the side that was struck are lost; splits that both sides processed one; late that one was
	// processed after a newer one. Empty: nothing does.
	loses, splits, late string
}

// troubles is the table of kinds.
var troubles = map[mix.Kind]trouble{
	mix.Crash: {
		fault: func(one *Drill, a mix.Action) fault.Fault { return fault.Crash(one.target(a).Name()) },
		run:   failsOver, judged: true, loses: "RPO",
	},
	mix.Restart: {
		fault: func(one *Drill, a mix.Action) fault.Fault { return fault.CancelJob(one.target(a).Name()) },
		run:   restarts, loses: "Q17",
	},
	mix.ShortPartition: {
		fault: func(*Drill, mix.Action) fault.Fault { return fault.Partition(fault.Refuse) },
		run:   passesUnnoticed,
	},
	mix.SlowLink: {
		fault: func(one *Drill, a mix.Action) fault.Fault {
			return fault.Degrade(fault.Quality{Delay: one.Intervals(0.25 * (0.2 + 0.8*a.Part))})
		},
		run: staysUnnoticed,
	},
	mix.Jitter: {
		fault: func(one *Drill, a mix.Action) fault.Fault {
			return fault.Degrade(fault.Quality{Jitter: one.Intervals(max(float64(one.Timing.Misses)-1, 0) / 4 * (0.2 + 0.8*a.Part))})
		},
		run: staysUnnoticed,
	},
	mix.Loss: {
		fault: func(one *Drill, a mix.Action) fault.Fault { return fault.Lose(one.Loss(0.01 + 0.04*a.Part)) },
		run:   staysUnnoticed,
	},
	mix.ShortHang: {
		fault: func(one *Drill, a mix.Action) fault.Fault { return fault.Hang(one.target(a).Name(), 0) },
		run:   passesUnnoticed, late: "requests that waited in the kernel of a side that hung",
	},
	mix.LongHang: {
		fault: func(one *Drill, a mix.Action) fault.Fault { return fault.Hang(one.target(a).Name(), 0) },
		run:   hangsAndResumes, judged: true, splits: "Q2", late: "requests that waited in the kernel of a side that hung",
	},
}

// target is the side that an action strikes.
func (d *Drill) target(a mix.Action) *Side { return d.sides()[a.Target] }

// SurvivesTheMix puts a seeded random mix of troubles on the pair for a stretch of toolkit time: crashes, restarts that nobody notices, short
// partitions, slow, jittering and losing links, short and long hangs, each with its own eyes and its own traffic. Each must be met as
// its own scenario demands, and every event that is lost, processed twice or in another order must be explained by what was
// done: by the RPO, or by a known quirk, which is reported. Whatever is not explained fails (S56). The seed repeats the schedule.
func (d *Drill) SurvivesTheMix(ctx ginkgo.SpecContext, length time.Duration) {
	ginkgo.GinkgoHelper()
	d.rest(ctx)
	schedule := mix.Schedule(d.given.Seed, length, mixPause, d.possibleTroubles())
	Expect(schedule).NotTo(BeEmpty(), "a mix of %s has no room for anything: two troubles are at least %s apart", length, mixPause)
	progress("    %d troubles in %s of toolkit time; CROSSDC_SEED=%d repeats them", len(schedule), length, d.given.Seed)
	var unexplained, texts []string
	quirks := map[string][]string{}
	began := time.Now()
	for n, a := range schedule {
		if rest := time.Until(began.Add(d.wall(a.At))); rest > 0 {
			d.watchFor(ctx, d.toolkit(rest))
		}
		progress("  %d of %d: %s", n+1, len(schedule), a)
		account, hazards := d.meets(ctx, a)
		text, why, by := explain(a, troubles[a.Kind], account, d.target(a).Name(), d.target(a).peer.Name(), d.settings.Objectives().RPO.Seconds())
		progress("    %s", text)
		texts = append(texts, fmt.Sprintf("%s: %s", a, text))
		for _, one := range why {
			unexplained = append(unexplained, fmt.Sprintf("%d, %s: %s", n+1, a, one))
		}
		for _, quirk := range slices.Compact(slices.Sorted(slices.Values(append(hazards, by...)))) {
			quirks[quirk] = append(quirks[quirk], a.String())
		}
		d.env.CloseIdle()
		d.observe(model.Observation{Indicator: "traffic", Event: "mix", When: d.interval(began, time.Now()), Evidence: texts[n]})
		d.store()
	}
	for _, quirk := range slices.Sorted(maps.Keys(quirks)) {
		d.hazard(quirk, fmt.Sprintf("explains what came of %d of %d troubles: %s", len(quirks[quirk]), len(schedule), strings.Join(quirks[quirk], "; ")))
	}
	Expect(unexplained).To(BeEmpty(), "every event that is lost, doubled or back must be explained; CROSSDC_SEED=%d repeats the schedule", d.given.Seed)
}

// possibleTroubles are the kinds that can be made here; a scenario without any is skipped.
func (d *Drill) possibleTroubles() []mix.Kind {
	ginkgo.GinkgoHelper()
	var kinds []mix.Kind
	var why []string
	for _, kind := range mix.Kinds() {
		f := troubles[kind].fault(d, mix.Action{Kind: kind})
		if ok, reason := f.Available(d.env); !ok {
			why = append(why, fmt.Sprintf("%s: %s", f, reason))
			continue
		}
		kinds = append(kinds, kind)
	}
	if len(kinds) == 0 {
		d.skip(fmt.Sprintf("none of the troubles of the mix is available here: %v", why))
	}
	return kinds
}

// meets is one trouble from steady operation until home again. It returns the closed ledger of its own traffic, and the known hazards that
// its steps reported.
func (d *Drill) meets(ctx ginkgo.SpecContext, a mix.Action) (traffic.Account, []string) {
	ginkgo.GinkgoHelper()
	kind := troubles[a.Kind]
	one := d.single()
	defer one.leave(ctx)
	one.oneOfMany, one.unnoticed, one.mayNotice = !kind.judged, kind.loses == "" && kind.splits == "" || a.Kind == mix.Restart, a.Kind == mix.Restart
	one.watch(ctx)
	limit := one.wall(one.firstReplication())
	ended.Doubt().Eventually(one.notReady).WithTimeout(limit).WithPolling(10*time.Millisecond).Should(lackNothing(), "no steady operation before %s", a)
	one.markLoad(ctx)
	kind.run(ctx, one, a, kind.fault(one, a))
	account := one.settle(ctx)
	var hazards []string
	for _, h := range one.scenario.Hazards {
		hazards = append(hazards, h.Quirk)
	}
	return account, hazards
}

// failsOver is a trouble that takes a data center away until it is started again.
func failsOver(ctx ginkgo.SpecContext, one *Drill, _ mix.Action, f fault.Fault) {
	ginkgo.GinkgoHelper()
	one.Inject(ctx, f)
	one.survivor().DeclaresDown(ctx)
	one.TakesOverEveryReplica(ctx)
	one.ServesTheLostSide(ctx)
	one.ComesHome(ctx)
}

// restarts is a trouble that is over before it can be noticed, unless this machine was too slow for that.
func restarts(ctx ginkgo.SpecContext, one *Drill, _ mix.Action, f fault.Fault) {
	ginkgo.GinkgoHelper()
	one.Inject(ctx, f)
	one.Heal(ctx)
	one.Watch(ctx, one.DetectionIntervals()+2)
	one.returnsToNormal(ctx, toolkit.Status{Sites: [2]toolkit.SiteStatus{}})
}

// passesUnnoticed is a trouble that ends before it may be noticed.
func passesUnnoticed(ctx ginkgo.SpecContext, one *Drill, a mix.Action, f fault.Fault) {
	ginkgo.GinkgoHelper()
	one.InjectFor(ctx, f, time.Duration((0.3+0.7*a.Part)*float64(one.TolerableOutage())))
	one.Watch(ctx, one.DetectionIntervals()+1)
	one.NothingChanges(ctx)
}

// staysUnnoticed is a trouble that lasts and that nobody may notice.
func staysUnnoticed(ctx ginkgo.SpecContext, one *Drill, _ mix.Action, f fault.Fault) {
	ginkgo.GinkgoHelper()
	one.Inject(ctx, f)
	one.Watch(ctx, 2*one.DetectionIntervals())
	one.NothingChanges(ctx)
	one.ComesHome(ctx)
}

// hangsAndResumes is a data center that stands still for longer than detection takes, and then goes on.
func hangsAndResumes(ctx ginkgo.SpecContext, one *Drill, a mix.Action, f fault.Fault) {
	ginkgo.GinkgoHelper()
	one.Inject(ctx, f)
	one.survivor().DeclaresDown(ctx)
	one.TakesOverEveryReplica(ctx)
	one.WatchUntil(ctx, (1.2+0.8*a.Part)*one.DetectionIntervals())
	one.ResumesWithoutRestart(ctx)
}

// explain holds what became of the events against what was done. It returns it in words, what is not explained, and the quirks that
// explain the rest.
func explain(a mix.Action, kind trouble, account traffic.Account, struck, other string, rpo float64) (text string, unexplained, quirks []string) {
	ledger := account.Ledger
	text = fmt.Sprintf("%d events acknowledged, %d to %d lost, %d by both sides, %d twice, %d late, %d back again", ledger.Acknowledged,
		account.Loss.EarliestEvents, account.Loss.LatestEvents, account.SplitBrain, ledger.Duplicated-account.SplitBrain, ledger.Reordered, ledger.Resurrected)
	unexplained = slices.Clone(account.Contradictions)
	for _, anomaly := range ledger.Anomalies {
		unexplained = append(unexplained, anomaly.Text)
	}
	note := func(n int64, by, what string) {
		switch {
		case n <= 0:
		case by == "":
			unexplained = append(unexplained, fmt.Sprintf("%d events %s, which nothing explains that was done", n, what))
		case strings.HasPrefix(by, "Q"):
			quirks = append(quirks, by)
		}
	}
	note(account.Loss.EarliestEvents, kind.loses, "are lost")
	note(account.SplitBrain, kind.splits, "were processed by both sides")
	note(ledger.Reordered, kind.late, "were processed after newer ones")
	note(ledger.Duplicated-account.SplitBrain, "", "were processed twice by one side")
	note(ledger.Resurrected, "", "are back after they were lost")
	note(ledger.Corrupted, "", "came back as others than were sent")
	if a.Kind == mix.Crash || a.Kind == mix.Restart { // what the struck side lost is explained, what the other one had is not
		note(account.LostOf[other], "", "of "+other+" are lost, and "+struck+" was struck")
	}
	if kind.loses == "RPO" && account.Loss.EarliestSeconds > rpo {
		unexplained = append(unexplained, fmt.Sprintf("at least %.1f s of traffic are lost, and the RPO is %.4g s", account.Loss.EarliestSeconds, rpo))
	}
	return text, unexplained, quirks
}
