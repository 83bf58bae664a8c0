// Package architecture holds the test that keeps the import arrows pointing one way (suites -> support -> toolkit;
// fixtures -> toolkit; reports imports nothing of ours).
package architecture

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/crossdc/failover/"

// allowed says, per top-level folder, which other top-level folders it may import.
var allowed = map[string][]string{
	"suites":   {"suites", "support", "toolkit", "reports"},
	"support":  {"support", "toolkit", "reports"},
	"toolkit":  {"toolkit"},
	"fixtures": {"fixtures", "toolkit"},
	"reports":  {"reports"},
}

// truthReaders are the only packages that may read the emulator's ground-truth journal.
var truthReaders = []string{"suites/accuracy", "fixtures/emulator"}

func TestImportsPointOneWay(t *testing.T) {
	files := 0
	walk(t, func(path string, imports []string) {
		files++
		from, _, _ := strings.Cut(path, "/")
		for _, imported := range imports {
			rest, ours := strings.CutPrefix(imported, module)
			if !ours {
				continue
			}
			to, _, _ := strings.Cut(rest, "/")
			if !contains(allowed[from], to) {
				t.Errorf("%s imports %s: %s may import only %v", path, imported, from, allowed[from])
			}
		}
	})
	if files < 10 {
		t.Fatalf("looked at %d Go files only; the walk is broken", files)
	}
}

func TestOnlyBenchmarksReadTheGroundTruth(t *testing.T) {
	walk(t, func(path string, imports []string) {
		for _, imported := range imports {
			if !strings.HasSuffix(imported, "fixtures/emulator/truth") {
				continue
			}
			ok := false
			for _, reader := range truthReaders {
				ok = ok || strings.HasPrefix(path, reader+"/")
			}
			if !ok {
				t.Errorf("%s reads the emulator's ground truth; only %v may", path, truthReaders)
			}
		}
	})
}

func walk(t *testing.T, visit func(path string, imports []string)) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != root {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		var imports []string
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			imports = append(imports, name)
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		visit(filepath.ToSlash(relative), imports)
		return nil
	})
	if err != nil {
		t.Fatalf("walk the module: %v", err)
	}
}

func contains(list []string, wanted string) bool {
	for _, entry := range list {
		if entry == wanted {
			return true
		}
	}
	return false
}
