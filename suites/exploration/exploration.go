// Package exploration looks in virtual time for schedules of faults that nobody thought of: it draws configurations and schedules at
// random, runs them in the model of the toolkit (toolkit/crossdc/model), and fails on what neither an invariant allows nor a known
// quirk explains. It starts no data center, so that it needs none.
//
// Its containers are no scenarios of the catalogue, which are drills on data centers, and so say Context.
//
// It may import support and toolkit.
package exploration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/found"
	"github.com/crossdc/failover/toolkit/crossdc/explore"
)

// NothingUnknown explores for as long, or as many schedules, as the settings say (CROSSDC_EXPLORE). What nothing known explains is
// shrunk and written into folder.
func NothingUnknown(settings func() *config.Config, folder func() string) bool {
	return Context("Schedules that nobody thought of", Label("exploration", "fast"), func() {
		It("show nothing that the known quirks do not explain", func(ctx SpecContext) {
			s := settings()
			budget, err := explore.ParseBudget(s.Explore)
			Expect(err).NotTo(HaveOccurred(), "CROSSDC_EXPLORE")
			limited, cancel := context.WithCancel(ctx)
			if budget.Time > 0 {
				limited, cancel = context.WithTimeout(ctx, budget.Time)
			}
			defer cancel()
			seed := seed(s)
			report, err := explore.Search(limited, seed, s.ExploreFrom, budget.Cases)
			Expect(err).NotTo(HaveOccurred())
			Expect(ctx.Err()).NotTo(HaveOccurred(), "the exploration was interrupted")
			AddReportEntry("exploration", Summary(report))
			GinkgoWriter.Println(Summary(report))
			Expect(report.Next).To(BeNumerically(">", report.From), "not one schedule was judged: give CROSSDC_EXPLORE more time than %s", s.Explore)
			var written []error
			for _, f := range report.Unknown {
				path, err := found.Write(folder(), fmt.Sprintf("found-%d", f.Cases), f)
				written = append(written, err)
				GinkgoWriter.Printf("unknown, written to %s:\n%s%s\n", path, &f.Case, f.Finding)
			}
			Expect(errors.Join(written...)).NotTo(HaveOccurred())
			if len(report.Unknown) > 0 {
				Fail(Unknown(report))
			}
		})

		It("show nothing unknown at any point of the grid of lengths, phases and orders", func(ctx SpecContext) {
			report, err := explore.SearchGrid(ctx)
			Expect(err).NotTo(HaveOccurred())
			AddReportEntry("grid", fmt.Sprintf("%d points: %v", report.Next, report.Explained))
			Expect(report.Next).To(BeNumerically(">", 0))
			if len(report.Unknown) > 0 {
				Fail(Unknown(report))
			}
		})
	})
}

// seed is CROSSDC_SEED, and 1 where it is not given: then a change decides whether the suite passes, and not luck.
func seed(s *config.Config) uint64 {
	if s.RandomSeed() {
		return 1
	}
	return uint64(s.Seed)
}

// Summary says what was explored, with everything that repeats it.
func Summary(r explore.Report) string {
	var quirks []string
	for quirk := range r.Explained {
		quirks = append(quirks, quirk)
	}
	slices.SortFunc(quirks, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	text := fmt.Sprintf("schedules %d to %d of seed %d; go on with CROSSDC_SEED=%d CROSSDC_EXPLORE_FROM=%d; %d quirks were seen:", r.From, r.Next-1, r.Seed, r.Seed, r.Next, len(quirks))
	for _, quirk := range quirks {
		text += fmt.Sprintf(" %s %d", quirk, r.Explained[quirk])
	}
	return text
}

// Unknown says what nothing known explains, with everything that repeats it.
func Unknown(r explore.Report) string {
	var b strings.Builder
	for _, f := range r.Unknown {
		fmt.Fprintf(&b, "schedule %d of seed %d: %s\nsmallest: %s", f.Cases, r.Seed, f.Finding, &f.Case)
	}
	return b.String()
}

// FindsAgain takes away what is known of a quirk, and expects that exploration finds it from nothing, in few actions.
func FindsAgain(settings func() *config.Config, quirks ...string) bool {
	return Context("A quirk that nobody knows", Label("exploration", "fast"), func() {
		for _, quirk := range quirks {
			It("is found again, and shrunk to at most four actions: "+quirk, func(ctx SpecContext) {
				f, err := explore.Find(ctx, quirk, seed(settings()))
				Expect(err).NotTo(HaveOccurred())
				GinkgoWriter.Printf("%d schedules; smallest:\n%s%s\n", f.Cases, &f.Case, f.Finding)
				Expect(len(f.Case.Schedule)).To(BeNumerically("<=", 4), f.Case.String)
			})
		}
	})
}

// FindsBugs plants every bug of the table, and expects that exploration finds it by what it does.
func FindsBugs(settings func() *config.Config) bool {
	return Context("A toolkit that misbehaves", Label("exploration", "fast"), func() {
		for _, bug := range explore.Bugs() {
			It("is found out, and shrunk to at most four actions: "+bug.Name, func(ctx SpecContext) {
				f, err := explore.FindBug(ctx, bug, seed(settings()))
				Expect(err).NotTo(HaveOccurred())
				GinkgoWriter.Printf("%d schedules; smallest:\n%s%s\n", f.Cases, &f.Case, f.Finding)
				Expect(len(f.Case.Schedule)).To(BeNumerically("<=", 4), f.Case.String)
			})
		}
	})
}
