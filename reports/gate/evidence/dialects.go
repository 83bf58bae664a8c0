package evidence

import (
	"slices"
	"strings"

	"github.com/crossdc/failover/reports/plain"
)

// harmless are the attributes of a test case that cannot change what its result means, in the dialects that are known.
var harmless = []string{"name", "classname", "class", "package", "group", "id", "file", "line", "url", "hostname", "timestamp", "time",
	"duration", "assertions", "type", "type_param", "value_param"}

// otherAttributes reads what the dialects of other tools say of a result in attributes. As with elements, only what is known to
// be harmless is passed over: success="False" of NUnit, flaky="true" or retries="2" stand in files whose test cases have no
// failure within them.
func (p *parser) otherAttributes(a map[string]string) {
	for name, value := range a {
		no := strings.EqualFold(value, "false") || value == "0"
		switch {
		case name == "executed" && no:
			p.status("notrun")
		case name == "success" && no:
			p.status("failed")
		case name == "executed" || name == "success" || name == "status" || name == "result" || marks[name] || slices.Contains(harmless, name):
		default:
			p.doubt("test case %q: the attribute %s is not understood", p.current.Name, name)
		}
	}
}

// ginkgo reads the properties of a suite in Ginkgo's own report that make all its passes worthless: a dry run passes everything
// without running it, and repeated attempts hide what failed before.
func (p *parser) ginkgo(name, value, where string) {
	switch {
	case name == "DryRun" && value != "false":
		p.note(Mark{Name: DryRun, Value: plain.Clip(value, maxMessage), Where: plain.Clip(where, maxMessage)})
	case name == "FlakeAttempts" && value != "0" && value != "1":
		p.note(Mark{Name: FlakeAttempts, Value: plain.Clip(value, maxMessage), Where: plain.Clip(where, maxMessage)})
	}
}
