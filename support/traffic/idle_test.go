package traffic

import (
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// A passive data center has no application: its stream sends nothing, and no load is missed.
func TestIdleStreamSendsNothingAndNeedsNoLoad(t *testing.T) {
	g, w, stop := start(t, Options{Rate: 2000, Idle: "dc2", Epoch: time.Now()})
	await(t, "500 events at dc1", func() bool { return w.taken[0].Load() >= 500 })
	stop()
	if n := w.taken[1].Load(); n != 0 {
		t.Errorf("dc2 was sent %d events", n)
	}
	window := Window{Phase: "before", To: model.Instant(time.Minute), Served: true}
	if reasons := g.Ledger().CheckLoad(window, 0.001); len(reasons) != 0 {
		t.Errorf("load is missed: %v", reasons)
	}
	account := g.Account()
	if account.LostOf["dc2"] != 0 {
		t.Errorf("an idle stream lost %v", account.LostOf)
	}
}
