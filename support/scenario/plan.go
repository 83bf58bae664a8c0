package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/scenario/command"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/scenario/record"
	"github.com/crossdc/failover/support/scenario/roster"
)

// plan writes down what the suite is going to run, before any of it runs and also when that is nothing: whatever becomes
// of the process, the reports then say what is missing. From here on no earlier run speaks for this one.
func (s *Suite) plan(report ginkgo.Report) {
	if report.SuiteConfig.DryRun {
		return
	}
	if err := s.prepare(); err != nil {
		if report.PreRunStats.SpecsThatWillRun == 0 { // else the suite's set-up says so
			ended.Refused(causesOf(err))
		}
		return
	}
	selected, err := s.roster.Selected(report)
	if err != nil {
		ginkgo.Fail("plan the suite: " + err.Error())
	}
	run := s.begun(report)
	run.Process = store.Self()
	for _, drill := range s.planned(selected, run.Seed) {
		run.Scenarios = append(run.Scenarios, drill.Scenario)
	}
	all, err := s.folder().PublishWith(run, nil)
	if err != nil {
		ginkgo.Fail("write down the plan of the suite: " + err.Error())
	}
	if report.PreRunStats.TotalSpecs == 0 {
		ended.NotTested(model.Cause{Kind: model.CauseSettings, Problem: fmt.Sprintf("the suite %s has no specs", s.family),
			Remedy: "register scenarios beside scenario.NewSuite, such as var _ = outage.DataCenterCrash(suite.Given)"})
	}
	if knowsAllLabels(all.Planned) {
		if cause := s.selectsNothing(report, all, len(selected) == 0 && len(all.Planned) == 1 && report.PreRunStats.SpecsThatWillRun == 0); cause != nil {
			ended.NotTested(*cause)
		}
	}
}

// begun is the run of this suite before anything of it is known.
func (s *Suite) begun(report ginkgo.Report) model.Run {
	given := s.Given()
	own, planned := suitesOfCommand()
	info, _ := debug.ReadBuildInfo()
	return model.Run{
		Schema: model.SchemaVersion, ID: given.RunID, Suites: []string{s.family}, Started: report.StartTime, Seed: given.Seed,
		Environment: model.Environment{Kind: given.Config.Environment, Topology: given.Config.Topology, Speedup: given.Config.Speedup,
			TLSVerified: !given.Config.DC1.InsecureSkipTLSVerify && !given.Config.DC2.InsecureSkipTLSVerify},
		Folders: []string{own}, Planned: planned, Labels: s.roster.Known(), Command: store.Parent(), By: startedBy(), Version: version(info, "."), Built: built(),
	}
}

// folder is where the reports of this suite go.
func (s *Suite) folder() store.Folder {
	given := s.Given()
	folder := store.Folder{Dir: given.Config.Reports, History: given.Config.History, Redact: given.redact(), Now: time.Now()}
	if len(brokenOnPurpose(given.Config)) > 0 {
		folder.History = "" // what was broken on purpose says nothing about the application
	}
	return folder
}

// planned is what is known of drills before they begin; the seed is the run's.
func (s *Suite) planned(drills []roster.Drill, seed int64) []record.Planned {
	var list []record.Planned
	for _, d := range drills {
		list = append(list, record.Planned{Depth: d.Depth(), Scenario: model.Scenario{
			Key: d.Key, ID: d.ID, Name: d.Name, Trial: d.Trial, Family: s.family, Labels: d.Labels, DeclaredSteps: len(d.Steps),
			Seed: seed, Outcome: model.Running, Command: repeats(d, drills, seed),
		}})
	}
	return list
}

// suitesOfCommand returns the folder of this suite and those of all suites that the command which started it was to run,
// relative to the module. A command that cannot be understood was to run this one.
func suitesOfCommand() (own string, planned []string) {
	folder, err := os.Getwd()
	if err != nil {
		return "", nil
	}
	own = shortened(folder, folder)
	line, err := command.Of(os.Getppid())
	if err != nil {
		return own, []string{own}
	}
	executable, _ := os.Executable()
	for _, path := range line.Suites(reflect.TypeFor[Suite]().PkgPath()) {
		if path == executable { // it was compiled before and given by file
			own = shortened(path, folder)
		}
		planned = append(planned, shortened(path, folder))
	}
	if !slices.Contains(planned, own) {
		planned = append(planned, own)
	}
	return own, planned
}

