package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/crossdc/failover/support/scenario"
)

// spec is one scenario as it stands in a suite: its labels, and by the text of each It the steps that it calls.
type spec struct {
	suite  string
	labels []string
	its    map[string][]string // "Drill.ComesHome", "Side.KeepsRunning"
}

// The specs of a suite, read from their syntax: who drives a scenario calls methods of a variable drill.
func specsOf(t *testing.T, suite string) []spec {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "suites", suite, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of suite %s: %v", suite, err)
	}
	var specs []spec
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || name(call.Fun) != "Describe" {
				return true
			}
			found := spec{suite: suite, its: map[string][]string{}}
			ast.Inspect(call, func(n ast.Node) bool {
				inner, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				switch name(inner.Fun) {
				case "Label":
					for _, argument := range inner.Args {
						if text, ok := literal(argument); ok {
							found.labels = append(found.labels, text)
						}
					}
				case "It":
					if text, ok := literal(inner.Args[0]); ok {
						found.its[text] = steps(inner.Args[1:])
					}
				}
				return true
			})
			specs = append(specs, found)
			return false
		})
	}
	return specs
}

// steps are the methods of a drill, or of one of its sides, that an It names.
func steps(arguments []ast.Expr) (named []string) {
	for _, argument := range arguments {
		ast.Inspect(argument, func(n ast.Node) bool {
			selected, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			switch of := selected.X.(type) {
			case *ast.Ident:
				if of.Name == "drill" && selected.Sel.Name == "DeclaresDownAfter" { // one word for two steps
					named = append(named, "Drill.Inject", "Side.DeclaresDown")
				}
				if of.Name == "drill" && isStep(reflect.TypeFor[*scenario.Drill](), selected.Sel.Name) {
					named = append(named, "Drill."+selected.Sel.Name)
				}
			case *ast.SelectorExpr:
				if name(of.X) == "drill" && isStep(reflect.TypeFor[*scenario.Side](), selected.Sel.Name) {
					named = append(named, "Side."+selected.Sel.Name)
				}
			}
			return true
		})
	}
	return named
}

// isStep tells steps from what only answers a question: a step takes the context that bounds it, or is a Drill's own It.
func isStep(of reflect.Type, method string) bool {
	m, ok := of.MethodByName(method)
	return ok && m.Type.NumOut() == 0 && m.Type.NumIn() > 1
}

func name(e ast.Expr) string {
	if identifier, ok := e.(*ast.Ident); ok {
		return identifier.Name
	}
	return ""
}

func literal(e ast.Expr) (string, bool) {
	basic, ok := e.(*ast.BasicLit)
	if !ok || basic.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(basic.Value)
	return text, err == nil
}

// suites are those that hold scenarios.
func suites(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join("..", "..", "..", "suites", "*", "*_suite_test.go"))
	if err != nil || len(folders) < 6 {
		t.Fatalf("found %d suites: %v", len(folders), err)
	}
	for i, folder := range folders {
		folders[i] = filepath.Base(filepath.Dir(folder))
	}
	return folders
}

// catches are the steps that the It of a proof calls, any of which may be what fails; below 0 specs it has none.
func catches(t *testing.T, p proof) (called []string, specs int) {
	for _, s := range specsOf(t, p.suite) {
		if named, has := s.its[p.step]; has && slices.Contains(s.labels, p.id) {
			called, specs = append(called, named...), specs+1
		}
	}
	return called, specs
}

// A step that does not exist catches nothing.
func TestEveryStepIsOneOfItsSuite(t *testing.T) {
	for _, p := range proofs {
		called, specs := catches(t, p)
		if specs == 0 {
			t.Errorf("%s: suite %s has no scenario %s with a step %q", p.bug, p.suite, p.id, p.step)
			continue
		}
		if one, several := failing[p.key()]; several != (len(slices.Compact(slices.Sorted(slices.Values(called)))) > 1) || several && !slices.Contains(called, one) {
			t.Errorf("%s: %q calls %v; say in failing which of them must fail, if there are several (it says %q)", p.key(), p.step, called, one)
		}
	}
}

// Every step that a suite uses must be shown to fail: named by a proof, or listed with the reason why it is not.
func TestEveryStepCanFail(t *testing.T) {
	used := map[string]bool{}
	for _, suite := range suites(t) {
		for _, s := range specsOf(t, suite) {
			for _, called := range s.its {
				for _, step := range called {
					used[step] = true
				}
			}
		}
	}
	if len(used) < 25 {
		t.Fatalf("found only %d steps: %v", len(used), slices.Sorted(maps.Keys(used)))
	}
	proven := map[string]string{}
	for _, p := range proofs {
		called, _ := catches(t, p)
		if one, several := failing[p.key()]; several {
			called = []string{one}
		}
		for _, step := range called {
			proven[step] = p.key()
		}
	}
	for step, by := range through {
		if !slices.ContainsFunc(proofs, func(p proof) bool { return p.key() == by }) {
			t.Errorf("%s is said to be proven by %s, which is no proof", step, by)
		}
		proven[step] = by
	}
	for key := range doubted {
		if !slices.ContainsFunc(proofs, func(p proof) bool { return p.key() == key }) {
			t.Errorf("%s may doubt, but is no proof", key)
		}
	}
	var open []string
	for _, step := range slices.Sorted(maps.Keys(used)) {
		why, listed := unproven[step]
		switch by := proven[step]; {
		case by == "" && !listed:
			open = append(open, step)
		case by != "" && listed:
			t.Errorf("%s is proven by %s: take it off the list of unproven steps", step, by)
		case listed && why == "":
			t.Errorf("%s is listed as unproven without a reason", step)
		}
	}
	if len(open) > 0 {
		t.Errorf("no bug makes these steps fail: %s", strings.Join(open, ", "))
	}
	for step := range unproven {
		if !used[step] {
			t.Errorf("%s is listed as unproven, but no suite uses it", step)
		}
	}
}
