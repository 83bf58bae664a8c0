package record

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/onsi/ginkgo/v2/types"
)

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
