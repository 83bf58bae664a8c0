// Package sample makes synthetic runs for the tests of the reports: one of every outcome, and as many scenarios as wanted.
// The same arguments give the same run.
package sample

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// Started is when every synthetic run started.
var Started = time.Date(2026, 11, 22, 19, 58, 20, 0, time.UTC)

const speedup = 60

// at is an instant that many toolkit seconds after the scenario's beginning, known to within the given wall milliseconds.
func at(zero model.Instant, toolkitSeconds, uncertainMS float64) model.Interval {
	earliest := zero + model.Instant(toolkitSeconds/speedup*1e9)
	return model.Interval{Earliest: earliest, Latest: earliest + model.Instant(uncertainMS*1e6)}
}

func measure(earliest, latest, objective float64, by ...string) *model.Measure {
	m := &model.Measure{EarliestSeconds: earliest, LatestSeconds: latest, WallEarliest: earliest / speedup, WallLatest: latest / speedup,
		ObjectiveSeconds: objective, By: by}
	switch {
	case objective == 0:
		m.Verdict = model.NotApplicable
	case latest <= objective:
		m.Verdict = model.Met
	case earliest > objective:
		m.Verdict = model.Missed
	default:
		m.Verdict = model.Inconclusive
		m.Why = "the interval straddles the objective"
	}
	return m
}

// Environment is the embedded one with the shipped toolkit configuration.
func Environment() model.Environment {
	return model.Environment{
		Kind: "embedded", Topology: "active/active", Speedup: speedup, AccuracyClass: "1 % of the objective", TLSVerified: true,
		DataCenters: []model.DataCenter{
			{Name: "dc1", Instance: "StreamsInstance", ProductVersion: "7.2.0.0", Application: "com.crossdc.drill::FailoverDrill", Root: "https://127.23.4.1:9714/streams/resources"},
			{Name: "dc2", Instance: "StreamsInstance", ProductVersion: "7.2.0.0", Application: "com.crossdc.drill::FailoverDrill", Root: "https://127.23.4.2:9714/streams/resources"},
		},
		Toolkit: map[string]string{"heartbeatExchangeInterval": "30", "consecutiveHeartbeatMissesAllowed": "4", "dataSnapshotExchangeInterval": "180",
			"delayBeforeFirstHeartbeat": "40", "httpConnectionTimeout": "25", "httpReadTimeout": "100"},
		Capabilities: map[string]string{"cut the link": "yes", "restart a PE": "yes", "packet loss": "the userspace relay cannot drop packets"},
	}
}

