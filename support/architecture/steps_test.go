package architecture

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The words of a drill stand in files step_*.go, and are methods, so that the compiler cannot tell which way their arrows point: what all
// steps share must not know any of them, and steps must not use each other in a circle.
func TestStepsStandOnTheDrill(t *testing.T) {
	uses := usesBetweenFiles(t, filepath.Join("..", "scenario"))
	steps := 0
	for _, from := range keys(uses) {
		if isStep(from) {
			steps++
			if circle := way(uses, from, from, map[string]bool{}); circle != nil {
				t.Errorf("steps use each other in a circle: %s", strings.Join(circle, " -> "))
			}
			continue
		}
		for to, names := range uses[from] {
			if isStep(to) {
				t.Errorf("%s, which all steps share, uses %v of %s: move it to where both can use it", from, names, to)
			}
		}
	}
	if steps < 40 {
		t.Errorf("only %d files of steps were looked at", steps)
	}
}

// nothingElse finds no other package: to load them would take long, and nothing that is asked here needs them.
type nothingElse struct{}

func (nothingElse) Import(path string) (*types.Package, error) {
	return nil, errors.New(path + " is not looked for")
}

func isStep(file string) bool { return strings.HasPrefix(file, "step_") }

// way is how one file reaches another through what it uses; nil where it does not.
func way(uses map[string]map[string][]string, from, to string, seen map[string]bool) []string {
	for _, next := range keys(uses[from]) {
		if next == to {
			return []string{from, next}
		}
		if seen[next] {
			continue
		}
		seen[next] = true
		if rest := way(uses, next, to, seen); rest != nil {
			return append([]string{from}, rest...)
		}
	}
	return nil
}

// usesBetweenFiles are the names that each file of a package uses of each other file. Other packages need not be known for that, so that
// what stems from them may stay without a type.
func usesBetweenFiles(t *testing.T, dir string) map[string]map[string][]string {
	t.Helper()
	set := token.NewFileSet()
	var files []*ast.File
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(set, filepath.Base(path), text, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	check := types.Config{Importer: nothingElse{}, Error: func(error) {}}
	pkg, _ := check.Check(filepath.Base(dir), set, files, info) // what other packages give is not found, and not asked for
	uses := map[string]map[string][]string{}
	for id, object := range info.Uses {
		from := set.Position(id.Pos()).Filename
		if uses[from] == nil {
			uses[from] = map[string][]string{}
		}
		if object.Pkg() != pkg || !object.Pos().IsValid() {
			continue
		}
		if to := set.Position(object.Pos()).Filename; to != from && !slices.Contains(uses[from][to], id.Name) {
			uses[from][to] = append(uses[from][to], id.Name)
		}
	}
	return uses
}

func keys[V any](m map[string]V) []string {
	var all []string
	for key := range m {
		all = append(all, key)
	}
	slices.Sort(all)
	return all
}
