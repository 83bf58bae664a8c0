package record

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/onsi/ginkgo/v2/types"
)

// Location is where a spec failed, in the file of its author: file:line as in Step.Location.
func Location(spec types.SpecReport) string {
	folder, err := os.Getwd()
	if err != nil {
		folder = ""
	}
	return failedAt(spec, folder)
}

// failedAt is the failure's own line. For a shared step as a whole body Ginkgo names the line in its own module that called
// it; the line of the It says more then.
func failedAt(spec types.SpecReport, suitePath string) string {
	if at := spec.Failure.Location; at.FileName != "" && !strings.Contains(filepath.ToSlash(at.FileName), "/onsi/ginkgo/") {
		return location(at, suitePath)
	}
	return location(spec.LeafNodeLocation, suitePath)
}

// location is file:line, the file relative to the module of the suite; of a file elsewhere, such as a scenario that
// another module exports, its folder and name.
func location(at types.CodeLocation, suitePath string) string {
	if at.FileName == "" {
		return ""
	}
	name := at.FileName
	if root, found := ModuleRoot(suitePath); found {
		if inside, err := filepath.Rel(root, name); err == nil && !strings.HasPrefix(inside, "..") {
			return fmt.Sprintf("%s:%d", filepath.ToSlash(inside), at.LineNumber)
		}
	}
	name = filepath.Join(filepath.Base(filepath.Dir(name)), filepath.Base(name))
	return fmt.Sprintf("%s:%d", filepath.ToSlash(name), at.LineNumber)
}

// ModuleRoot is the folder at or above path that holds go.mod.
func ModuleRoot(path string) (string, bool) {
	if path == "" {
		return "", false
	}
	for at := path; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at, true
		}
		if filepath.Dir(at) == at {
			return "", false
		}
	}
}
