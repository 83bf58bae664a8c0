package timeline

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crossdc/failover/reports/model"
)

const ms = model.Instant(time.Millisecond)

func at(earliest, latest int) model.Interval {
	return model.Interval{Earliest: model.Instant(earliest) * ms, Latest: model.Instant(latest) * ms}
}

// crash is a crash of dc1 at 1 s (wall, speedup 60) that dc2 noticed after 2 s = 120 s of toolkit time.
func crash() model.Scenario {
	healed := at(6000, 6010)
	return model.Scenario{
		ID: "S03", Speedup: 60, Finished: 9000 * ms,
		Fault:      &model.Fault{Name: "crash", Target: "dc1", Struck: "dc1", Observers: []string{"dc2"}, TakesService: true, Injected: at(1000, 1002), Healed: &healed},
		Objectives: model.Objectives{RTOSeconds: 180, RPOSeconds: 180, Derivation: "RTO = (N+1)*I + 30s"},
		Observations: []model.Observation{
			{Site: "dc2", Indicator: "status stream", Event: PeerDown, When: at(3000, 3004)},
			{Site: "dc2", Indicator: "operator metrics", Event: PeerDown, Subject: "dc1", When: at(2980, 3050)},
			{Site: "dc2", Indicator: "takeover stream", Event: TakenOver, Subject: "dc1-0", When: at(3005, 3008)},
			{Site: "dc2", Indicator: "takeover stream", Event: TakenOver, Subject: "dc1-4", When: at(3007, 3012)},
			{Site: "dc2", Indicator: "operator metrics", Event: TakenOver, Subject: "dc1", When: at(2980, 3050)},
			{Site: "dc2", Indicator: TrafficIndicator, Event: Served, Subject: "dc1", When: at(3010, 3020)},
			{Site: "dc2", Indicator: TrafficIndicator, Event: Steady, Subject: "dc1", When: at(3050, 3150)},
			{Site: "dc2", Indicator: "status stream", Event: PeerUp, When: at(7000, 7003)},
			{Site: "dc1", Indicator: "status stream", Event: PeerUp, When: at(7300, 7303)},
		},
		Indicators: []model.IndicatorUse{{Site: "dc1", Indicator: "status stream", Used: true}, {Site: "dc2", Indicator: "status stream", Used: true}, {Site: "dc2", Indicator: TrafficIndicator, Used: true}},
		Ledger:     &model.Ledger{Due: 1000, Acknowledged: 900, Refused: 100, InState: map[string]int64{"dc2": 880}, ProcessedBy: map[string]int64{"dc1": 400, "dc2": 500}, Lost: 20, LatenessP99: 1},
		Measures:   model.Measures{Loss: &model.Loss{EarliestEvents: 20, LatestEvents: 20, EarliestSeconds: 10, LatestSeconds: 12}},
	}
}

func TestACrashIsJudged(t *testing.T) {
	j := Judge(crash())
	if j.Outcome != model.Passed || len(j.Reasons) != 0 || len(j.Contradictions) != 0 {
		t.Fatalf("outcome %s, reasons %q, contradictions %q", j.Outcome, j.Reasons, j.Contradictions)
	}
	d := j.Measures.Detection
	if d == nil || d.WallEarliest != 1.998 || d.WallLatest != 2.004 || d.Verdict != model.Met || len(d.By) != 2 {
		t.Errorf("detection %+v", d)
	}
	if k := j.Measures.Takeover; k == nil || k.WallLatest != 2.012 || k.WallEarliest != 2.005 {
		t.Errorf("takeover must end with the last named fragment: %+v", k)
	}
	// One millisecond of the generator's own lateness widens the lower bound.
	if r := j.Measures.Recovery; r == nil || r.WallEarliest < 2.0069 || r.WallEarliest > 2.0071 || r.WallLatest != 2.02 || r.ObjectiveSeconds != 180 {
		t.Errorf("recovery %+v", r)
	}
	if j.BothActive != nil {
		t.Errorf("both active %+v", j.BothActive)
	}
	var names []string
	for _, p := range j.Phases {
		names = append(names, p.Name)
	}
	if got := strings.Join(names, " "); got != "detection takeover restoration steady fault home" {
		t.Errorf("phases %q", got)
	}
	if home := j.Phases[5]; home.To != at(7300, 7303) {
		t.Errorf("home ends when both say UP: %+v", home)
	}
}

