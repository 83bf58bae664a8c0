package specs

import (
	"context"

	"github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/scenario"
)

type step = func(ginkgo.SpecContext, *scenario.Drill, *scenario.Side)

// drills makes a step of one of a drill.
func drills(does func(*scenario.Drill, ginkgo.SpecContext)) step {
	return func(ctx ginkgo.SpecContext, d *scenario.Drill, _ *scenario.Side) { does(d, ctx) }
}

// plain is drills for steps that take any context.
func plain(does func(*scenario.Drill, context.Context)) step {
	return func(ctx ginkgo.SpecContext, d *scenario.Drill, _ *scenario.Side) { does(d, ctx) }
}

// sides makes a step of one of a side.
func sides(does func(*scenario.Side, context.Context)) step {
	return func(ctx ginkgo.SpecContext, _ *scenario.Drill, s *scenario.Side) { does(s, ctx) }
}

// steps are what the checks of package declared do, by their names.
var steps = map[string]step{
	"declares-down": sides((*scenario.Side).DeclaresDown),
	"nothing-changes": func(ctx ginkgo.SpecContext, d *scenario.Drill, _ *scenario.Side) {
		d.Watch(ctx, d.DetectionIntervals()+2) // since the last fault
		d.NothingChanges(ctx)
	},
	"never-declares-down": func(ctx ginkgo.SpecContext, _ *scenario.Drill, s *scenario.Side) { s.NeverDeclaresDown(ctx) },
	"leaves": func(ctx ginkgo.SpecContext, d *scenario.Drill, s *scenario.Side) {
		d.WatchUntil(ctx, 2)
		s.KeepsItsMind(ctx)
		s.Cancels(ctx)
	},
	"heals": func(ctx ginkgo.SpecContext, d *scenario.Drill, _ *scenario.Side) {
		d.WatchUntil(ctx, 1.2*d.DetectionIntervals())
		d.Heal(ctx)
	},
	"counts-its-misses":                   drills((*scenario.Drill).CountsItsMisses),
	"takes-over-every-replica":            drills((*scenario.Drill).TakesOverEveryReplica),
	"takes-over-nothing":                  sides((*scenario.Side).TakesOverNothing),
	"serves-the-lost-side":                drills((*scenario.Drill).ServesTheLostSide),
	"stays-served":                        drills((*scenario.Drill).StaysServed),
	"loses-no-more-than-rpo":              drills((*scenario.Drill).LosesNoMoreThanRPO),
	"loses-nothing":                       drills((*scenario.Drill).LosesNothing),
	"survivor-is-unharmed":                drills((*scenario.Drill).SurvivorIsUnharmed),
	"both-sides-serve":                    drills((*scenario.Drill).BothSidesServe),
	"announces-no-shutdown":               drills((*scenario.Drill).AnnouncesNoShutdown),
	"hears-the-announcement":              sides((*scenario.Side).HearsTheAnnouncement),
	"discards-as-announced":               drills((*scenario.Drill).DiscardsAsAnnounced),
	"holds-no-replica":                    sides((*scenario.Side).HoldsNoReplica),
	"ends-as-planned":                     plain((*scenario.Drill).EndsAsPlanned),
	"reports-split-brain":                 drills((*scenario.Drill).ReportsSplitBrain),
	"recovers-contact-or-reports-silence": plain((*scenario.Drill).RecoversContactOrReportsSilence),
	"recovers-by-one-heartbeat":           plain((*scenario.Drill).RecoversByOneHeartbeat),
	"resumes-without-restart":             drills((*scenario.Drill).ResumesWithoutRestart),
	"processes-nothing-twice":             drills((*scenario.Drill).ProcessesNothingTwice),
	"comes-home":                          drills((*scenario.Drill).ComesHome),
}
