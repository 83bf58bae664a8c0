package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/toolkit"
)

// SaysNothingOfReplicas expects that since its storage hangs this data center has not said of a single replica that it has stored it, nor
// that it could not: nothing has happened, and nothing has failed (S34).
func (s *Side) SaysNothingOfReplicas(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	since := d.injected.T0.Latest
	told, err := s.storesSince(ctx, since)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "what becomes of replicas is known from the traces of %s only", s.Name())
	text := fmt.Sprintf("%s began to store %d replicas, and traced %d as stored and %d as not stored since its storage hangs", s.Name(), told.received, told.persisted, told.failed)
	progress("    %s", text)
	d.claims(ctx, sight{since: since}).Expect(told.received).To(BeNumerically(">", 0), "who has received nothing waits for nothing: %s", text)
	Expect(told.persisted).To(BeZero(), "nothing can have been stored: %s", text)
	Expect(told.failed).To(BeZero(), "nothing has failed, it waits: %s", text)
	d.observe(model.Observation{Site: s.Name(), Indicator: string(toolkit.TraceLines), Event: "replicas wait", When: d.interval(since, time.Now()), Evidence: text})
	d.store()
}

// HandsOverOnceItsStorageGoesOn lets the storage go on and expects every replica to be handed over then, each fragment once. By how much the
// takeover was late is reported (S34).
func (s *Side) HandsOverOnceItsStorageGoesOn(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	d.EndsBeside(ctx)
	s.TakesOverEveryReplica(ctx)
	text := fmt.Sprintf("%s took over %s after the crash of %s, once its storage went on", s.Name(), inSeconds(d.toolkit(time.Since(d.t0))), s.peer.Name())
	progress("    %s", text)
	d.observe(model.Observation{Site: s.Name(), Indicator: string(toolkit.TakeoverStream), Event: "late takeover", When: d.interval(d.t0, time.Now()), Evidence: text})
	d.store()
}