func TestTheWholeTakeoverIsPreferred(t *testing.T) {
	s := crash()
	s.Observations = append(s.Observations,
		model.Observation{Site: "dc2", Indicator: "status read", Event: TakeoverComplete, When: at(3006, 3030)},
		model.Observation{Site: "dc2", Indicator: "takeover stream", Event: TakeoverComplete, When: at(3007, 3012)})
	if k := Judge(s).Measures.Takeover; k.WallLatest != 2.012 || len(k.By) != 2 {
		t.Errorf("takeover %+v", k)
	}
}

// TestTamperingShows changes a stored run in the ways that a later judgement has to notice.
func TestTamperingShows(t *testing.T) {
	stored := Judge(crash())
	for name, c := range map[string]struct {
		change func(*model.Scenario)
		want   model.Outcome
		says   string
	}{
		"clock shifted":             {func(s *model.Scenario) { s.Observations[0].When = at(4000, 4004) }, model.OutcomeInconclusive, "contradict"},
		"one observation removed":   {func(s *model.Scenario) { s.Observations = s.Observations[1:] }, model.Passed, "detection"},
		"the only one removed":      {func(s *model.Scenario) { s.Observations = s.Observations[2:] }, model.Failed, "never seen"},
		"nobody watched":            {func(s *model.Scenario) { s.Observations, s.Indicators = s.Observations[2:], nil }, model.OutcomeInconclusive, "no indicator"},
		"acknowledged changed":      {func(s *model.Scenario) { s.Ledger.Acknowledged = 901 }, model.OutcomeInconclusive, "add up"},
		"lost changed":              {func(s *model.Scenario) { s.Ledger.Lost = 19 }, model.OutcomeInconclusive, "add up"},
		"state changed":             {func(s *model.Scenario) { s.Ledger.InState["dc2"] = 879 }, model.OutcomeInconclusive, "add up"},
		"loss removed":              {func(s *model.Scenario) { s.Measures.Loss = nil }, model.OutcomeInconclusive, "not measured"},
		"objective tightened":       {func(s *model.Scenario) { s.Objectives.RTOSeconds = 60 }, model.Failed, "more than the objective"},
		"load too low":              {func(s *model.Scenario) { s.Observations = append(s.Observations, trouble(2000, 2500)) }, model.OutcomeInconclusive, "half the load"},
		"speedup lost":              {func(s *model.Scenario) { s.Speedup = 0 }, model.OutcomeInconclusive, "speedup"},
		"a failed step":             {func(s *model.Scenario) { s.Steps = []model.Step{{Outcome: model.Failed}} }, model.Failed, "outcome"},
		"loss beyond the objective": {func(s *model.Scenario) { s.Objectives.RPOSeconds = 5 }, model.Failed, "data loss"},
		"loss of slow data centers": {func(s *model.Scenario) {
			s.Objectives.RPOSeconds = 5
			s.Observations = append(s.Observations, model.Observation{Indicator: TrafficIndicator, Event: DataCentersSlow, When: at(0, 1000), Evidence: "starved"})
		}, model.OutcomeInconclusive, "starved"},
		"slow data centers": {func(s *model.Scenario) {
			s.Observations = append(s.Observations, model.Observation{Indicator: TrafficIndicator, Event: DataCentersSlow, When: at(0, 1000), Evidence: "starved"})
		}, model.Passed, ""},
		"loss astride the objective": {func(s *model.Scenario) { s.Objectives.RPOSeconds = 11 }, model.OutcomeInconclusive, "straddles"},
	} {
		t.Run(name, func(t *testing.T) {
			s := clone(t, stored)
			c.change(&s)
			again := Judge(s)
			if again.Outcome != c.want {
				t.Errorf("outcome %s, want %s; reasons %q", again.Outcome, c.want, again.Reasons)
			}
			if differences := strings.Join(Differences(stored, again), "\n"); !strings.Contains(differences, c.says) {
				t.Errorf("the differences do not say %q:\n%s", c.says, differences)
			}
		})
	}
	if d := Differences(stored, Judge(clone(t, stored))); len(d) != 0 {
		t.Errorf("untouched, yet: %q", d)
	}
}

