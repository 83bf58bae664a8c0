package sample

import (
	"fmt"
	"math"

	"github.com/crossdc/failover/reports/model"
)

// Many is a run of n scenarios of mixed outcomes, each with the given number of steps.
func Many(n, steps int) model.Run {
	rich := Rich()
	run := rich
	run.Scenarios = make([]model.Scenario, 0, n)
	for i := range n {
		s := rich.Scenarios[i%len(rich.Scenarios)]
		s.ID, s.Trial = fmt.Sprintf("S%02d", i%55+1), i/55+1
		s.Name = fmt.Sprintf("%s (variant %d)", s.Name, i)
		for len(s.Steps) < steps {
			s.Steps = append(s.Steps[:len(s.Steps):len(s.Steps)], step(fmt.Sprintf("holds in step %d", len(s.Steps)+1), model.Passed, 0.1+math.Mod(float64(i), 7)/10))
		}
		s.Steps, s.DeclaredSteps = s.Steps[:steps], steps
		run.Scenarios = append(run.Scenarios, s)
	}
	return run
}
