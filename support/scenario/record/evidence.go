package record

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/crossdc/failover/reports/model"
)

// Evidence returns a digest of every part that a verdict rests on, by its name in words: how many entries it has, and
// their SHA-256. It is stored beside the verdict, so that whoever judges again can say which part is no longer what the
// verdict was reached from, also where the change happens not to change the verdict.
func Evidence(s Stored) (map[string]string, error) {
	parts := map[string]any{
		"the epoch":                   s.Epoch,
		"the objectives":              s.Scenario.Objectives,
		"the speedup":                 s.Scenario.Speedup,
		"the duration":                []model.Instant{s.Scenario.Started, s.Scenario.Finished},
		"the toolkit's configuration": s.Environment.Toolkit,
		"the indicators' use":         s.Scenario.Indicators,
		"the hazards":                 s.Scenario.Hazards,
		"the throughput":              s.Scenario.Served,
	}
	if s.Scenario.Fault != nil {
		parts["the fault"] = *s.Scenario.Fault
	}
	if s.Scenario.Ledger != nil {
		parts["the ledger"] = *s.Scenario.Ledger
	}
	if loss := s.Scenario.Measures.Loss; loss != nil {
		parts["the loss"] = []any{loss.EarliestEvents, loss.LatestEvents, loss.EarliestSeconds, loss.LatestSeconds}
	}
	groups := map[string][]model.Observation{}
	for _, o := range s.Scenario.Observations {
		name := "the observations by " + o.Indicator
		if o.Site != "" {
			name = "the observations of " + o.Site + " by " + o.Indicator
		}
		groups[name] = append(groups[name], o)
	}
	for name, group := range groups {
		parts[name] = group
	}
	digests := make(map[string]string, len(parts))
	for name, part := range parts {
		raw, err := json.Marshal(part)
		if err != nil {
			return nil, fmt.Errorf("take the digest of %s: %w", name, err)
		}
		sum := sha256.Sum256(raw)
		digests[name] = hex.EncodeToString(sum[:16])
		if group, ok := part.([]model.Observation); ok {
			digests[name] = fmt.Sprintf("%d %s", len(group), digests[name])
		}
	}
	return digests, nil
}

// Changed names the parts of the evidence that are not as they were when the verdict was stored; none when nobody
// touched them. The digests tell accidents and edits apart from nothing at all; they are no signature.
func Changed(s Stored) ([]string, error) {
	if len(s.Evidence) == 0 {
		return []string{"it was stored without a digest of its evidence, so that a change could not be told"}, nil
	}
	now, err := Evidence(s)
	if err != nil {
		return nil, err
	}
	names := maps.Clone(s.Evidence)
	maps.Copy(names, now)
	var changed []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		was, is := s.Evidence[name], now[name]
		switch {
		case was == is:
		case was == "":
			changed = append(changed, name+": added since the verdict was stored")
		case is == "":
			changed = append(changed, name+": removed since the verdict was stored")
		default:
			changed = append(changed, fmt.Sprintf("%s: changed since the verdict was stored (%s, now %s)", name, short(was), short(is)))
		}
	}
	return changed, nil
}

// short is a digest as a person reads it: the count, if there is one, and enough of the hash.
func short(digest string) string {
	var count int
	var hash string
	if _, err := fmt.Sscanf(digest, "%d %s", &count, &hash); err == nil {
		return fmt.Sprintf("%d entries, digest %.8s", count, hash)
	}
	return fmt.Sprintf("digest %.8s", digest)
}
