package roster

import (
	"slices"

	"github.com/onsi/ginkgo/v2/types"
)

// Catalogue returns every label of the specs that this module comes with, in whichever suite they are.
func Catalogue() []string { return slices.Clone(catalogue) }

// Beside is a container of specs that are no scenarios, such as those of the exploration, which start no data center.
type Beside struct {
	Folder string // of its suite, below the module's
	Labels []string
}

// Besides reports whether a label filter takes specs that are no scenarios, in any of the suites in these folders. No suite of
// scenarios knows of them, and so the absence of scenarios does not mean that the filter selects nothing.
func Besides(filter string, folders []string) bool {
	if filter == "" {
		return false
	}
	takes, err := types.ParseLabelFilter(filter)
	return err == nil && slices.ContainsFunc(besides, func(b Beside) bool {
		return slices.Contains(folders, b.Folder) && takes(b.Labels)
	})
}
