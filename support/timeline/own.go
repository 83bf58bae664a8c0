package timeline

import (
	"fmt"

	"github.com/crossdc/failover/reports/model"
)

// OwnVerdict judges one objective of a team's own: met iff the most that the value can be is within the limit, missed iff the
// least is beyond it. Unlike the suite's objectives, a limit of 0 is one: nothing at all is allowed.
func OwnVerdict(o model.Own) model.Verdict {
	switch {
	case !(o.Least <= o.Most) || !(o.Limit == o.Limit): // no numbers, or reversed bounds, prove nothing
		return model.Inconclusive
	case o.Most <= o.Limit:
		return model.Met
	case o.Least > o.Limit:
		return model.Missed
	default:
		return model.Inconclusive
	}
}

// own judges the team's objectives like the suite's.
func (j *judgement) own() {
	if len(j.s.Own) == 0 {
		return
	}
	judged := make([]model.Own, len(j.s.Own))
	for i, o := range j.s.Own {
		o.Verdict = OwnVerdict(o)
		switch o.Verdict {
		case model.Missed:
			j.reason("%s missed: %s, the limit is %g%s", o.Name, ownValue(o), o.Limit, unitText(o.Unit))
		case model.Inconclusive:
			j.reason("%s is inconclusive: %s, the limit is %g%s", o.Name, ownValue(o), o.Limit, unitText(o.Unit))
		}
		judged[i] = o
		j.without = append(j.without, o.Verdict)
	}
	j.s.Own = judged
}

func ownValue(o model.Own) string {
	if o.Least == o.Most {
		return fmt.Sprintf("%g%s", o.Most, unitText(o.Unit))
	}
	return fmt.Sprintf("%g to %g%s", o.Least, o.Most, unitText(o.Unit))
}

func unitText(unit string) string {
	if unit == "" {
		return ""
	}
	return " " + unit
}
