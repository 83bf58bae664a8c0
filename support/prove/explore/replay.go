package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/declared"
	"github.com/crossdc/failover/support/found"
	"github.com/crossdc/failover/support/prove/built"
	"github.com/crossdc/failover/toolkit/crossdc/explore"
)

// playLimit bounds one replay, wall time.
const playLimit = 5 * time.Minute

// trafficShare is how much less traffic than usual is sent: statuses are compared, and a busy machine keeps up with it.
const trafficShare = 5

// settable are the properties of the toolkit that the emulated pair takes from a setting, where both data centers have the same value.
var settable = map[string]string{
	"sendDataSnapshotsToOriginDCAtStartup": "CROSSDC_TOOLKIT_RETURN_SNAPSHOTS",
	"retainOlderDataSnapshotsAtStartup":    "CROSSDC_TOOLKIT_RETAIN_SNAPSHOTS",
	"sendToAllRemoteMachines":              "CROSSDC_TOOLKIT_SEND_TO_ALL",
	"alwaysLogHttpErrors":                  "CROSSDC_TOOLKIT_LOG_HTTP_ERRORS",
	"consecutiveHeartbeatMissesAllowed":    "CROSSDC_TOOLKIT_MISSES",
}

// replay plays the cases of the record on real processes by the ordinary suite of declared scenarios, one after another, and writes
// down what happened there beside what the model says. Whatever cannot be played is written down with the reason.
func replay(ctx context.Context, folder string, names []string) (err error) {
	rows, err := recorded(folder)
	if err != nil {
		return err
	}
	p, err := newPlayer(ctx, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.suites.Close()) }()
	played, differ := 0, 0
	for i := range rows {
		r := &rows[i]
		if !r.Found || len(names) > 0 && !slices.Contains(names, r.Quirk) {
			continue
		}
		if err := p.askOdds(ctx, r); err != nil {
			return fmt.Errorf("replay %s: %w", r.Quirk, err)
		}
		if err := p.playUntil(ctx, r); err != nil {
			return fmt.Errorf("replay %s: %w", r.Quirk, err)
		}
		if ctx.Err() != nil {
			return errors.New("interrupted; nothing is recorded")
		}
		switch {
		case !r.Replayed:
			fmt.Printf("%-20s not replayed: %s\n", r.Quirk, r.NotReplayed)
		case r.Agrees:
			played++
			fmt.Printf("%-20s as in the model: %s\n", r.Quirk, r.Processes)
		default:
			played, differ = played+1, differ+1
			fmt.Printf("%-20s OTHERWISE than in the model: %s\n", r.Quirk, r.Processes)
		}
		if err := write(folder, rows); err != nil { // one at a time: what was played is kept, whatever comes of the rest
			return err
		}
	}
	fmt.Printf("\n%d cases replayed on real processes, %d of them as in the model\n", played, played-differ)
	if differ > 0 {
		return fmt.Errorf("%d of %d cases went otherwise on real processes", differ, played)
	}
	return nil
}

// recorded reads the record of before.
func recorded(folder string) (rows []row, err error) {
	raw, err := os.ReadFile(filepath.Join(folder, "record.json"))
	if err != nil {
		return nil, fmt.Errorf("read the record: %w; make it without -replay first", err)
	}
	if err := json.Unmarshal(raw, &rows); err != nil {
		return nil, fmt.Errorf("read the record %s: %w", filepath.Join(folder, "record.json"), err)
	}
	return rows, nil
}

// player runs scenarios of a folder by the suite of declared scenarios, with everything built once.
type player struct {
	cases  string // of the record
	suites *built.Suites
	rate   float64 // of events
	known  map[string]declared.Scenario
}

func newPlayer(ctx context.Context, folder string) (*player, error) {
	absolute, err := filepath.Abs(filepath.Join(folder, "cases"))
	if err != nil {
		return nil, err
	}
	p := &player{cases: absolute, known: map[string]declared.Scenario{}}
	list, err := declared.Load(os.DirFS(absolute), absolute)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		p.known[s.ID] = s
	}
	settings, err := config.Load()
	if err != nil {
		return nil, err
	}
	if settings.Environment != "embedded" {
		return nil, fmt.Errorf("CROSSDC_ENVIRONMENT=%s: found cases are replayed on two emulated data centers; unset it", settings.Environment)
	}
	p.rate = settings.Rate / trafficShare
	p.suites, err = built.Compile(ctx, settings, declaredSuite)
	return p, err
}

// declaredSuite is the suite that plays declared scenarios.
const declaredSuite = "declared"

// askOdds asks the model about a case of which a record does not say how much hangs on its phase: the case is found again, which
// must be the very same one.
func (p *player) askOdds(ctx context.Context, r *row) error {
	if _, ok := p.known["found-"+r.Quirk]; !ok || r.Odds > 0 || r.Bug {
		return nil
	}
	again, err := explore.Find(ctx, r.Quirk, r.Seed)
	if err != nil {
		return err
	}
	if smallest := strings.Split(strings.TrimSpace(again.Case.String()), "\n"); !slices.Equal(smallest, r.Smallest) {
		return fmt.Errorf("the exploration finds another case now, %s, than is recorded: make the record anew without -replay", oneLine(smallest))
	}
	r.Odds, err = found.Odds(again.Case, oddsDraws)
	return err
}

