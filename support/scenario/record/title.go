package record

import (
	"fmt"
	"regexp"
	"strconv"
)

// TrialText is the text of the container around the n-th repetition of a scenario, counted from 1.
func TrialText(n int) string { return fmt.Sprintf("Trial %d", n) }

var trialText = regexp.MustCompile(`^Trial ([1-9]\d*)$`)

// Title takes the texts of the containers around a spec apart: the scenario's name, which of its repetitions it is (0 when
// it is not repeated), and the texts of containers inside the scenario.
func Title(containers []string) (name string, trial int, inner []string) {
	if len(containers) > 1 {
		if match := trialText.FindStringSubmatch(containers[0]); match != nil {
			trial, _ = strconv.Atoi(match[1]) // digits; one too long for an int is no trial of ours
			containers = containers[1:]
		}
	}
	if len(containers) == 0 {
		return "", trial, nil
	}
	return containers[0], trial, containers[1:]
}
