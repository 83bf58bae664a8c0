package catalogue

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crossdc/failover/support/declared"
	"github.com/crossdc/failover/support/scenario/roster"
)

// Besides reads the containers of the suites of a module that are no scenarios: those that say Context.
func Besides(module string) ([]roster.Beside, error) {
	files, err := filepath.Glob(filepath.Join(module, "suites", "*", "*.go"))
	if err != nil {
		return nil, fmt.Errorf("find the sources of the suites: %w", err)
	}
	var list []roster.Beside
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return nil, fmt.Errorf("read a suite: %w", err)
		}
		folder := path.Join("suites", filepath.Base(filepath.Dir(file)))
		ast.Inspect(parsed, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok || called(call) != "Context" {
				return true
			}
			for _, argument := range call.Args {
				label, is := argument.(*ast.CallExpr)
				if !is || called(label) != "Label" {
					continue
				}
				one := roster.Beside{Folder: folder, Labels: literals(label.Args)}
				if !slices.ContainsFunc(list, func(b roster.Beside) bool { return b.Folder == folder && slices.Equal(b.Labels, one.Labels) }) {
					list = append(list, one)
				}
			}
			return true
		})
	}
	return list, nil
}

// Labels are all labels that a filter may ask for: those of scenarios in Go, of those that come as files, and of other specs.
func Labels(module string, scenarios []Scenario, besides []roster.Beside) ([]string, error) {
	var labels []string
	for _, s := range scenarios {
		labels = append(labels, s.Labels...)
	}
	for _, b := range besides {
		labels = append(labels, b.Labels...)
	}
	folder := filepath.Join(module, "suites", "declared", "scenarios")
	files, err := declared.Load(os.DirFS(folder), folder)
	if err != nil {
		return nil, err
	}
	for _, s := range files {
		labels = append(labels, s.AllLabels()...)
	}
	slices.Sort(labels)
	return slices.Compact(labels), nil
}

// LabelsSource is the source of the list of labels that a filter may ask for.
func LabelsSource(module string, scenarios []Scenario) (string, error) {
	besides, err := Besides(module)
	if err != nil {
		return "", err
	}
	labels, err := Labels(module, scenarios, besides)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	out.WriteString("package roster\n\n")
	out.WriteString("// catalogue is every label of the specs that this module comes with; make catalogue writes it, a test compares it with their\n// sources.\n")
	out.WriteString("var catalogue = []string{\n")
	for _, label := range labels {
		fmt.Fprintf(&out, "\t%q,\n", label)
	}
	out.WriteString("}\n\n// besides are the containers of its suites that are no scenarios.\nvar besides = []Beside{\n")
	for _, b := range besides {
		fmt.Fprintf(&out, "\t{Folder: %q, Labels: %#v},\n", b.Folder, b.Labels)
	}
	out.WriteString("}\n")
	return out.String(), nil
}