// ginkgoPackage is what every suite imports, also one without scenarios.
const ginkgoPackage = "github.com/onsi/ginkgo/v2"

// specsOfCommand returns the folders of all suites that the command which started this one was to run, relative to the module, and
// also of those without scenarios.
func specsOfCommand() (folders []string) {
	folder, err := os.Getwd()
	if err != nil {
		return nil
	}
	line, err := command.Of(os.Getppid())
	if err != nil {
		return nil
	}
	for _, path := range line.Suites(ginkgoPackage) {
		folders = append(folders, shortened(path, folder))
	}
	return folders
}

// shortened is a path relative to the module around folder; outside of it its last element.
func shortened(path, folder string) string {
	if root, found := record.ModuleRoot(folder); found {
		if inside, err := filepath.Rel(root, path); err == nil && !strings.HasPrefix(inside, "..") {
			return filepath.ToSlash(inside)
		}
	}
	return filepath.Base(path)
}

// knowsAllLabels reports whether a suite knows every label that a filter may name before the other suites have begun: it is
// alone, or one of this module's own, which the catalogue lists.
func knowsAllLabels(planned []string) bool {
	info, ok := debug.ReadBuildInfo()
	return len(planned) <= 1 || ok && strings.HasPrefix(reflect.TypeFor[Suite]().PkgPath(), info.Main.Path+"/support/")
}

// selectsNothing says what a selection asks for that does not exist: a label that no scenario has, or, when nothing was
// selected at all, everything.
func (s *Suite) selectsNothing(report ginkgo.Report, all model.Run, nothing bool) *model.Cause {
	filter := report.SuiteConfig.LabelFilter
	if unknown := roster.Unknown(filter, slices.Concat(all.Labels, roster.Catalogue())); len(unknown) > 0 {
		return &model.Cause{Kind: model.CauseSettings, Problem: fmt.Sprintf("no scenario has the label %q of the label filter %q", strings.Join(unknown, ", "), filter),
			Setting: "--label-filter", Remedy: "check --label-filter; ginkgo labels <folder> lists the labels of a suite"}
	}
	if !nothing || roster.Besides(filter, specsOfCommand()) {
		return nil
	}
	var asked []string
	for _, flag := range []struct {
		name   string
		values []string
	}{
		{"--label-filter", slices.DeleteFunc([]string{filter}, func(text string) bool { return text == "" })},
		{"--focus", report.SuiteConfig.FocusStrings}, {"--skip", report.SuiteConfig.SkipStrings},
		{"--focus-file", report.SuiteConfig.FocusFiles}, {"--skip-file", report.SuiteConfig.SkipFiles},
	} {
		for _, value := range flag.values {
			asked = append(asked, fmt.Sprintf("%s=%q", flag.name, value))
		}
	}
	return &model.Cause{Kind: model.CauseSettings, Problem: "nothing was selected by " + strings.Join(asked, " "), Remedy: "check them, or leave them out"}
}

// lastWord returns rows that follow from what all suites of the command have left, once this suite is the last of them.
func (s *Suite) lastWord(report ginkgo.Report, all model.Run) []model.Scenario {
	open := slices.ContainsFunc(all.Scenarios, func(m model.Scenario) bool { return m.Outcome == model.Running })
	said := slices.ContainsFunc(all.Scenarios, func(m model.Scenario) bool { return m.ID == model.SuiteID })
	planless := slices.ContainsFunc(report.SpecReports, func(spec ginkgo.SpecReport) bool {
		return spec.LeafNodeType == types.NodeTypeReportBeforeSuite && spec.Failed()
	})
	if open || said || planless {
		return nil
	}
	cause := s.selectsNothing(report, all, len(all.Scenarios) == 0)
	if cause == nil {
		return nil
	}
	return []model.Scenario{{ID: model.SuiteID, Name: "The selection of scenarios", Family: s.family, Outcome: model.NotTested,
		Reasons: []string{cause.Sentence()}, Cause: cause}}
}
