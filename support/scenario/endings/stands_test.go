package endings

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// TestAnObserverThatStoodStillBlamesNobody stops the suite's own process right after a crash, for longer than the RTO, as a
// laptop that is closed or a virtual machine that is paused does. The application fails over meanwhile: what the suite
// could not see in time is inconclusive, and it says that it stood still.
func TestAnObserverThatStoodStillBlamesNobody(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite")
	}
	r := ginkgo(t, "stands", false)
	suite := r.process("the suite", func(command string) bool {
		program, _, _ := strings.Cut(command, " ")
		return filepath.Base(program) == "endings.test"
	})
	r.says("injected: ")
	if err := syscall.Kill(suite, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	time.Sleep(5 * time.Second) // how long it stands still, not a wait for anything
	if err := syscall.Kill(suite, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	r.fails()
	s := r.stored()
	if why := strings.Join(s.Reasons, "; "); s.Outcome != model.OutcomeInconclusive || !strings.Contains(why, "this process was not scheduled for") {
		t.Errorf("stored: %s (%s)", s.Outcome, why)
	}
	r.published("A drill whose observer stands still", model.OutcomeInconclusive)
}
