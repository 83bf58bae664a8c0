package scenario

import (
	"strings"
	"testing"
	"time"

	"github.com/onsi/gomega"

	"github.com/crossdc/failover/toolkit"
)

func TestAWaitInVainNamesWhatIsMissing(t *testing.T) {
	var failure string
	g := gomega.NewGomega(func(message string, _ ...int) { failure = message })
	g.Eventually(func() []string { return []string{"dc2 holds its peer DOWN", "dc1 has accepted 0 replicas"} }).WithTimeout(time.Millisecond).
		Should(lackNothing(), "expected both UP within 580 s")
	lines := strings.Split(failure, "\n")
	if len(lines) != 3 || lines[1] != "expected both UP within 580 s" || lines[2] != "still missing: dc2 holds its peer DOWN; dc1 has accepted 0 replicas" {
		t.Errorf("%q", failure)
	}
	failure = ""
	frozen := [][]toolkit.Indicator{{toolkit.PrometheusMetrics}, nil}
	g.Eventually(func() []string {
		now := frozen[0]
		frozen = frozen[1:]
		return sayNothingNew(now)
	}).Should(lackNothing(), "an indicator that catches up is none that stands still")
	g.Eventually(func() []string { return nil }).Should(lackNothing())
	if failure != "" {
		t.Errorf("nothing is missing: %q", failure)
	}
	g.Expect(3).To(lackNothing())
	if !strings.Contains(failure, "got int") {
		t.Errorf("%q", failure)
	}
}
