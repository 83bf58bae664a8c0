package exploration_test

import (
	"path/filepath"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/suites/exploration"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/scenario/refusal"
)

func TestExploration(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "exploration")
}

// loaded are the settings of this process, read before any spec.
var loaded *config.Config

var _ = BeforeSuite(func() {
	var err error
	loaded, err = config.Load()
	Expect(err).NotTo(HaveOccurred())
})

func settings() *config.Config { return loaded }

var (
	_ = exploration.NothingUnknown(settings, func() string { return filepath.Join(refusal.Folder(loaded.Reports), "found") })
	_ = exploration.FindsAgain(settings, "Q1", "Q2", "Q7", "Q9", "Q12", "Q17", "Q18", "Q22", "Q31", "Q44", "Q45")
	_ = exploration.FindsBugs(settings)
)
