package merge

import (
	"fmt"
	"slices"

	"github.com/crossdc/failover/reports/model"
)

// whole is the number of shards up to which the run holds everything of every result. What is seen of a failover fills some 60 KiB, so
// that ten thousand of them would be a run of 600 MiB that no report could be made of. Beyond it, what was seen of results that
// passed, and of all beyond as many others, is left to the stored scenario.
const whole = 500

// briefly counts the results of a large campaign, by suite.
type briefly map[string]struct{ long, short int }

// shorten takes out of results what only pictures need. Whatever a verdict, a statistic or a row of a report is made from stays.
// A result whose stored scenario is kept nowhere stays as it is.
func (b briefly) shorten(suite string, scenarios []model.Scenario, kept map[string]string) {
	for i := range scenarios {
		s := &scenarios[i]
		n := b[suite]
		path := kept[s.Key]
		if path == "" || s.Outcome != model.Passed && n.long < whole {
			n.long++
			b[suite] = n
			continue
		}
		n.short++
		b[suite] = n
		s.Observations, s.Served, s.Traces, s.Concluded = nil, nil, nil, nil
		if !slices.Contains(s.Attachments, path) {
			s.Attachments = append(slices.Clone(s.Attachments), path)
		}
	}
}

// note says what the run of a suite does not hold.
func (b briefly) note(suite string) []string {
	if b[suite].short == 0 {
		return nil
	}
	return []string{fmt.Sprintf("Of %d results of suite %s this run holds what was measured and how it ended; what was seen of each is in its stored scenario, which is attached.", b[suite].short, suite)}
}