// Rich is a run that has one scenario of every outcome, with everything a report can show.
func Rich() model.Run {
	run := model.Run{Schema: model.SchemaVersion, ID: "20261122-195820-7f3a", Suites: []string{"outage", "partition", "planned"}, Started: Started,
		Finished: Started.Add(140 * time.Second), Seed: 4711, Environment: Environment(), By: "release pipeline 812", Version: "v0.1.0", Built: Started.Add(-time.Hour),
		Notes: []string{"The machine was busy: the observer was late by 12 ms at most, which is inside every interval."}}
	zero := model.Instant(0)
	next := func(s model.Scenario) {
		s.Seed, s.Speedup, s.Topology, s.Started = 4711+int64(len(run.Scenarios)), speedup, "active/active", zero
		s.Finished = zero + model.Instant(10*time.Second)
		s.Command = fmt.Sprintf("CROSSDC_SEED=%d go tool ginkgo --label-filter=%s ./suites/%s", s.Seed, s.ID, s.Family)
		s.DeclaredSteps = len(s.Steps)
		zero = s.Finished + model.Instant(200*time.Millisecond)
		run.Scenarios = append(run.Scenarios, s)
	}

	next(model.Scenario{ID: "control", Name: "Nothing happens", Family: "outage", Labels: []string{"control", "outage", "fast"}, Outcome: model.Passed,
		Steps: []model.Step{step("serves events in both data centers", model.Passed, 0.9), step("sees no failover where none is", model.Passed, 6.2)},
		Fault: &model.Fault{Name: "no-op", Target: "dc1", Struck: "dc1", Observers: []string{"dc2"}, TakesService: true, Injected: at(zero, 120, 1), Bite: "nothing was done"}, Served: served(zero, 600, 600, 0),
		Cleanup: &model.Cleanup{Outcome: model.Passed}, Ledger: ledger(0, 0)})
	next(crash(zero, model.Passed))
	missed := crash(zero, model.Failed)
	missed.ID, missed.Name, missed.Labels = "S08", "A job is cancelled without orderly shutdown", []string{"S08", "outage"}
	missed.Objectives.RTOSeconds = 120
	missed.Measures.Detection, missed.Measures.Recovery = measure(131.2, 133.9, 120, "status stream", "operator metrics"), measure(141, 146.4, 120, "traffic")
	missed.Reasons = []string{"detection took 131.2 to 133.9 s, the objective is 120 s"}
	missed.Steps[1].Outcome, missed.Steps[1].Failure = model.Failed, "Expected dc1 to be seen DOWN by dc2 within 120 s (toolkit time).\nLast seen: UP at 119.4 s by status stream.\nDOWN expected within (N+1)*I + d = 150 s"
	missed.Steps[1].Location = "support/scenario/drill.go:88"
	next(missed)
	next(partition(zero))
	vague := crash(zero, model.OutcomeInconclusive)
	vague.ID, vague.Name = "S07", "An instance is stopped without orderly shutdown"
	vague.Measures.Detection = measure(118, 152.5, 150, "operator metrics")
	vague.Contradictions = []string{"status stream says DOWN between 131.2 and 133.9 s, operator metrics between 139 and 142 s"}
	vague.Reasons = []string{"detection took 118 to 152.5 s, and the objective of 150 s lies between them"}
	vague.Indicators[0].Used, vague.Indicators[0].Why = false, "the WebSocket was refused: 403"
	vague.Steps[1].Outcome, vague.Steps[1].Failure = model.OutcomeInconclusive, vague.Reasons[0]
	next(vague)
	next(model.Scenario{ID: "S22", Name: "The link loses 5 % of its packets", Family: "partition", Labels: []string{"S22", "partition"}, Outcome: model.Skipped,
		Reasons: []string{"the environment cannot do it: the userspace relay cannot drop packets"},
		Steps:   []model.Step{{Name: "stays up", Outcome: model.Skipped, Failure: "the userspace relay cannot drop packets"}}})
	next(model.Scenario{ID: "S33", Name: "The disk is full at a takeover", Family: "outage", Outcome: model.Pending, Reasons: []string{"not built yet"}})
	next(model.Scenario{ID: "S24", Name: "The link flaps", Family: "partition", Outcome: model.Panicked, Reasons: []string{"panic: runtime error: index out of range"},
		Steps: []model.Step{{Name: "counts every DOWN and UP", Outcome: model.Panicked, Failure: "panic: runtime error: index out of range [3] with length 3\n\ngoroutine 7 [running]:\n<&\"'>\x1b[31m", Location: "suites/partition/flap.go:31"}},
		Fault: &model.Fault{Name: "flap", Target: "link dc1->dc2", Observers: []string{"dc2"}, Injected: at(zero, 120, 3)}, Cleanup: &model.Cleanup{Injected: []string{"flap on link dc1->dc2"}, Left: []string{"relay 127.23.4.12 still flaps"}, Outcome: model.Failed, Reason: "the relay did not answer within 2 s"}})
	next(model.Scenario{ID: "S11", Name: "A data center is shut down in order", Family: "planned", Outcome: model.TimedOut, Reasons: []string{"timed out after 30 s (wall)"},
		Steps: []model.Step{step("serves events in both data centers", model.Passed, 0.8), {Name: "hands over nothing", Outcome: model.TimedOut, Seconds: 30, Failure: "timed out after 30 s"}, {Name: "comes home", Outcome: model.Skipped, Failure: "an earlier step did not pass"}}})
	next(model.Scenario{ID: "S12", Name: "An active data center is shut down in order", Family: "planned", Outcome: model.Interrupted, Reasons: []string{"interrupted by the user"},
		Fault: &model.Fault{Name: "orderly shutdown", Target: "dc1", Struck: "dc1", Observers: []string{"dc2"}, TakesService: true, Injected: at(zero, 60, 2)},
		Steps: []model.Step{{Name: "launches nothing", Outcome: model.Interrupted, Failure: "interrupted by the user"}}})
	return run
}

