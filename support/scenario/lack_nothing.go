package scenario

import (
	"fmt"
	"strings"

	gomegatypes "github.com/onsi/gomega/types"

	"github.com/crossdc/failover/support/scenario/record"
)

// lackNothing succeeds when a list of what is missing is empty. Its failure names what is missing, one after another, which is
// the cause that reports show; a dump of the list would be cut off there.
func lackNothing() gomegatypes.GomegaMatcher { return lacks{} }

type lacks struct{}

func (lacks) Match(actual any) (bool, error) {
	missing, ok := actual.([]string)
	if !ok {
		return false, fmt.Errorf("expected a list of what is missing, got %T", actual)
	}
	return len(missing) == 0, nil
}

func (lacks) FailureMessage(actual any) string {
	missing, _ := actual.([]string)
	return record.StillLacks + strings.Join(missing, "; ")
}

func (lacks) NegatedFailureMessage(any) string { return "expected something to be missing" }
