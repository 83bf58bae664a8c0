// Package declared holds the scenarios that are written down as YAML, in the folder scenarios, and runs those of a team's own folder
// (CROSSDC_SCENARIOS) beside them.
//
// It may import support and toolkit.
package declared

import (
	"embed"
	"io/fs"
	"os"

	"github.com/crossdc/failover/support/declared"
	"github.com/crossdc/failover/support/scenario/refusal"
)

//go:embed scenarios/*.yaml
var shipped embed.FS

// Shipped are the scenarios that come with the suite.
func Shipped() ([]declared.Scenario, error) {
	folder, err := fs.Sub(shipped, "scenarios")
	if err != nil {
		return nil, err
	}
	return declared.Load(folder, "suites/declared/scenarios")
}

// Own are the scenarios in a team's own folder; none where no folder is named.
func Own(folder string) ([]declared.Scenario, error) {
	if folder == "" {
		return nil, nil
	}
	return declared.Own(os.DirFS(refusal.Folder(folder)), folder)
}
