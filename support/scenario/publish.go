package scenario

import (
	"fmt"
	"os"
	"os/user"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
	"github.com/crossdc/failover/reports/redact"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/reports/summary"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/scenario/command"
	"github.com/crossdc/failover/support/scenario/record"
	"github.com/crossdc/failover/support/scenario/refusal"
	"github.com/crossdc/failover/support/scenario/trials"
)

// publish runs on one process after all specs of the suite, also when the run was interrupted or could not begin.
func (s *Suite) publish(report ginkgo.Report) {
	if report.SuiteConfig.DryRun {
		return
	}
	if err := s.prepare(); err != nil {
		s.publishRefusal(report, causesOf(err))
		return
	}
	given := s.Given()
	stored, problems := record.LoadAll(given.Records.Path())
	selected, err := s.roster.Selected(report)
	if err != nil {
		ginkgo.Fail("publish the results: " + err.Error())
	}
	run, begun := record.Run(report, s.family, s.planned(selected, given.Seed), stored, s.told()), s.begun(report)
	run.ID, run.Seed, run.By, run.Version, run.Built = begun.ID, begun.Seed, begun.By, begun.Version, begun.Built
	run.Folders, run.Planned, run.Labels, run.Command = begun.Folders, begun.Planned, begun.Labels, begun.Command
	if run.Environment.Kind == "" {
		run.Environment = begun.Environment
	}
	configuration := environment.ToolkitConfig(given.Config)
	trials.Summarize(run.Scenarios, configuration.Timing())
	run.Proving = brokenOnPurpose(given.Config)
	run.Notes = append(run.Notes, run.Proving...)
	run.Notes = append(run.Notes, environment.TrapsOf(given.Config).Warnings()...)
	if problems != nil {
		run.Notes = append(run.Notes, problems.Error())
	}
	folder := s.folder()
	if err := remember(folder.History, run); err != nil {
		run.Notes = append(run.Notes, err.Error())
	}
	all, err := folder.PublishWith(run, func(all model.Run) []model.Scenario { return s.lastWord(report, all) })
	if err != nil {
		ginkgo.Fail("publish the results: " + err.Error())
	}
	s.close(report, all)
	s.agree(report, all)
}

// publishRefusal publishes that nothing could be tested, where the settings say, or by default: the reports of an earlier run
// must not speak for this one.
func (s *Suite) publishRefusal(report ginkgo.Report, causes []model.Cause) {
	selected, err := s.roster.Selected(report)
	if err != nil {
		return // Ginkgo refuses what it cannot read as well
	}
	run := record.Run(report, s.family, s.planned(selected, s.Given().Seed), nil, s.told())
	if run.ID = os.Getenv(config.Prefix + "_RUN_ID"); run.ID == "" {
		if run.ID, err = record.RunID(); err != nil {
			return
		}
	}
	own, planned := suitesOfCommand()
	info, _ := debug.ReadBuildInfo()
	run.Folders, run.Planned, run.Command = []string{own}, planned, store.Parent()
	run.By, run.Version, run.Built = startedBy(), version(info, "."), built()
	run.Refused = causes
	dir := refusal.Where()
	if store.Claim(dir) != nil {
		return // whose files these are is said by the suite's set-up
	}
	all, err := store.Folder{Dir: dir, Now: time.Now()}.PublishWith(run, nil)
	if err != nil {
		ginkgo.Fail("publish the results: " + err.Error())
	}
	s.close(report, all)
}

// columns is how wide the lines at the end of a suite are where nobody says otherwise.
const columns = 100

// close says how this suite ended, in a sentence; the last suite of a command prints the table of results of all of them instead, unless
// somebody else does. Suites that have not begun are counted, not listed.
func (s *Suite) close(report ginkgo.Report, all model.Run) {
	waiting := 0
	all.Scenarios = slices.DeleteFunc(slices.Clone(all.Scenarios), func(m model.Scenario) bool {
		waits := m.ID == model.SuiteID && m.Outcome == model.Running
		if waits {
			waiting++
		}
		return waits
	})
	own := all
	own.Notes, own.Scenarios = nil, slices.DeleteFunc(slices.Clone(all.Scenarios), func(m model.Scenario) bool { return m.Family != s.family })
	last := waiting == 0 || s.told() || s.endsCommand(report, own)
	if !last || !config.ShowsTable() {
		if len(own.Scenarios) > 0 { // else nothing of it was selected
			said := s.family + ": " + summary.Sentence(own)
			if waiting > 0 {
				said += fmt.Sprintf(" Suites still to come: %d.", waiting)
			}
			fmt.Println("\n" + strings.Join(plain.Fill(strings.Fields(said), columns), "\n"))
		}
		return
	}
	fmt.Println()
	if err := summary.WriteTable(os.Stdout, all, summary.Fit(s.paths(), colored())); err != nil {
		ginkgo.Fail("print the results: " + err.Error())
	}
	if waiting > 0 {
		fmt.Printf("Suites that were planned and have not begun: %d.\n", waiting)
	}
}

// endsCommand reports whether the command that started this suite stops after it, because it did not end well.
func (s *Suite) endsCommand(report ginkgo.Report, own model.Run) bool {
	well := report.SuiteSucceeded && !slices.ContainsFunc(own.Scenarios, func(m model.Scenario) bool { return m.Outcome != model.Running && m.Outcome.ExitCode() != 0 })
	line, err := command.Of(os.Getppid())
	return !well && err == nil && line.StopsAtFailure()
}

func (s *Suite) paths() []string {
	if given := s.Given(); given.Config != nil {
		return store.Folder{Dir: given.Config.Reports}.Paths()
	}
	return nil
}

// agree fails a suite that Ginkgo takes for green although the reports say otherwise of a scenario of its own: exit code and
// reports must never contradict each other.
func (s *Suite) agree(report ginkgo.Report, all model.Run) {
	ginkgo.GinkgoHelper()
	if !report.SuiteSucceeded {
		return
	}
	for _, m := range all.Scenarios {
		if m.Family == s.family && m.Outcome != model.Running && m.Outcome.ExitCode() != 0 {
			ginkgo.Fail(fmt.Sprintf("%s %s is %s: %s", m.ID, m.Name, m.Outcome.Word(), strings.Join(m.Reasons, "; ")))
		}
	}
}

// remember adds the run's scenarios to the history in folder; an empty folder keeps none.
func remember(folder string, run model.Run) error {
	if folder == "" {
		return nil
	}
	entries, err := history.Of(run)
	if err != nil {
		return fmt.Errorf("the history does not have this run: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("the history does not have this run: %w", err)
	}
	if err := history.Append(folder, entries...); err != nil {
		return fmt.Errorf("the history does not have this run: %w", err)
	}
	return nil
}

// redact masks every secret of the settings wherever it might have got into a report.
func (g Given) redact() func(string) string {
	var users, secrets []string
	for _, site := range g.Config.Sites() {
		users = append(users, site.User)
		secrets = append(secrets, site.Password.Reveal(), site.Token.Reveal())
	}
	secrets = append(secrets, g.Config.Relay.Token.Reveal())
	return redact.Secrets(users, secrets)
}

// startedBy is who started the run, for the audit sheet: what CI says, else the user.
func startedBy() string {
	for _, name := range []string{"GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_USER_ID"} {
		if who := os.Getenv(name); who != "" {
			return who
		}
	}
	if who, err := user.Current(); err == nil {
		return who.Username
	}
	return ""
}
