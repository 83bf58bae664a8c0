package store

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/crossdc/failover/reports/model"
)

// settle turns what a suite's process left running when it died into what it is: interrupted.
func settle(run model.Run, alive func(*model.Process) bool) (settled model.Run, changed bool) {
	if alive(run.Process) {
		return run, false
	}
	run.Scenarios = slices.Clone(run.Scenarios)
	for i := range run.Scenarios {
		if s := &run.Scenarios[i]; s.Outcome == model.Running {
			s.Outcome, changed = model.Interrupted, true
			s.Reasons = append(slices.Clone(s.Reasons), "the process of its suite ended before the scenario did")
		}
	}
	if run.Process != nil {
		run.Process, run.Interrupted, changed = nil, true, true
	}
	return run, changed
}

// absent returns a row for every suite that the command was to run and that has left nothing: it has not begun as long as
// the command is there, and never will once that is gone.
func absent(run model.Run, alive func(*model.Process) bool) []model.Scenario {
	var rows []model.Scenario
	for _, folder := range run.Planned {
		if slices.Contains(run.Folders, folder) {
			continue
		}
		row := model.Scenario{ID: model.SuiteID, Name: folder, Family: path.Base(folder), Outcome: model.Running,
			Reasons: []string{"it has not begun"}}
		if !alive(run.Command) {
			row.Outcome = model.Interrupted
			row.Reasons = []string{"it was planned and left nothing: the command that was to run it ended before"}
		}
		rows = append(rows, row)
	}
	return rows
}

// Self is the process that calls it; Parent is the one that started it.
func Self() *model.Process { return process(os.Getpid()) }

// Parent is the process that started the one that calls it.
func Parent() *model.Process { return process(os.Getppid()) }

func process(id int) *model.Process {
	host, err := os.Hostname()
	start, found := startOf(id)
	if err != nil || !found {
		return nil
	}
	return &model.Process{Host: host, ID: id, Start: start}
}

// alive reports whether the process still runs. One of another host counts as gone: what lies here is then a copy.
func alive(p *model.Process) bool {
	if p == nil {
		return false
	}
	now := process(p.ID)
	return now != nil && *now == *p
}

// startOf is field 22 of /proc/<pid>/stat (proc(5)), in clock ticks since boot; a zombie has ended.
func startOf(id int) (start string, found bool) {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(id), "stat"))
	if err != nil {
		return "", false
	}
	line := string(raw)
	fields := strings.Fields(line[strings.LastIndexByte(line, ')')+1:])
	if len(fields) < 20 || fields[0] == "Z" {
		return "", false
	}
	return fields[19], true
}

// Current reads the merged run of the folder with what is known now: suites whose process died, and suites that were planned
// and never began, are interrupted. Where that changes anything, the reports are made again.
func (f Folder) Current() (model.Run, error) {
	run, err := Read(filepath.Join(f.Dir, RunFile))
	if err != nil {
		return run, err
	}
	unsettled := slices.ContainsFunc(run.Scenarios, func(s model.Scenario) bool { return s.Outcome == model.Running })
	if !unsettled && run.Process == nil {
		return run, nil
	}
	if err := f.Rebuild(run.ID); err != nil {
		return run, fmt.Errorf("bring the reports up to date: %w", err)
	}
	return Read(filepath.Join(f.Dir, RunFile))
}
