package ended_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
)

// inner names the variable that turns this test binary into a suite whose specs end in every way there is.
const inner = "ENDED_TEST_REPORT"

var cause = model.Cause{Kind: model.CauseLogin, DataCenter: "dc2", Problem: "refused the login (401)", Setting: "CROSSDC_DC2_PASSWORD"}

func TestMain(m *testing.M) {
	if path := os.Getenv(inner); path != "" {
		specs(path)
		return
	}
	os.Exit(m.Run())
}

// outer is told that the inner suite failed, as it must.
type outer struct{}

func (outer) Fail() {}

func specs(path string) {
	ginkgo.Describe("a scenario", func() {
		ginkgo.It("fails and speaks of doubt", func() { ginkgo.Fail("inconclusive: is only a word here") })
		ginkgo.It("is inconclusive", func() { ended.Inconclusive("the observer was starved for %d s", 3) })
		ginkgo.It("doubts an assertion", func() { ended.Doubt().Expect(1).To(gomega.Equal(2), "one must be two") })
		ginkgo.It("fails where nothing excuses it", func() {
			ended.Unless(func() string { return "" }).Expect(1).To(gomega.Equal(2), "one must be two")
		})
		ginkgo.It("cannot blame what it could not see", func() {
			ended.Unless(func() string { return "this process stood still" }).Expect(1).To(gomega.Equal(2), "one must be two")
		})
		ginkgo.It("is not tested", func() { ended.NotTested(cause) })
		ginkgo.It("fails, and its clean-up doubts", func() {
			ginkgo.DeferCleanup(func() { ended.Inconclusive("too late to matter") })
			ginkgo.Fail("an objective was missed")
		})
		ginkgo.It("passes", func() {})
	})
	ginkgo.ReportAfterSuite("", func(report ginkgo.Report) {
		raw, err := json.Marshal(report.SpecReports)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(os.WriteFile(path, raw, 0o600)).To(gomega.Succeed())
	})
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(outer{}, "inner")
}

func TestHowAStepEndedIsTyped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.json")
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), inner+"="+path)
	output, _ := command.CombinedOutput() // it fails, that is what it is for
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("the inner suite left no report: %v\n%s", err, output)
	}
	var specs []types.SpecReport
	if err := json.Unmarshal(raw, &specs); err != nil {
		t.Fatal(err)
	}
	want := map[string]ended.How{
		"fails and speaks of doubt":          {Outcome: model.Failed},
		"is inconclusive":                    {Outcome: model.OutcomeInconclusive},
		"doubts an assertion":                {Outcome: model.OutcomeInconclusive},
		"fails where nothing excuses it":     {Outcome: model.Failed},
		"cannot blame what it could not see": {Outcome: model.OutcomeInconclusive},
		"is not tested":                      {Outcome: model.NotTested, Cause: &cause},
		"fails, and its clean-up doubts":     {Outcome: model.Failed},
	}
	seen := 0
	for _, spec := range specs {
		expected, of := want[spec.LeafNodeText]
		if !of {
			continue
		}
		seen++
		got := ended.Of(spec)
		if got.Outcome != expected.Outcome || (got.Cause == nil) != (expected.Cause == nil) || got.Cause != nil && *got.Cause != *expected.Cause {
			t.Errorf("%s: %+v, want %+v", spec.LeafNodeText, got, expected)
		}
		if filepath.Base(spec.Failure.Location.FileName) != "ended_test.go" {
			t.Errorf("%s: the failure is located at %s, not at the step's line", spec.LeafNodeText, spec.Failure.Location)
		}
	}
	if seen != len(want) {
		t.Errorf("%d of %d specs ran:\n%s", seen, len(want), output)
	}
}