func step(name string, outcome model.Outcome, seconds float64) model.Step {
	return model.Step{Name: name, Outcome: outcome, Seconds: seconds}
}

func ledger(lost, unknown int64) *model.Ledger {
	return &model.Ledger{Due: 10000, Acknowledged: 9870, Refused: 130, ProcessedBy: map[string]int64{"dc1": 3120, "dc2": 6744},
		InState: map[string]int64{"dc2": 9870 - lost - unknown}, Lost: lost, Duplicated: 2, Reordered: 1, Unknown: unknown, LatenessP99: 0.8}
}

// served is throughput per 100 ms: level events at both, and none at dc1 between the two given toolkit seconds.
func served(zero model.Instant, gone, back, taken float64) []model.Served {
	var out []model.Served
	for i := range 100 {
		from := zero + model.Instant(i)*model.Instant(100*time.Millisecond)
		to := from + model.Instant(100*time.Millisecond)
		t := float64(i) * 0.1 * speedup
		jitter := int64(i*37%11) - 5
		one, two := 60+jitter, 40-jitter
		if t >= gone && t < back {
			one = 0
			if t >= gone+taken {
				two = 100 + jitter
			}
		}
		out = append(out, model.Served{Site: "dc1", From: from, To: to, Events: one}, model.Served{Site: "dc2", From: from, To: to, Events: two})
	}
	return out
}

func crash(zero model.Instant, outcome model.Outcome) model.Scenario {
	healed := at(zero, 400, 8)
	return model.Scenario{
		ID: "S03", Name: "A data center crashes", Family: "outage", Labels: []string{"S03", "outage", "active-active", "fast"}, Outcome: outcome,
		Fault: &model.Fault{Name: "crash", Target: "dc1", Struck: "dc1", Observers: []string{"dc2"}, TakesService: true, Injected: at(zero, 120, 4), Bite: "every process of dc1 is gone, port 9714 refuses", Healed: &healed, HealProof: "dc1 answers and its job is healthy"},
		Objectives: model.Objectives{RTOSeconds: 150, RPOSeconds: 180,
			Derivation: "DOWN is due within (N+1)*I + d = (4+1)*30 s + 0 s = 150 s; the last snapshot is at most 150 s old"},
		Measures: model.Measures{Detection: measure(101.2, 103.9, 150, "status stream", "operator metrics"), Takeover: measure(104, 105.5, 0, "traces"),
			Recovery: measure(108.1, 112.4, 150, "traffic"), Steady: measure(120, 126, 0, "traffic"),
			Loss: &model.Loss{EarliestEvents: 96, LatestEvents: 104, EarliestSeconds: 5.8, LatestSeconds: 6.3, ObjectiveSeconds: 180, Verdict: model.Met}},
		Observations: []model.Observation{
			{Site: "dc1", Indicator: "job health", Event: "job gone", Subject: "dc1/job 7", When: at(zero, 122, 60), Evidence: "connection refused"},
			{Site: "dc2", Indicator: "status stream", Event: "peer down", Subject: "dc1", When: at(zero, 221.2, 45), Evidence: "{activeOrInactive:false, number:2}"},
			{Site: "dc2", Indicator: "operator metrics", Event: "peer down", Subject: "dc1", When: at(zero, 218, 95), Evidence: "nDown 0 -> 1"},
			{Site: "dc2", Indicator: "status stream", Event: "fragment taken over", Subject: "3", When: at(zero, 224, 25)},
			{Site: "dc2", Indicator: "traffic", Event: "first event of dc1 served", When: at(zero, 228.1, 72)},
			{Site: "dc2", Indicator: "status stream", Event: "peer up", Subject: "dc1", When: at(zero, 470, 45)},
		},
		Phases: []model.Phase{
			{Name: "steady before", From: at(zero, 0, 0), To: at(zero, 120, 4)}, {Name: "detection", From: at(zero, 120, 4), To: at(zero, 221.2, 45)},
			{Name: "takeover", From: at(zero, 221.2, 45), To: at(zero, 224, 25)}, {Name: "restoration", From: at(zero, 224, 25), To: at(zero, 228.1, 72)},
			{Name: "heal", From: healed, To: at(zero, 470, 45)}, {Name: "home", From: at(zero, 470, 45), To: at(zero, 595, 1)},
		},
		Indicators: []model.IndicatorUse{
			{Site: "dc2", Indicator: "status stream", Used: true, Polls: 1}, {Site: "dc2", Indicator: "operator metrics", Used: true, Polls: 214, Errors: 1},
			{Site: "dc1", Indicator: "job health", Used: true, Polls: 180, Errors: 95}, {Site: "dc2", Indicator: "pe trace", Used: false, Why: "trace level is off, INFO is needed"}},
		Ledger: ledger(100, 4), Served: served(zero, 120, 410, 102),
		Concluded: []model.Concluded{{Site: "dc2", Kind: model.ConcludedPeerRestarted, Text: "dc1, or a part of it, was started again", While: model.Interval{Earliest: 1, Latest: 2}}},
		Traces:    []model.TraceLine{{Site: "dc2", Line: "22 Nov 2026 19:58:20.123456 [20511] INFO #splapptrc,J[12],P[31],CrossDCFailover.RemoteDataCenterWatchdog,RemoteDC-Watchdog M[CrossDataCenterFailover.spl:RemoteDataCenterWatchdog:0]  - _XXXXX_ Remote data center is inactive"}},
		Steps: []model.Step{step("serves events in both data centers", model.Passed, 0.9), step("is declared DOWN by the survivor within the RTO", model.Passed, 1.7),
			step("hands its replicated state to the survivor, each fragment once", model.Passed, 0.2), step("loses no more than the RPO allows", model.Passed, 0.1), step("comes home", model.Passed, 4.4)},
		Cleanup:     &model.Cleanup{Injected: []string{"crash of dc1"}, Healed: []string{"crash of dc1"}, Outcome: model.Passed},
		Attachments: []string{"attachments/S03/dc2-pe31.log"},
	}
}

