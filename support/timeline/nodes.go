package timeline

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/crossdc/failover/reports/model"
)

// significance is how often chance alone may be taken for a difference between nodes, over all questions together.
const significance = 0.05

// permutations of the assignment of trials to nodes; a probability below 1/permutations cannot be shown.
const permutations = 4999

// leastOfNode is how many values a node needs to be compared.
const leastOfNode = 2

// kruskalWallis is the statistic H of values that were ranked together, corrected for ties, group[i] being the group of
// ranks[i]. H is 0 where all values are equal.
func kruskalWallis(ranks []float64, group []int, groups int, ties float64) float64 {
	n := float64(len(ranks))
	sums, counts := make([]float64, groups), make([]float64, groups)
	for i, rank := range ranks {
		sums[group[i]] += rank
		counts[group[i]]++
	}
	h := 0.0
	for g := range groups {
		if counts[g] > 0 {
			h += sums[g] * sums[g] / counts[g]
		}
	}
	h = 12/(n*(n+1))*h - 3*(n+1)
	correction := 1 - ties/(n*n*n-n)
	if correction < 1e-12 {
		return 0
	}
	return math.Max(0, h/correction)
}

// ranked are the ranks of values, ties in the middle, and the sum of t^3-t over all ties.
func ranked(values []float64) (ranks []float64, ties float64) {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	ranks = make([]float64, len(values))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && values[order[j]] == values[order[i]] {
			j++
		}
		for _, at := range order[i:j] {
			ranks[at] = float64(i+j+1) / 2
		}
		t := float64(j - i)
		ties += t*t*t - t
		i = j
	}
	return ranks, ties
}

// Differ tests by Kruskal-Wallis whether the groups of values come from one distribution, whatever it is. p is the share of
// permutations of the values over the groups that reach an H as large, which is right for small groups and for ties as
// well; the same seed gives the same p. ok is false with fewer than two groups of at least two values.
func Differ(groups [][]float64, seed uint64) (h, p float64, ok bool) {
	var values []float64
	var group []int
	compared := 0
	for _, g := range groups {
		if len(g) < leastOfNode {
			continue
		}
		for _, v := range g {
			values, group = append(values, v), append(group, compared)
		}
		compared++
	}
	if compared < 2 {
		return 0, 1, false
	}
	ranks, ties := ranked(values)
	h = kruskalWallis(ranks, group, compared, ties)
	random := rand.New(rand.NewPCG(seed, uint64(len(values)))) //nolint:gosec // a permutation test, repeatable on purpose
	reached := 1                                               // what was seen is one of the permutations
	for range permutations {
		random.Shuffle(len(group), func(i, j int) { group[i], group[j] = group[j], group[i] })
		if kruskalWallis(ranks, group, compared, ties) >= h-1e-9 {
			reached++
		}
	}
	return h, float64(reached) / (permutations + 1), true
}

// Holm adjusts probabilities for having asked several questions: what stays below a limit does so for all together.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	adjusted, least := make([]float64, len(p)), 0.0
	for i, at := range order {
		least = max(least, min(1, p[at]*float64(len(p)-i)))
		adjusted[at] = least
	}
	return adjusted
}

// NodeDifferences asks of every scenario that ran on several nodes whether detection, recovery, loss and the share of trials
// that passed differ between them more than chance explains. Of an interval its middle counts; what is inconclusive
// does not count as a value, and does as a trial that did not pass.
func NodeDifferences(scenarios []model.Scenario, seed uint64) []model.NodeDifference {
	middle := func(m *model.Measure) (float64, bool) {
		if m == nil || m.Verdict == model.Inconclusive {
			return 0, false
		}
		return (m.EarliestSeconds + m.LatestSeconds) / 2, true
	}
	measures := []struct {
		name string
		of   func(model.Scenario) (float64, bool)
	}{
		{"detection", func(s model.Scenario) (float64, bool) { return middle(s.Measures.Detection) }},
		{"recovery", func(s model.Scenario) (float64, bool) { return middle(s.Measures.Recovery) }},
		{"loss", func(s model.Scenario) (float64, bool) {
			if l := s.Measures.Loss; l != nil && l.Verdict != model.Inconclusive {
				return (l.EarliestSeconds + l.LatestSeconds) / 2, true
			}
			return 0, false
		}},
		{"share that passed", func(s model.Scenario) (float64, bool) {
			if s.Outcome.Left() {
				return 0, false
			}
			if s.Outcome.Green() {
				return 1, true
			}
			return 0, true
		}},
	}
	var names []string
	byName := map[string][]model.Scenario{}
	for _, s := range scenarios {
		if s.Node == "" || s.ID == model.SuiteID {
			continue
		}
		name := s.ID + " " + s.Name
		if byName[name] == nil {
			names = append(names, name)
		}
		byName[name] = append(byName[name], s)
	}
	var all []model.NodeDifference
	var ps []float64
	for _, name := range names {
		for i, m := range measures {
			nodes := map[string][]float64{}
			for _, s := range byName[name] {
				if v, ok := m.of(s); ok {
					nodes[s.Node] = append(nodes[s.Node], v)
				}
			}
			d := model.NodeDifference{Scenario: name, Measure: m.name}
			var groups [][]float64
			for _, node := range sortedKeys(nodes) {
				groups = append(groups, nodes[node])
				if n := len(nodes[node]); n >= leastOfNode {
					d.Nodes, d.Trials = d.Nodes+1, d.Trials+n
				}
			}
			var ok bool
			if d.H, d.P, ok = Differ(groups, seed+uint64(i)); ok {
				all, ps = append(all, d), append(ps, d.P)
			}
		}
	}
	for i, adjusted := range Holm(ps) {
		all[i].Adjusted, all[i].Differs = adjusted, adjusted < significance
	}
	return all
}