func trouble(from, to int) model.Observation {
	return model.Observation{Indicator: TrafficIndicator, Event: LoadTooLow, When: at(from, to), Evidence: "half the load"}
}

func TestAPartitionIsDetectedOnBothSidesAndBothAreActive(t *testing.T) {
	s := model.Scenario{
		Speedup: 60, Finished: 9000 * ms, Objectives: model.Objectives{RTOSeconds: 180},
		Fault: &model.Fault{Name: "partition", Target: "link dc1<->dc2", Injected: at(1000, 1001)},
		Observations: []model.Observation{
			{Site: "dc1", Indicator: "status stream", Event: PeerDown, When: at(3000, 3001)},
			{Site: "dc2", Indicator: "status stream", Event: PeerDown, When: at(3200, 3202)},
			{Site: "dc1", Indicator: "status stream", Event: PeerUp, When: at(6000, 6001)},
			{Site: "dc2", Indicator: "status stream", Event: PeerUp, When: at(6500, 6501)},
		},
	}
	j := Judge(s)
	if j.Outcome != model.Passed || j.Measures.Detection.WallLatest != 2.202 {
		t.Errorf("outcome %s %q, detection %+v", j.Outcome, j.Reasons, j.Measures.Detection)
	}
	if j.BothActive == nil || j.BothActive.From != at(3200, 3202) || j.BothActive.To != at(6000, 6001) {
		t.Errorf("both active %+v", j.BothActive)
	}
	s.Observations = s.Observations[:2]
	if j := Judge(s); j.BothActive == nil || j.BothActive.To.Latest != s.Finished {
		t.Errorf("without an end it lasts to the end of the scenario: %+v", j.BothActive)
	}
	s.Observations = append(s.Observations[:1:1], model.Observation{Site: "dc2", Indicator: "x", Event: "job running"})
	if j := Judge(s); j.Outcome != model.OutcomeInconclusive || !strings.Contains(j.Measures.Detection.Why, "not seen at dc2") {
		t.Errorf("outcome %s, detection %+v", j.Outcome, j.Measures.Detection)
	}
	s.Fault.Target, s.Fault.Observers = "link dc2->dc1", []string{"dc1"} // dc1 stops hearing dc2, so dc1 has to notice
	if j := Judge(s); j.Outcome != model.Passed {
		t.Errorf("one way: outcome %s %q", j.Outcome, j.Reasons)
	}
}

// TestWhatWasLeftOutIsNotJudged: that nothing was measured is no finding where nothing was to be done.
func TestWhatWasLeftOutIsNotJudged(t *testing.T) {
	why := []string{"no Data Exchange is configured"}
	for _, outcome := range []model.Outcome{model.Skipped, model.Pending} {
		judged := Judge(model.Scenario{Outcome: outcome, Reasons: why, Objectives: model.Objectives{RTOSeconds: 180, RPOSeconds: 180}})
		if judged.Outcome != outcome || !slices.Equal(judged.Reasons, why) {
			t.Errorf("%s: %s for %q", outcome, judged.Outcome, judged.Reasons)
		}
	}
}

func TestWithoutObjectivesNothingIsMissed(t *testing.T) {
	if j := Judge(model.Scenario{ID: "control", Speedup: 60}); j.Outcome != model.Passed || len(j.Reasons) != 0 {
		t.Errorf("outcome %s %q", j.Outcome, j.Reasons)
	}
	j := Judge(model.Scenario{Hazards: []model.Hazard{{Quirk: "Q1"}}})
	if j.Outcome != model.HazardReproduced {
		t.Errorf("outcome %s", j.Outcome)
	}
	if j := Judge(model.Scenario{Outcome: model.Interrupted}); j.Outcome != model.Interrupted {
		t.Errorf("outcome %s", j.Outcome)
	}
	if j := Judge(model.Scenario{Outcome: model.Failed, Reasons: []string{"the job vanished"}}); j.Outcome != model.Failed || len(j.Reasons) != 1 {
		t.Errorf("outcome %s %q: a failure stored with its own reason stays", j.Outcome, j.Reasons)
	}
}

