package html

import (
	"regexp"
	"unicode/utf8"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

// piece of a text: a link into the glossary where it has a term.
type piece struct{ Text, Term string }

// symbols of the glossary as they stand in the formulas of objectives.
var symbols = map[string]string{"RTO": "rto", "RPO": "rpo", "P_s": "ps", "N": "n", "I": "i", "S": "s"}

var symbol = regexp.MustCompile(`\b(?:RTO|RPO|P_s|N|I|S)\b`)

// pieces links the symbols in a text with what they mean.
func pieces(text string) (out []piece) {
	text = plain.Line(text)
	at := 0
	for _, found := range symbol.FindAllStringIndex(text, -1) {
		if found[0] > at {
			out = append(out, piece{Text: text[at:found[0]]})
		}
		word := text[found[0]:found[1]]
		out = append(out, piece{word, symbols[word]})
		at = found[1]
	}
	if at < len(text) {
		out = append(out, piece{Text: text[at:]})
	}
	return out
}

// explain leads from each objective to what it follows from. On a page of many the words alone are there: links are most of
// what a browser has to lay out.
func (out *scenario) explain(s model.Scenario, links bool) {
	if s.Objectives.Derivation == "" {
		return
	}
	if !links {
		out.Formula = []piece{{Text: plain.Line(s.Objectives.Derivation)}}
		return
	}
	out.Formula = pieces(s.Objectives.Derivation)
	for _, c := range []*cell{&out.Detection, &out.Recovery, &out.Steady, &out.Loss} {
		c.Formula = out.Anchor + "-formula"
	}
}

// known is a hazard as it was reproduced by one scenario; what it means stands in the runbook.
type known struct {
	model.Hazard
	Short string // the beginning of long evidence
}

func knownOf(hazards []model.Hazard) (out []known) {
	for _, h := range hazards {
		k := known{Hazard: h}
		if utf8.RuneCountInString(h.Evidence) > longFact {
			k.Short = clipLabel(plain.Line(h.Evidence), shortFact)
		}
		out = append(out, k)
	}
	return out
}
