// Package refusal decides, before anything is built, started or broken, whether a run can begin at all: whether its
// settings are right, fit together, and fit this machine. A run that cannot is refused once, in words that name the
// variable, its value and what would do, and leaves results that say so.
//
// It may import reports, support/config, support/declared, support/environment and support/scenario/record.
package refusal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/declared"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/fault"
)

// Check reads the settings and holds them against one another and against this machine. It returns the settings, with
// folders made absolute (an empty History keeps none), or what is wrong with them.
func Check() (*config.Config, []model.Cause) {
	settings, err := config.Load()
	if err != nil {
		return nil, causesOf(err)
	}
	causes := environment.Check(settings)
	settings.Reports = Folder(settings.Reports)
	if cause := writable(settings.Reports, 0o755, "CROSSDC_REPORTS", "set CROSSDC_REPORTS to a folder that can be written"); cause != nil {
		causes = append(causes, *cause)
	} else if err := store.Claim(settings.Reports); err != nil {
		causes = append(causes, model.Cause{Kind: model.CauseSettings, Setting: "CROSSDC_REPORTS", Problem: fmt.Sprintf("CROSSDC_REPORTS=%q: %v", settings.Reports, err)})
	}
	if settings.History == "-" {
		settings.History = ""
	} else {
		settings.History = Folder(settings.History)
		if cause := writable(settings.History, 0o755, "CROSSDC_HISTORY", "set CROSSDC_HISTORY to a folder that can be written, or to - for none"); cause != nil {
			causes = append(causes, *cause)
		}
	}
	causes = append(causes, unreadable(settings.Scenarios)...)
	if cause := unjournaled(settings); cause != nil {
		causes = append(causes, *cause)
	}
	if settings.Kind().Emulated {
		if cause := startable(os.TempDir()); cause != nil {
			causes = append(causes, *cause)
		}
	}
	if len(causes) > 0 {
		return nil, causes
	}
	return settings, nil
}

// Journals are the journals of faults that the settings name; a relative folder is the module's, for runs as for what heals after
// them.
func Journals(settings *config.Config) (fault.Journals, error) {
	configured := settings.Journal
	if configured != "" {
		configured = Folder(configured)
	}
	return fault.JournalsIn(configured, os.Getenv)
}

// unjournaled says why no fault could be written down before it acts: without that nothing may be broken.
func unjournaled(settings *config.Config) *model.Cause {
	const setting, remedy = "CROSSDC_JOURNAL", "set CROSSDC_JOURNAL to a folder that can be written and that outlives the run"
	journals, err := Journals(settings)
	if err != nil {
		return &model.Cause{Kind: model.CauseMachine, Setting: setting, Remedy: remedy, Problem: "faults could not be written down before they are injected: neither HOME nor XDG_STATE_HOME is set"}
	}
	return writable(journals.Folder, 0o700, setting, remedy)
}

// unreadable are what is wrong with a team's own scenarios: none of them may be missing from a run silently.
func unreadable(folder string) []model.Cause {
	if folder == "" {
		return nil
	}
	_, err := declared.Own(os.DirFS(Folder(folder)), folder)
	if err == nil {
		return nil
	}
	var causes []model.Cause
	for _, problem := range strings.Split(err.Error(), "\n") {
		causes = append(causes, model.Cause{Kind: model.CauseSettings, Setting: "CROSSDC_SCENARIOS", Problem: problem, Remedy: "mend it, or unset CROSSDC_SCENARIOS"})
	}
	return causes
}

// causesOf turns what reading the settings failed with into causes.
func causesOf(err error) []model.Cause {
	var refused *config.Refused
	if !errors.As(err, &refused) {
		return []model.Cause{{Kind: model.CauseSettings, Problem: err.Error()}}
	}
	causes := make([]model.Cause, len(refused.Problems))
	for i, p := range refused.Problems {
		causes[i] = model.Cause{Kind: model.CauseSettings, Setting: p.Variable, Problem: p.Text}
	}
	return causes
}

// Sentence says the causes, one a line.
func Sentence(causes []model.Cause) string {
	lines := make([]string, len(causes))
	for i, c := range causes {
		lines[i] = c.Sentence()
	}
	return strings.Join(lines, "\n")
}

// Where is the folder of results of a run whose settings cannot all be read.
func Where() string {
	return Folder(config.ReportsFolder())
}

// Publish leaves the results of a run that was refused: a JUnit file, a summary and a page that say why nothing was tested.
func Publish(folder string, run model.Run, causes []model.Cause) error {
	run.Refused = causes
	if run.Finished.IsZero() {
		run.Finished = time.Now()
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("leave results that say why nothing was tested: %w", err)
	}
	if err := (store.Folder{Dir: folder, Now: time.Now()}).Publish(run); err != nil {
		return fmt.Errorf("leave results that say why nothing was tested: %w", err)
	}
	return nil
}

// Folder makes a relative folder relative to the module that the suites are run from, because every suite runs in a folder
// of its own.
func Folder(configured string) string {
	if filepath.IsAbs(configured) {
		return configured
	}
	folder, err := os.Getwd()
	if err != nil {
		return configured
	}
	for at := folder; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return filepath.Join(at, configured)
		}
		if filepath.Dir(at) == at {
			return filepath.Join(folder, configured)
		}
	}
}
