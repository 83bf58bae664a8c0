// Package merge puts what the shards of a campaign delivered together into one stored run for each suite, which is judged,
// reported and gated like any other. Nothing is left out silently: a shard without a result is a row that is no pass.
//
// It may import reports, support/scenario/record, support/scenario/trials, support/timeline, toolkit/crossdc and its
// siblings delivery, plan and state.
package merge

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/campaign/delivery"
	"github.com/crossdc/failover/support/campaign/plan"
	"github.com/crossdc/failover/support/scenario/record"
	"github.com/crossdc/failover/support/scenario/trials"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// Source is where the results are.
type Source interface {
	Counted(shard int) string
	Delivery(shard int) (delivery.Delivery, error)
	Fates(leftOut []int) []model.ShardFate
}

// Options of a merge.
type Options struct {
	Engine  string
	LeftOut []int          // shards that the run shall do without, by name
	Timing  crossdc.Timing // what the toolkit's configuration predicts
	// Keep is given every stored scenario, for judging again, and returns where it is kept, relative to the reports; nil for none.
	Keep func(record.Stored) (path string, err error)
}

// Runs are the runs of all suites, with the same account of the campaign in each.
func Runs(request plan.Request, source Source, options Options) ([]model.Run, error) {
	shards, err := request.Shards()
	if err != nil {
		return nil, err
	}
	account := &model.Campaign{Name: request.Name, Engine: options.Engine, Labels: request.Labels, Trials: request.Trials, Shards: len(shards),
		Fates: source.Fates(options.LeftOut)}
	nodes := map[string]*model.Node{}
	node := func(name string) *model.Node {
		if nodes[name] == nil {
			nodes[name] = &model.Node{Name: name}
		}
		return nodes[name]
	}
	pieces, brief := map[string][]model.Run{}, briefly{}
	for _, shard := range shards {
		if source.Counted(shard.Index) == "" {
			continue
		}
		d, err := source.Delivery(shard.Index)
		if err != nil {
			return nil, err
		}
		kept, err := keep(options.Keep, d, shard)
		if err != nil {
			return nil, err
		}
		account.Delivered++
		n := node(d.Node)
		n.Shards, n.Scenarios = n.Shards+1, n.Scenarios+len(d.Run.Scenarios)
		pieces[shard.Suite] = append(pieces[shard.Suite], piece(d, shard))
		if len(shards) > whole {
			brief.shorten(shard.Suite, pieces[shard.Suite][len(pieces[shard.Suite])-1].Scenarios, kept)
		}
	}
	for _, fate := range account.Fates {
		if fate.Fate == model.FateLost && fate.Node != "" {
			node(fate.Node).Lost++
		}
	}
	for _, name := range sortedKeys(nodes) {
		account.Nodes = append(account.Nodes, *nodes[name])
	}
	var runs []model.Run
	var all []model.Scenario
	for _, suite := range slices.Sorted(slices.Values(request.Suites)) {
		run := model.Run{Schema: model.SchemaVersion, ID: request.Run, Suites: []string{suite}, Folders: []string{"suites/" + suite}, Planned: []string{"suites/" + suite}}
		if len(pieces[suite]) > 0 {
			run = store.Merge(pieces[suite]...)
		}
		run.Seed, run.Campaign, run.Process, run.Command = request.Seed, account, nil, nil
		run.Notes = append(run.Notes, brief.note(suite)...)
		run.Scenarios = append(run.Scenarios, missing(account.Fates, shards, suite)...)
		trials.Summarize(run.Scenarios, options.Timing)
		all = append(all, run.Scenarios...)
		runs = append(runs, run)
	}
	account.Faults = trials.Faults(all, options.Timing)
	account.Differences = timeline.NodeDifferences(all, uint64(request.Seed)) //nolint:gosec // any number does
	return runs, nil
}

// piece is the run of one shard as a part of the campaign's.
func piece(d delivery.Delivery, shard plan.Shard) model.Run {
	run := d.Run
	run.Folders, run.Planned = []string{"suites/" + shard.Suite}, []string{"suites/" + shard.Suite}
	run.Scenarios = slices.Clone(run.Scenarios)
	for i := range run.Scenarios {
		run.Scenarios[i] = renamed(run.Scenarios[i], d.Node, shard)
	}
	return run
}

var trialSuffix = regexp.MustCompile(`-trial-\d+$`)

// renamed counts a scenario's trial through the whole campaign. What a shard claims of its own few trials is taken out: the
// campaign claims for all.
func renamed(s model.Scenario, node string, shard plan.Shard) model.Scenario {
	s.Shard, s.Node = strconv.Itoa(shard.Index), node
	s.Trial = shard.First + max(s.Trial, 1) - 1
	if s.Key != "" {
		s.Key = fmt.Sprintf("%s-trial-%03d", trialSuffix.ReplaceAllString(s.Key, ""), s.Trial)
	}
	s.Trials = nil
	s.Command = command(s.Command, shard)
	return s
}

// command repeats the scenario from a checkout: the shard ran a program without one.
func command(stored string, shard plan.Shard) string {
	settings, rest, found := strings.Cut(stored, "go test -count=1 -timeout=0 ")
	if !found {
		return stored
	}
	_, filter, found := strings.Cut(rest, "-ginkgo.label-filter=")
	if !found {
		return stored
	}
	return settings + "go tool ginkgo --label-filter=" + filter + " ./suites/" + shard.Suite
}

// keep gives the stored scenarios away, and returns where each is kept, by its key.
func keep(to func(record.Stored) (string, error), d delivery.Delivery, shard plan.Shard) (map[string]string, error) {
	paths := map[string]string{}
	if to == nil {
		return paths, nil
	}
	for _, stored := range d.Stored {
		changed, err := record.Changed(stored)
		if err != nil {
			return nil, err
		}
		if len(changed) > 0 {
			return nil, fmt.Errorf("%s delivered evidence that is not what its verdict was reached from: %s", shard, strings.Join(changed, "; "))
		}
		stored.Scenario = renamed(stored.Scenario, d.Node, shard)
		path, err := to(stored)
		if err != nil {
			return nil, err
		}
		paths[stored.Scenario.Key] = path
	}
	return paths, nil
}

// missing are rows for shards without a result: they are no pass, unless somebody said that the run shall do without them.
func missing(fates []model.ShardFate, shards []plan.Shard, suite string) []model.Scenario {
	var rows []model.Scenario
	for _, fate := range fates {
		if fate.Fate != model.FateMissing || shards[fate.Shard].Suite != suite {
			continue
		}
		rows = append(rows, model.Scenario{ID: model.SuiteID, Name: fate.Name + " of the campaign", Key: fmt.Sprintf("shard-%06d", fate.Shard), Family: suite,
			Shard: strconv.Itoa(fate.Shard), Outcome: model.Interrupted, Seed: shards[fate.Shard].Seed,
			Reasons: []string{"it has no result: " + fate.Why + "; run the campaign again to repeat it, or leave it out by name with -leave-out " + strconv.Itoa(fate.Shard)}})
	}
	return rows
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