func partition(zero model.Instant) model.Scenario {
	s := crash(zero, model.HazardReproduced)
	s.ID, s.Name, s.Family, s.Labels = "S16", "The link is cut for longer than the detection time", "partition", []string{"S16", "partition"}
	s.Fault.Name, s.Fault.Target, s.Fault.Bite = "cut", "link dc1<->dc2", "both relays refuse"
	s.BothActive = &model.Span{From: at(zero, 221.2, 45), To: at(zero, 470, 45)}
	s.Hazards = []model.Hazard{{Quirk: "Q1", Title: "After both sides declared each other DOWN, heartbeats stop for good; nothing restarts them when the link heals",
		Evidence: "no heartbeat in either direction for 20 intervals after the heal", Remedy: "send one HTTP body to the toolkit's port on each side (S55), or restart the job of one side",
		WayOut: "curl -i -X POST -H 'Content-Type: application/octet-stream' --data-binary heartbeat http://HOST:PORT/crossdcrx/CrossDataCenterReceiverForHB/ports/output/0/inject",
		Note:   "HOST is a host of one data center, PORT its heartbeat port"},
		{Quirk: "Q2", Title: "A partition is taken for a crash: both sides take over and keep running", Evidence: "both active for 246 to 252 s",
			Remedy: "fence one side from outside before it serves, or make the merge idempotent", Note: "what both have processed cannot be told apart afterwards"}}
	s.Trials = &model.Trials{Count: 29, Claim: "29 trials carry a P90 at 95 % confidence", Predicted: []float64{90.1, 105, 120, 135, 150}}
	random := rand.New(rand.NewPCG(1, 2))
	for range 29 {
		d := 90 + 30*random.Float64() + 30*random.Float64()
		s.Trials.Detection = append(s.Trials.Detection, *measure(d, d+2.4, 150))
		s.Trials.Recovery = append(s.Trials.Recovery, *measure(d+6, d+11, 150))
	}
	return s
}
