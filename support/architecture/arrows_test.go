// Package architecture holds the test that keeps the import arrows pointing one way (suites -> support -> toolkit;
// fixtures -> toolkit; reports imports nothing of ours).
package architecture

import (
	"go/ast"
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
var truthReaders = []string{"support/prove/accuracy", "fixtures/emulator"}

// anotherModule holds sources that a test copies into a module of its own, which may import whatever it likes.
const anotherModule = "support/scenario/endings/testdata/foreign/"

// The session serves programs and suites alike: it knows no test framework, and no scenario.
func TestTheSessionKnowsNoTestFramework(t *testing.T) {
	walk(t, func(path string, imports []string) {
		if !strings.HasPrefix(path, "support/watch/") {
			return
		}
		for _, imported := range imports {
			if strings.Contains(imported, "/onsi/") || strings.HasPrefix(imported, module+"support/scenario") {
				t.Errorf("%s imports %s", path, imported)
			}
		}
	})
}

func TestImportsPointOneWay(t *testing.T) {
	files := 0
	walk(t, func(path string, imports []string) {
		if strings.HasPrefix(path, anotherModule) {
			return
		}
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

// truthTellers may name the journal without reading it: they hand its path to the emulator.
var truthTellers = []string{"support/environment/environment.go", "support/environment/embedded.go", "support/environment/site.go",
	"fixtures/lab/main.go", "fixtures/lab/desk.go"}

// TestOnlyBenchmarksKnowWhereTheGroundTruthIs keeps everybody else from opening the journal's file: nothing but what is
// listed above may so much as name it in its code.
func TestOnlyBenchmarksKnowWhereTheGroundTruthIs(t *testing.T) {
	named := 0
	walk(t, func(path string, _ []string) {
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", path), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		names := namesTheTruth(parsed)
		allowed := contains(truthTellers, path) || strings.HasPrefix(path, "support/architecture/")
		for _, reader := range truthReaders {
			allowed = allowed || strings.HasPrefix(path, reader+"/")
		}
		switch {
		case names && allowed:
			named++
		case names:
			t.Errorf("%s names the ground-truth journal; only %v and %v may", path, truthReaders, truthTellers)
		}
	})
	if named < 4 {
		t.Errorf("%d files name the journal; the search is broken", named)
	}
}

// namesTheTruth reports whether code, not comments, says truth.
func namesTheTruth(file *ast.File) (found bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			found = found || n.Name == "Truth" // the option; local variables may be true to anything
		case *ast.BasicLit:
			text, err := strconv.Unquote(n.Value)
			found = found || n.Kind == token.STRING && err == nil && strings.Contains(text, `"truth`)
		}
		return !found
	})
	return found
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