func clone(t interface{ Fatal(...any) }, s model.Scenario) model.Scenario {
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var copied model.Scenario
	if err := json.Unmarshal(text, &copied); err != nil {
		t.Fatal(err)
	}
	return copied
}

func scenarios() *rapid.Generator[model.Scenario] {
	return rapid.Custom(func(t *rapid.T) model.Scenario {
		s := crash()
		s.Fault.Struck = rapid.SampledFrom([]string{"dc1", "dc2", ""}).Draw(t, "struck")
		s.Fault.Observers = rapid.SampledFrom([][]string{nil, {"dc1"}, {"dc2"}, {"dc1", "dc2"}}).Draw(t, "observers")
		s.Fault.TakesService = rapid.Bool().Draw(t, "takes service")
		s.Objectives.RTOSeconds = rapid.SampledFrom([]float64{0, 60, 120, 130, 180}).Draw(t, "rto")
		s.Objectives.RPOSeconds = rapid.SampledFrom([]float64{0, 5, 11, 180}).Draw(t, "rpo")
		s.Ledger.Lost = rapid.Int64Range(-1, 25).Draw(t, "lost")
		s.Outcome = rapid.SampledFrom([]model.Outcome{"", model.Passed, model.Failed, model.OutcomeInconclusive, model.HazardReproduced, model.TimedOut}).Draw(t, "outcome")
		if rapid.Bool().Draw(t, "reason") {
			s.Reasons = []string{"something else"}
		}
		if rapid.Bool().Draw(t, "no fault") {
			s.Fault = nil
		}
		events := []string{PeerDown, PeerUp, TakenOver, TakeoverComplete, Served, Steady, LoadTooLow}
		for range rapid.IntRange(0, 12).Draw(t, "observations") {
			s.Observations = append(s.Observations, model.Observation{
				Site:      rapid.SampledFrom([]string{"dc1", "dc2"}).Draw(t, "site"),
				Indicator: rapid.SampledFrom([]string{"status stream", "pe traces", "traffic"}).Draw(t, "indicator"),
				Event:     rapid.SampledFrom(events).Draw(t, "event"),
				Subject:   rapid.SampledFrom([]string{"", "dc1", "dc1-0"}).Draw(t, "subject"),
				When:      model.Interval{Earliest: 0, Latest: model.Instant(rapid.IntRange(0, 9000).Draw(t, "to")) * ms},
			})
		}
		return s
	})
}

func TestJudgingIsIdempotentPureAndSurvivesStorage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := scenarios().Draw(t, "scenario")
		untouched := clone(t, s)
		once := Judge(s)
		if !reflect.DeepEqual(clone(t, s), untouched) {
			t.Fatal("the argument was changed")
		}
		if d := Differences(once, Judge(once)); len(d) != 0 {
			t.Fatalf("judging again changed: %q", d)
		}
		if d := Differences(once, Judge(clone(t, once))); len(d) != 0 {
			t.Fatalf("storing changed: %q", d)
		}
		// The order in which indicators reported is no evidence.
		shuffled := clone(t, s)
		shuffled.Observations = rapid.Permutation(shuffled.Observations).Draw(t, "order")
		if d := Differences(once, Judge(shuffled)); len(d) != 0 {
			t.Fatalf("another order changed: %q", d)
		}
	})
}

// Six operators trace one change of the status: the bound of each holds for all.
func TestOneChangeTracedByManyIsOneChange(t *testing.T) {
	say := func(indicator string, from, to int) model.Observation {
		return model.Observation{Site: "dc2", Indicator: indicator, Event: PeerDown, When: model.Interval{Earliest: model.Instant(from), Latest: model.Instant(to)}}
	}
	all := []model.Observation{
		say("traces", 40, 103), say("traces", 10, 100), say("traces", 60, 105), say("traces", 101, 110), // the last one is another change
		say("metrics", 90, 200),
	}
	if got, want := Repeated(all[1], all), (model.Interval{Earliest: 60, Latest: 100}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	up := all[1]
	up.Event = PeerUp
	if got := Repeated(up, all); got != up.When {
		t.Errorf("narrowed by another event: %v", got)
	}
}
