package html

import "strings"

// compact replaces lists and tables by lines of text that say the same: on a page of thousands they are most of its elements,
// and the browser's time to open it goes with their number.
func (out *scenario) compact() {
	add := func(name, text string) {
		if text != "" {
			out.Lines = append(out.Lines, fact{name, text})
		}
	}
	add("About", inLine(out.Facts))
	for _, row := range out.Measures {
		text := row.Interval
		if row.Wall != "" {
			text += " (" + row.Wall + " wall)"
		}
		text += ", " + row.Verdict + "; objective: " + row.Objective
		if row.By != "" {
			text += "; by " + row.By
		}
		if row.Why != "" {
			text += "; " + row.Why
		}
		add("Measured "+row.Name, text)
	}
	add("Ledger of events", inLine(out.Ledger))
	if out.CleanupVerdict != "" {
		add("Cleanup", strings.TrimSuffix(out.CleanupSymbol+" "+out.CleanupVerdict+" · "+inLine(out.Cleanup), " · "))
	}
	var formula strings.Builder
	for _, p := range out.Formula {
		formula.WriteString(p.Text)
	}
	add("Objective follows from", formula.String())
	out.Formula = nil
	out.Facts, out.Measures, out.Ledger, out.Cleanup, out.CleanupVerdict = nil, nil, nil, nil, ""
}

func inLine(facts []fact) string {
	var parts []string
	for _, f := range facts {
		if f.Value != "" {
			parts = append(parts, f.Name+": "+f.Value)
		}
	}
	return strings.Join(parts, " · ")
}
