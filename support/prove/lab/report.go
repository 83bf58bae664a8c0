package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
)

const reportFile = "lab.json"

// report is lab.json.
type report struct {
	Started   time.Time           `json:"started"`
	Doctor    doctored            `json:"doctor"`
	Scenarios []scenario          `json:"scenarios"`
	Accuracy  json.RawMessage     `json:"accuracy,omitempty"` // failovers held against what really happened; see support/prove/accuracy
	Secrets   *kept               `json:"secrets,omitempty"`  // whether those of the lab stood where they can be read while suites ran
	Kills     []kill              `json:"kills,omitempty"`
	Hosts     map[string][]string `json:"left_on_hosts"`      // what differs on each after all scenarios: gone (-) and new (+)
	Machine   []string            `json:"left_on_machine"`    // the same of this machine, after the lab has ended
	Problems  []string            `json:"problems,omitempty"` // suites that did not end well
}

// doctored is what the doctor found.
type doctored struct {
	States map[string]int `json:"states"`
	Wrong  []string       `json:"wrong,omitempty"`
}

// scenario is one that ran in the lab.
type scenario struct {
	ID          string            `json:"id"`
	Suite       string            `json:"suite"`
	Name        string            `json:"name"`
	Environment string            `json:"environment"`
	Verdict     model.Outcome     `json:"verdict"`
	Reasons     []string          `json:"reasons,omitempty"`
	Seed        int64             `json:"seed"`
	Fault       string            `json:"fault,omitempty"`
	Bite        string            `json:"bite,omitempty"`
	HealProof   string            `json:"heal_proof,omitempty"`
	Cleanup     model.Outcome     `json:"cleanup,omitempty"`
	Measured    map[string]bounds `json:"measured,omitempty"`
}

// bounds of something measured, as width of its interval; whether the truth lies inside is not asked here.
type bounds struct {
	Earliest float64  `json:"wall_earliest_s"`
	Latest   float64  `json:"wall_latest_s"`
	Width    float64  `json:"width_ms"` // wall milliseconds
	By       []string `json:"by,omitempty"`
}

func (r *report) write(folder string) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, reportFile), append(raw, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", reportFile, err)
	}
	return nil
}

// verdict is an error unless every scenario passed and nothing is left.
func (r *report) verdict() error {
	var problems []error
	if len(r.Doctor.Wrong) > 0 {
		problems = append(problems, fmt.Errorf("the doctor finds something wrong with the lab: %s", strings.Join(r.Doctor.Wrong, "; ")))
	}
	proven := 0
	for _, s := range r.Scenarios {
		switch s.Verdict {
		case model.Passed, model.HazardReproduced:
			proven++
		case model.Skipped:
		default:
			problems = append(problems, fmt.Errorf("%s %s: %s: %s", s.Suite, s.ID, s.Verdict, strings.Join(s.Reasons, "; ")))
		}
	}
	if proven == 0 && (len(r.Scenarios) > 0 || len(r.Kills) == 0) {
		problems = append(problems, errors.New("no scenario passed in the lab: nothing is proven"))
	}
	if err := r.Secrets.verdict(); err != nil {
		problems = append(problems, err)
	}
	for name, left := range r.Hosts {
		if len(left) > 0 {
			problems = append(problems, fmt.Errorf("host %s differs after the scenarios: %q", name, left))
		}
	}
	if len(r.Machine) > 0 {
		problems = append(problems, fmt.Errorf("this machine differs after the lab has ended: %q", r.Machine))
	}
	for _, k := range r.Kills {
		switch {
		case k.Problem != "":
			problems = append(problems, fmt.Errorf("%s, %s: %s", k.Fault, k.Death, k.Problem))
		case k.Earliest > milliseconds(grace):
			problems = append(problems, fmt.Errorf("%s, %s: still there %.0f ms after its deadline", k.Fault, k.Death, k.Earliest))
		case k.StruckAfter == nil && k.Latest < -milliseconds(early): // else it may never have acted
			problems = append(problems, fmt.Errorf("%s, %s: gone %.0f ms before its deadline", k.Fault, k.Death, -k.Latest))
		case len(k.Left) > 0:
			problems = append(problems, fmt.Errorf("%s, %s: left %q", k.Fault, k.Death, k.Left))
		}
	}
	for _, p := range r.Problems {
		problems = append(problems, errors.New(p))
	}
	return errors.Join(problems...)
}

func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "\nIn the lab, over SSH and by kernels\n")
	for _, s := range r.Scenarios {
		fmt.Fprintf(w, "  %-8s %-12s %-9s %-18s", s.ID, s.Suite, s.Environment, s.Verdict)
		for _, name := range slices.Sorted(maps.Keys(s.Measured)) {
			fmt.Fprintf(w, "  %s %.2f-%.2f s (%.0f ms wide)", name, s.Measured[name].Earliest, s.Measured[name].Latest, s.Measured[name].Width)
		}
		fmt.Fprintln(w)
	}
	left := len(r.Machine)
	for _, list := range r.Hosts {
		left += len(list)
	}
	fmt.Fprintf(w, "left on the hosts and on this machine: %d things; see %s\n", left, reportFile)
}
