package decision

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/crossdc/failover/reports/gate/evidence"
)

// maxSteps is far more than any scenario has.
const maxSteps = 10_000

// instance is one scenario that ran: a catalogue number may stand for several variants, topologies and trials.
type instance struct{ run, class, id, name, topology, trial string }

func instanceOf(c evidence.Case) instance {
	p := c.Properties
	return instance{p["run"], c.Class, p["scenario"], p["scenario.name"], p["topology"], p["trial"]}
}

// complete counts the steps of our own files against what each scenario declares: a file that lost some of them, and with
// them perhaps the one that matters, proves nothing. Other writers' files do not say how many there should be.
func (j *judge) complete(d *drill) {
	byInstance := map[instance][]evidence.Case{}
	var order []instance
	foreign := 0
	for _, c := range d.cases {
		if !c.Ours() {
			if !c.Counted {
				foreign++
			}
			continue
		}
		i := instanceOf(c)
		if byInstance[i] == nil {
			order = append(order, i)
		}
		byInstance[i] = append(byInstance[i], c)
	}
	for _, i := range order {
		j.steps(d.id, byInstance[i])
	}
	if foreign > 0 {
		j.note("%s: %d test cases were not written by this suite, so that nobody knows whether some are missing", d.id, foreign)
	}
}

func (j *judge) steps(id string, cases []evidence.Case) {
	if verdict := cases[0].Properties["verdict"]; verdict == "skipped" || verdict == "pending" {
		return // it proves nothing, and whether it may be so is asked elsewhere
	}
	against := func(format string, args ...any) { j.against("incomplete", id, format, args...) }
	declared, cleanups := 0, 0
	seen := map[int]bool{}
	for _, c := range cases {
		text, said := c.Properties["steps"]
		n, err := strconv.Atoi(text)
		switch {
		case !said:
			against("%q does not say how many steps its scenario has: written by an older version, or changed since; run it again", c.Name)
			return
		case err != nil || n < 1 || n > maxSteps:
			against("%q says that its scenario has %q steps", c.Name, text)
			return
		case declared != 0 && n != declared:
			against("its test cases disagree about how many steps it has: %d, %d", declared, n)
			return
		}
		declared = n
		switch step := c.Properties["step"]; step {
		case "verdict":
		case "cleanup":
			cleanups++
		default:
			number, err := strconv.Atoi(step)
			switch {
			case err != nil || number < 1 || number > declared:
				against("%q is step %q of %d", c.Name, step, declared)
			case seen[number]:
				against("step %d is there twice", number)
			}
			seen[number] = true
		}
	}
	var missing []string
	for n := 1; n <= declared; n++ {
		if !seen[n] {
			missing = append(missing, fmt.Sprint(n))
		}
	}
	if len(missing) > 0 {
		against("%d of its %d steps are missing: %s", len(missing), declared, list(missing))
	}
	cleaned := slices.ContainsFunc(cases, func(c evidence.Case) bool { return c.Properties["cleanup"] != "" })
	if cleaned && cleanups == 0 {
		against("the test case of its cleanup is missing")
	}
}
