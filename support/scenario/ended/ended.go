// Package ended types how a step ends that neither passed nor failed: inconclusive, or not tested for a cause. What it says
// to a reader is text; what it means travels beside it, in a report entry, and no decision reads the text.
//
// It imports Ginkgo, Gomega and the result model; the steps of scenarios and their record import it.
package ended

import (
	"encoding/json"
	"fmt"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
)

// How a step ended.
type How struct {
	Outcome model.Outcome `json:"outcome"`
	Cause   *model.Cause  `json:"cause,omitempty"` // only with model.NotTested
}

// entry is the name of the report entry that carries How.
const entry = "how the step ended"

// Inconclusive ends the step: it ran, and nothing was proven either way. The text says why, cause first.
func Inconclusive(format string, arguments ...any) {
	ginkgo.GinkgoHelper()
	end(How{Outcome: model.OutcomeInconclusive}, "inconclusive: "+fmt.Sprintf(format, arguments...), 0)
}

// NotTested ends the step: the application could not be tested, for a cause that is ours or lies between us and it.
func NotTested(cause model.Cause) {
	ginkgo.GinkgoHelper()
	text := "not tested: " + cause.Sentence()
	if cause.Detail != "" {
		text += "\n" + cause.Detail
	}
	end(How{Outcome: model.NotTested, Cause: &cause}, text, 0)
}

// Doubt returns a Gomega whose failed assertions leave the step inconclusive instead of failed: for what must hold before
// anything can be concluded.
func Doubt() gomega.Gomega {
	return gomega.NewGomega(func(message string, skip ...int) {
		depth := 1
		if len(skip) > 0 {
			depth += skip[0]
		}
		end(How{Outcome: model.OutcomeInconclusive}, "inconclusive: "+message, depth)
	})
}

// Unless returns a Gomega whose failed assertions leave the step inconclusive where doubt says why they may fail because of
// us, and fail it where doubt is empty. Doubt is asked only when an assertion has failed.
func Unless(doubt func() string) gomega.Gomega {
	return gomega.NewGomega(func(message string, skip ...int) {
		depth := 1
		if len(skip) > 0 {
			depth += skip[0]
		}
		if why := doubt(); why != "" {
			end(How{Outcome: model.OutcomeInconclusive}, "inconclusive: "+why+"; what failed meanwhile: "+message, depth)
		}
		ginkgo.Fail(message, depth)
	})
}

// Refused ends a suite before anything was started, for all that is wrong with its settings or its machine. The first cause is
// the one that travels with it.
func Refused(causes []model.Cause) {
	ginkgo.GinkgoHelper()
	text := "refused, nothing tested:"
	for _, cause := range causes {
		text += "\n  " + cause.Sentence()
	}
	end(How{Outcome: model.NotTested, Cause: &causes[0]}, text, 0)
}

func end(how How, text string, skip int) {
	ginkgo.AddReportEntry(entry, how, ginkgo.ReportEntryVisibilityNever)
	ginkgo.Fail(text, skip+1)
}

// Of tells how a spec ended whose state is failed: as its entry says, else failed. An entry that was made after the failure
// (by a clean-up) does not change what the failure was.
func Of(spec types.SpecReport) How {
	for _, e := range spec.ReportEntries {
		if e.Name != entry || e.TimelineLocation.Order > spec.Failure.TimelineLocation.Order {
			continue
		}
		if how, ok := e.GetRawValue().(How); ok {
			return how
		}
		var how How // it came from another process
		if err := json.Unmarshal([]byte(e.Value.AsJSON), &how); err == nil && (how.Outcome == model.OutcomeInconclusive || how.Outcome == model.NotTested) {
			return how
		}
	}
	return How{Outcome: model.Failed}
}
