package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/crossdc/failover/support/scenario/roster"
)

// TestTheCatalogueListsEveryLabelOfTheScenarios compares the labels that a filter may ask for with those in the sources.
func TestTheCatalogueListsEveryLabelOfTheScenarios(t *testing.T) {
	files, err := filepath.Glob("../../suites/*/*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files of scenarios, %v", len(files), err)
	}
	var labels []string
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			if name, ok := call.Fun.(*ast.Ident); !ok || name.Name != "Label" {
				return true
			}
			for _, argument := range call.Args {
				if literal, ok := argument.(*ast.BasicLit); ok {
					label, err := strconv.Unquote(literal.Value)
					if err != nil {
						t.Fatal(err)
					}
					labels = append(labels, label)
				}
			}
			return true
		})
	}
	slices.Sort(labels)
	labels = slices.Compact(labels)
	known := roster.Catalogue()
	slices.Sort(known)
	if !slices.Equal(labels, known) {
		t.Errorf("the scenarios have the labels\n%q\nthe catalogue lists\n%q", labels, known)
	}
}
