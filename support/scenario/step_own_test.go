package scenario

import (
	"math"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
)

func TestAnObjectiveThatCannotBeStatedIsNamed(t *testing.T) {
	have := []model.Own{{Name: "checkout p99"}}
	for want, err := range map[string]error{
		"needs a name":   ownProblem(have, "", 1, 1, 1),
		"stated twice":   ownProblem(have, "checkout p99", 1, 1, 1),
		"its limit is":   ownProblem(have, "x", 1, 1, math.Inf(1)),
		"its least is":   ownProblem(have, "x", math.NaN(), 1, 1),
		"more than most": ownProblem(have, "x", 2, 1, 1),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q in it", err, want)
		}
	}
	if err := ownProblem(have, "refunds twice", 0, 0, 0); err != nil {
		t.Error(err)
	}
}
