// Package empty_test is a suite in which nothing is registered. It lies below testdata, so that ./... never reaches it.
package empty_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/scenario"
)

func TestEmpty(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "empty")
}

var _ = scenario.NewSuite("empty")
