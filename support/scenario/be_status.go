package scenario

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
)

// BeDown succeeds when every indicator that has spoken since the fault says that the peer is DOWN, and at least two
// have (or the only one there is). Its failure shows who said what, and when.
func BeDown() types.GomegaMatcher { return &beStatus{event: board.PeerDown, word: "DOWN"} }

// BeUp succeeds when every indicator that has spoken says that the peer is UP, and at least two have (or the only one there is).
func BeUp() types.GomegaMatcher { return &beStatus{event: board.PeerUp, word: "UP"} }

// BeUnchanged succeeds while no indicator has seen the peer's status change.
func BeUnchanged() types.GomegaMatcher { return &beUnchanged{} }

// DeclaresDown expects this data center to hold its peer DOWN within the RTO of the fault, by at least two indicators (or the only
// one there is). Where too few of them could look, the step is inconclusive and names them.
func (s *Side) DeclaresDown(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	failed := ""
	limit := gomega.NewGomega(func(message string, _ ...int) { failed = message })
	if limit.Eventually(ctx, s.RemoteStatus).WithTimeout(d.RTO).WithPolling(Often).Should(BeDown()) {
		return
	}
	why := d.unseen(ctx, sight{since: d.t0, shows: toolkit.PeerDown, sites: []*Side{s}, needed: d.required()})
	if down, err := BeDown().Match(s.RemoteStatus()); err == nil && down {
		progress("    %s was seen to hold %s DOWN only after the RTO; when it declared it is for the verdict", s.Name(), s.peer.Name())
		return
	}
	if len(why) > 0 {
		ended.Inconclusive("%s; what failed meanwhile: %s", strings.Join(why, "; "), failed)
	}
	ginkgo.Fail(failed)
}

type beStatus struct{ event, word string }

func (m *beStatus) Match(actual any) (bool, error) {
	status, err := remoteStatus(actual)
	if err != nil {
		return false, err
	}
	says := status.Count(m.event)
	return says >= status.Required && says == len(status.Says), nil
}

func (m *beStatus) FailureMessage(actual any) string {
	status, _ := remoteStatus(actual)
	return fmt.Sprintf("expected %s to hold %s %s by at least %d independent indicators%s; what was seen:\n%s",
		status.Site, status.Peer, m.word, status.Required, status.Budget, status.Remote)
}

func (m *beStatus) NegatedFailureMessage(actual any) string {
	status, _ := remoteStatus(actual)
	return fmt.Sprintf("expected %s not to hold %s %s; what was seen:\n%s", status.Site, status.Peer, m.word, status.Remote)
}

type beUnchanged struct{}

func (beUnchanged) Match(actual any) (bool, error) {
	status, err := remoteStatus(actual)
	return err == nil && len(status.Says) == 0, err
}

func (beUnchanged) FailureMessage(actual any) string {
	status, _ := remoteStatus(actual)
	return fmt.Sprintf("expected no change of what %s holds of %s; what was seen:\n%s", status.Site, status.Peer, status.Remote)
}

func (beUnchanged) NegatedFailureMessage(actual any) string {
	status, _ := remoteStatus(actual)
	return fmt.Sprintf("expected some change of what %s holds of %s; what was seen:\n%s", status.Site, status.Peer, status.Remote)
}

func remoteStatus(actual any) (RemoteStatus, error) {
	status, ok := actual.(RemoteStatus)
	if !ok {
		return status, fmt.Errorf("expected a scenario.RemoteStatus (call drill.DC1.RemoteStatus), got %T", actual)
	}
	return status, nil
}

// RemoteStatus is what one data center holds of the other since the fault, by indicator.
type RemoteStatus struct {
	board.Remote
	Required int    // how many indicators must agree
	Budget   string // where the time limit comes from, for failure texts
}

// Often is how often a spec looks at what the monitor has collected; it asks nobody, so it costs next to nothing.
const Often = time.Millisecond
