package scenario

import (
	"fmt"
	"os"
	"strings"

	"github.com/onsi/ginkgo/v2"
)

// progress tells a person who waits what is going on. Ginkgo shows its own writer only for failing specs; with several
// processes it holds back everything, so there it is left to Ginkgo.
func progress(format string, values ...any) {
	line := fmt.Sprintf(format, values...)
	fmt.Fprintln(ginkgo.GinkgoWriter, line)
	if suite, _ := ginkgo.GinkgoConfiguration(); suite.ParallelTotal == 1 {
		fmt.Fprintln(os.Stdout, "  "+line)
	}
}

// announce names the step that begins, so that a person sees what is awaited.
func announce(report ginkgo.SpecReport) {
	if report.LeafNodeType.String() != "It" || report.State.String() != "INVALID SPEC STATE" {
		return
	}
	progress("%s › %s", strings.Join(report.ContainerHierarchyTexts, " › "), report.LeafNodeText)
}
