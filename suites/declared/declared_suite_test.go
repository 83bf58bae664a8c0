package declared_test

import (
	"os"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/suites/declared"
	"github.com/crossdc/failover/support/declared/specs"
	"github.com/crossdc/failover/support/scenario"
)

func TestDeclared(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "declared")
}

var (
	suite = scenario.NewSuite("declared")

	_ = register()
)

// register makes specs of every file. A team's own files that cannot be read keep the run from beginning, before anything is
// built, so that none of them can be missing silently.
func register() bool {
	scenarios, err := declared.Shipped()
	if err != nil {
		panic(err) // a test of this folder reads them first
	}
	own, _ := declared.Own(os.Getenv("CROSSDC_SCENARIOS")) // refused at the start of the suite where it cannot be read
	for _, s := range append(scenarios, own...) {
		suite.Repeat(specs.Register(s))
	}
	return true
}
