package main

import (
	"fmt"
	"strings"
	"testing"
)

// filtered is Ginkgo's own report of a run with a label filter: a drill of two steps that has two numbers, of which the last step says
// everything, and what was not selected.
func filtered(more ...string) string {
	return foreign(append([]string{
		`<testcase name="[It] The link breaks loses contact [S16, S55, partition, drill=the-link-breaks]" classname="partition" status="passed"/>`,
		`<testcase name="[It] The link breaks recovers [S16, S55, partition, drill=the-link-breaks]" classname="partition" status="passed"><properties>` +
			`<property name="run" value="&#34;4db5&#34;"/><property name="scenario" value="&#34;S16&#34;"/><property name="steps" value="2"/><property name="verdict" value="&#34;passed&#34;"/></properties></testcase>`,
	}, more...)...)
}

// measured is such a report whose last step says what was measured.
func measured(latest int) string {
	return strings.Replace(filtered(), `<property name="steps" value="2"/>`,
		fmt.Sprintf(`<property name="steps" value="2"/><property name="detection.earliest_s" value="120"/><property name="detection.latest_s" value="%d"/>`, latest), 1)
}

func unselected(name, message string) string {
	return fmt.Sprintf(`<testcase name="[It] %s" classname="partition" status="skipped"><skipped message="%s"></skipped></testcase>`, name, message)
}

// TestGinkgosOwnReportOfAFilteredRun: what nobody selected is neither evidence nor a reason, and what was selected is held against everything.
func TestGinkgosOwnReportOfAFilteredRun(t *testing.T) {
	s16 := "version: 1\nrequired: [S16]\ncontrol: false\n"
	both := "version: 1\nrequired: [S16, S03]\ncontrol: false\n"
	gone := []string{unselected("A crash is noticed [S03, outage, drill=a-crash]", "skipped"), unselected("A crash heals [S03, outage, drill=a-crash]", "skipped"),
		unselected("Every trap is named: C1 [S44, configuration]", "skipped"), unselected("Every trap is named: C2 [S44, configuration]", "skipped")}
	expect(t, map[string]verdict{
		"what was selected passed":        {s16, []string{filtered(gone...)}, 0, "4 test cases are of scenarios that were not selected to run"},
		"a required one was not selected": {both, []string{filtered(gone...)}, 1, "[missing S03]"},
		"one step alone was selected": {s16, []string{filtered(`<testcase name="[It] A crash is noticed [S03, outage, drill=a-crash]" classname="partition" status="passed"/>`, gone[1])}, 1,
			"[skipped S03]"},
		"skipped for a reason":                     {s16, []string{filtered(unselected("A crash is noticed [S03, outage, drill=a-crash]", "skipped - no rights to crash"), gone[1])}, 1, "no rights to crash"},
		"a step was taken out":                     {s16, []string{strings.Replace(filtered(gone...), `<property name="steps" value="2"/>`, `<property name="steps" value="3"/>`, 1)}, 1, "has 2 test cases of 3"},
		"a step of the drill failed":               {s16, []string{strings.Replace(filtered(gone...), `status="passed"/>`, `status="failed"/>`, 1)}, 1, "[failed S16]"},
		"what one step measured is the scenario's": {s16 + "objectives: {partition: {detection_s: 130}}\n", []string{measured(124)}, 0, "GO\n"},
		"and held against the objective":           {s16 + "objectives: {partition: {detection_s: 130}}\n", []string{measured(131)}, 1, "and what \"partition\" allows, 130 s, lies in between"},
		"nothing says whose report":                {s16, []string{foreign(gone...)}, 1, "[missing S16]"},
		"another writer's filtered run":            {s16, []string{foreign(append([]string{`<testcase name="[It] recovers [S16]" classname="partition" status="passed"/>`}, gone[0])...)}, 1, "[skipped S03]"},
	})
}
