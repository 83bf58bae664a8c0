package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/declared"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/process"
	"github.com/crossdc/failover/support/found"
	"github.com/crossdc/failover/toolkit/crossdc/explore"
)

// Limits of one replay, wall time.
const (
	playLimit = 5 * time.Minute
	stopLimit = 45 * time.Second // for the teardown of one that is interrupted
)

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
	defer func() { err = errors.Join(err, p.close()) }()
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
	cases    string // of the record
	work     *process.Folder
	programs *environment.Programs
	suite    string
	rate     float64 // of events
	known    map[string]declared.Scenario
}

func newPlayer(ctx context.Context, folder string) (_ *player, err error) {
	absolute, err := filepath.Abs(filepath.Join(folder, "cases"))
	if err != nil {
		return nil, err
	}
	p := &player{cases: absolute, known: map[string]declared.Scenario{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
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
	if p.work, err = process.NewFolder(); err != nil {
		return nil, err
	}
	if p.programs, err = environment.Build(environment.Programs{Emulator: settings.Emulator.Path, Relay: settings.Emulator.Relay}); err != nil {
		return nil, err
	}
	p.suite = filepath.Join(p.work.Path, "declared.test")
	if output, err := exec.CommandContext(ctx, "go", "test", "-c", "-o", p.suite, "./suites/declared").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build ./suites/declared (run this in the module's folder): %w\n%s", err, output)
	}
	return p, nil
}

func (p *player) close() error {
	var problems []error
	if p.programs != nil {
		problems = append(problems, p.programs.Close())
	}
	if p.work != nil {
		problems = append(problems, p.work.Close())
	}
	return errors.Join(problems...)
}

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
	reports := filepath.Join(p.work.Path, fmt.Sprintf("%s-%d", id, r.Plays))
	if err := os.Mkdir(reports, 0o755); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(reports, "output.txt"))
	if err != nil {
		return fmt.Errorf("keep the output: %w", err)
	}
	defer log.Close() //nolint:errcheck // nothing of ours is in it
	limited, cancel := context.WithTimeout(ctx, playLimit)
	defer cancel()
	spec := exec.CommandContext(limited, p.suite, "--ginkgo.no-color", "--ginkgo.label-filter="+id)
	spec.Dir, spec.Stdout, spec.Stderr = filepath.Join("suites", "declared"), log, log
	spec.Env = append(os.Environ(), fmt.Sprintf("CROSSDC_RATE=%g", p.rate), "CROSSDC_SCENARIOS="+p.cases, "CROSSDC_REPORTS="+reports, "CROSSDC_RUN_ID="+strings.ToLower(id), "CROSSDC_HISTORY=-",
		"CROSSDC_JOURNAL="+filepath.Join(p.work.Path, "journal"), "CROSSDC_EMULATOR_PATH="+p.programs.Emulator, "CROSSDC_EMULATOR_RELAY="+p.programs.Relay)
	spec.Env = append(spec.Env, settings...)
	spec.Cancel = func() error { return spec.Process.Signal(syscall.SIGINT) } // so that it takes its data centers away
	spec.WaitDelay = stopLimit
	var exit *exec.ExitError
	if err := spec.Run(); err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("run the suite of declared scenarios: %w", err)
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
