package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/reports/summary"
	"github.com/crossdc/failover/support/campaign/merge"
	"github.com/crossdc/failover/support/campaign/state"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/scenario/record"
	"github.com/crossdc/failover/support/scenario/refusal"
)

// publish makes the results folder of everything that was delivered, and prints the table. The history gets a campaign once:
// when it is whole, from the process that had a part in it.
func publish(stdout io.Writer, settings *config.Config, kept *state.State, engine string, leftOut []int, fresh bool) (green bool, err error) {
	if err := store.Claim(settings.Reports); err != nil {
		return false, err
	}
	folders := map[string]*record.Folder{}
	configuration := environment.ToolkitConfig(settings)
	runs, err := merge.Runs(kept.Request, kept, merge.Options{Engine: engine, LeftOut: leftOut, Timing: configuration.Timing(), Keep: func(s record.Stored) (string, error) {
		if folders[s.Suite] == nil {
			folder, err := record.Open(settings.Reports, kept.Request.Run, s.Suite)
			if err != nil {
				return "", err
			}
			folders[s.Suite] = folder
		}
		path, err := folders[s.Suite].Copy(s) // the campaign's own folder has it for good
		if err != nil {
			return "", err
		}
		return filepath.Rel(settings.Reports, path)
	}})
	if err != nil {
		return false, err
	}
	folder := store.Folder{Dir: settings.Reports, Now: time.Now()}
	if settings.History != "-" {
		folder.History = refusal.Folder(settings.History)
	}
	var all model.Run
	for _, run := range runs {
		if fresh && folder.History != "" && len(kept.Missing()) == len(leftOut) {
			if err := remember(folder.History, run); err != nil {
				run.Notes = append(run.Notes, err.Error())
			}
		}
		if all, err = folder.PublishWith(run, nil); err != nil {
			return false, err
		}
	}
	if err := summary.WriteTable(stdout, all, summary.Fit(folder.Paths(), false)); err != nil {
		return false, err
	}
	return summary.Worst(all).ExitCode() == 0, nil
}

// remember adds a run that is whole to the history.
func remember(folder string, run model.Run) error {
	entries, err := history.Of(run)
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err == nil {
		err = history.Append(folder, entries...)
	}
	if err != nil {
		return fmt.Errorf("the history does not have this campaign: %w", err)
	}
	return nil
}
