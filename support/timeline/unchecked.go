package timeline

import "github.com/crossdc/failover/reports/model"

// NotChecked says that something which the scenario claims, its subject, could not be looked at here; the evidence says why.
// Nobody may take such a claim for proven, so the scenario's outcome is at best inconclusive.
const NotChecked = "not checked"

// unchecked gives every claim that could not be looked at its verdict and its reason.
func (j *judgement) unchecked() {
	told := map[model.Observation]bool{}
	for _, o := range j.s.Observations {
		claim := model.Observation{Site: o.Site, Subject: o.Subject, Evidence: o.Evidence}
		if o.Event != NotChecked || told[claim] {
			continue
		}
		told[claim] = true
		j.without = append(j.without, model.Inconclusive)
		j.reason("%s was not checked, which leaves it inconclusive: %s", o.Subject, o.Evidence)
	}
}

// blinded gives every claim that failed while too few indicators could look its verdict, and names them as the reason.
func (j *judgement) blinded() {
	told := map[string]bool{}
	for _, o := range j.s.Observations {
		text := "at " + o.Site + " too few could look: " + o.Evidence
		if o.Event != ObserverBlind || told[text] {
			continue
		}
		told[text] = true
		j.without = append(j.without, model.Inconclusive)
		j.reason("%s", text)
	}
}
