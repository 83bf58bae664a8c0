package scenario

import (
	"encoding/json"
	"testing"
)

// TestNumbersStandWithoutQuotesInGinkgosReports: it writes what it is given as JSON.
func TestNumbersStandWithoutQuotesInGinkgosReports(t *testing.T) {
	for value, want := range map[string]string{
		"180": "180", "-0.5": "-0.5", "126.66216738": "126.66216738", "758111779688947983": "758111779688947983",
		"passed": `"passed"`, "": `""`, "4712 and more": `"4712 and more"`, "007": `"007"`, "4db5e3adfa65": `"4db5e3adfa65"`, "true": `"true"`, "-": `"-"`,
	} {
		raw, err := json.Marshal(asJSON(value))
		if err != nil || string(raw) != want {
			t.Errorf("%q: %s, %v, want %s", value, raw, err, want)
		}
	}
}
