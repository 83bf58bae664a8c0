package timeline

import "github.com/crossdc/failover/reports/model"

// Irregular says that what a data center said, one thing after the other, broke the order that its contract gives it, such as
// DOWN twice in a row. It is seen, not concluded from silence, so it needs no positive control: it is a failure of its own.
const Irregular = "stream irregular"

// irregular gives every stream that broke its order its verdict and its reason, once for each site and stream.
func (j *judgement) irregular() {
	type stream struct{ site, subject string }
	told := map[stream]bool{}
	for _, o := range j.s.Observations {
		from := stream{o.Site, o.Subject}
		if o.Event != Irregular || told[from] {
			continue
		}
		told[from] = true
		j.without = append(j.without, model.Missed)
		j.reason("at %s the order of the %s is broken, say the %s: %s", o.Site, o.Subject, o.Indicator, o.Evidence)
	}
}