// maxPlays bounds the replays of one case.
const maxPlays = 8

// plays is how often a case is played at most: so often that one which comes out in this share of phases is missed by chance once in a
// hundred cases.
func plays(odds float64) int {
	switch {
	case odds <= 0:
		return 1 // nobody asked the model
	case odds >= 0.99:
		return 1
	}
	return min(int(math.Ceil(math.Log(0.01)/math.Log(1-odds))), maxPlays)
}

// playUntil replays one case until it comes out as in the model, as often as its phase makes necessary.
func (p *player) playUntil(ctx context.Context, r *row) error {
	r.Plays = 0
	for limit := plays(r.Odds); r.Plays < limit && ctx.Err() == nil; {
		r.Plays++
		if err := p.play(ctx, r); err != nil {
			return err
		}
		if r.Agrees || !r.Replayed {
			break
		}
	}
	if !r.Replayed {
		r.Plays = 0
	}
	return nil
}

// play replays one case once. The error says that we could not look; whatever the processes did is in the row.
func (p *player) play(ctx context.Context, r *row) error {
	r.Replayed, r.Agrees, r.Processes, r.NotReplayed = false, false, "", ""
	id := "found-" + r.Quirk
	scenario, ok := p.known[id]
	if !ok {
		content, err := os.ReadFile(filepath.Join(p.cases, id+".json"))
		if err != nil {
			return fmt.Errorf("read the case: %w", err)
		}
		r.NotReplayed, err = found.Wordless(content)
		return err
	}
	settings, missing := settingsFor(scenario)
	if missing != "" {
		r.NotReplayed = missing
		return nil
	}
	reports := filepath.Join(p.suites.Folder(), fmt.Sprintf("%s-%d", id, r.Plays))
	if err := os.Mkdir(reports, 0o755); err != nil {
		return err
	}
	_, err := p.suites.Run(ctx, built.Run{
		Suite: declaredSuite, Filter: id, Reports: reports, Limit: playLimit,
		Settings: append([]string{fmt.Sprintf("CROSSDC_RATE=%g", p.rate), "CROSSDC_SCENARIOS=" + p.cases, "CROSSDC_RUN_ID=" + strings.ToLower(id), "CROSSDC_HISTORY=-"}, settings...),
	})
	if err != nil {
		return err
	}
	run, err := store.Read(filepath.Join(reports, store.RunFile))
	if err != nil {
		return fmt.Errorf("the suite left no results: %w", err)
	}
	at := slices.IndexFunc(run.Scenarios, func(s model.Scenario) bool { return s.ID == id })
	if at < 0 {
		return fmt.Errorf("the suite did not run %s", id)
	}
	r.compare(run.Scenarios[at], scenario.Claims())
	return nil
}

// settingsFor are the settings of a run whose toolkit is configured as the scenario is meant for, or why there are none.
func settingsFor(s declared.Scenario) (settings []string, missing string) {
	for _, name := range slices.Sorted(maps.Keys(s.Toolkit)) {
		setting, ok := settable[name]
		if !ok {
			return nil, fmt.Sprintf("it needs %s=%s, which the emulated pair takes from no setting", name, s.Toolkit[name])
		}
		settings = append(settings, setting+"="+s.Toolkit[name])
	}
	return settings, ""
}

// compare holds what the processes did against what the model says, which are the claims of the scenario. How the run was judged
// beside them, by objectives that the model knows nothing of, is told and plays no part.
func (r *row) compare(s model.Scenario, claims []declared.Claim) {
	var hazards []string
	for _, h := range s.Hazards {
		hazards = append(hazards, h.Quirk)
	}
	seen := ""
	if len(hazards) > 0 {
		seen = "; reproduced " + strings.Join(hazards, " ")
	}
	var kept, broken []string
	for _, claim := range claims {
		at := slices.IndexFunc(s.Steps, func(step model.Step) bool { return step.Name == claim.Words() })
		switch {
		case at >= 0 && (s.Steps[at].Outcome == model.Passed || s.Steps[at].Outcome == model.HazardReproduced):
			kept = append(kept, claim.Words())
		case at >= 0 && s.Steps[at].Outcome == model.Failed:
			broken = append(broken, claim.Words()+": "+s.Steps[at].Failure)
		default:
			r.NotReplayed = s.Outcome.Word() + ": " + oneLine(s.Reasons)
			return
		}
	}
	r.Replayed, r.Agrees = true, len(broken) == 0
	r.Processes = oneLine(append(broken, kept...)) + seen
}

const maxReason = 400 // bytes

func oneLine(reasons []string) string {
	text := strings.Join(strings.Fields(strings.Join(reasons, "; ")), " ")
	if len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason], "") + " .."
	}
	return text
}
