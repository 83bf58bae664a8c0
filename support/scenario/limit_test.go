package scenario

import (
	"context"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/crossdc/failover/support/config"
)

func TestEveryStepThatCanBeToldIsLimited(t *testing.T) {
	step, plain := func(ginkgo.SpecContext) {}, func() {}
	for name, c := range map[string]struct {
		node types.NodeType
		args []any
		want ginkgo.NodeTimeout // 0: none is added
	}{
		"a step":                   {types.NodeTypeIt, []any{step}, 5},
		"a step with labels":       {types.NodeTypeIt, []any{ginkgo.Label("slow"), step}, 5},
		"a step with a context":    {types.NodeTypeIt, []any{func(context.Context) {}}, 5},
		"a step of a drill":        {types.NodeTypeIt, []any{(&Drill{}).MeetsItsObjectives}, 5},
		"a set-up":                 {types.NodeTypeBeforeAll, []any{step}, 5},
		"a teardown":               {types.NodeTypeAfterAll, []any{step}, 5},
		"a step that cannot know":  {types.NodeTypeIt, []any{plain}, 0},
		"a step with its own":      {types.NodeTypeIt, []any{step, ginkgo.SpecTimeout(time.Second)}, 0},
		"a step with its own node": {types.NodeTypeIt, []any{ginkgo.NodeTimeout(time.Second), step}, 0},
		"a container":              {types.NodeTypeContainer, []any{plain}, 0},
		"a report":                 {types.NodeTypeReportAfterSuite, []any{step}, 0},
	} {
		got := limited(c.node, c.args, 5)
		if c.want == 0 {
			if len(got) != len(c.args) {
				t.Errorf("%s: got a limit: %v", name, got)
			}
			continue
		}
		if len(got) != len(c.args)+1 || got[len(got)-1] != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// The limit is beyond what the longest waits add up to, follows toolkit time, and is what was asked for if it was.
func TestTheLimitFollowsFromTheConfiguration(t *testing.T) {
	load := func(name, value string) *config.Config {
		t.Helper()
		if name != "" {
			t.Setenv(name, value)
		}
		settings, err := config.Load()
		if err != nil {
			t.Fatal(err)
		}
		return settings
	}
	shipped := load("", "")
	limit := stepLimit(shipped, 0)
	if least := shipped.Wall(2*replication(shipped) + 4*150*time.Second); limit < least || limit > 10*time.Minute {
		t.Errorf("with the shipped configuration: %v, the waits alone are %v", limit, least)
	}
	if more := stepLimit(shipped, time.Hour); more != limit+generous*time.Minute { // 60 times faster
		t.Errorf("an hour of toolkit time more: %v after %v", more, limit)
	}
	if slow := stepLimit(load("CROSSDC_SPEEDUP", "1"), 0); slow < 30*limit/2 {
		t.Errorf("in real time: %v", slow)
	}
	if got := stepLimit(load("CROSSDC_STEP_TIMEOUT", "7s"), time.Hour); got != 7*time.Second {
		t.Errorf("as asked for: %v", got)
	}
}
