// Package catalogue writes down which scenarios of the toolkit contract (section 10) exist, and what is known of each. It
// reads the contract and the sources of the suites, so that what it says cannot differ from what runs.
//
// It may import support and reports.
package catalogue

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Scenario is an exported function of a suite that declares a scenario.
type Scenario struct {
	Suite    string // folder below suites
	Function string
	Words    string   // what its Describe says; an ellipsis for each value that a variant fills in
	Labels   []string // of all variants
	Steps    []string // the texts of its Its
	Faults   []string // by their names in the catalogue of faults

	words *regexp.Regexp // matches the name of each variant
}

var number = regexp.MustCompile(`^S[0-9]{2}$`)

// Numbers are the numbers of the contract that the scenario stands for.
func (s Scenario) Numbers() []string {
	return slices.DeleteFunc(slices.Clone(s.Labels), func(label string) bool { return !number.MatchString(label) })
}

// Scenarios reads the suites of a module from its folder.
func Scenarios(module string) ([]Scenario, error) {
	files, err := filepath.Glob(filepath.Join(module, "suites", "*", "*.go"))
	if err != nil {
		return nil, fmt.Errorf("find the sources of the suites: %w", err)
	}
	var list []Scenario
	variants := map[string][]string{} // function -> labels that its variants are given
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return nil, fmt.Errorf("read a suite: %w", err)
		}
		suite := filepath.Base(filepath.Dir(path))
		if strings.HasSuffix(path, "_test.go") {
			given(file, suite, variants)
			continue
		}
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok || !function.Name.IsExported() {
				continue
			}
			if s, ok := scenario(suite, function); ok {
				list = append(list, s)
			}
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("there is no scenario in %s: run this in the module's folder", filepath.Join(module, "suites"))
	}
	for i := range list {
		list[i].Labels = append(list[i].Labels, variants[list[i].Suite+"."+list[i].Function]...)
		list[i].Labels = unique(list[i].Labels)
	}
	return list, nil
}

// scenario reads a function that returns the container of a scenario; ok is false for any other.
func scenario(suite string, function *ast.FuncDecl) (s Scenario, ok bool) {
	s = Scenario{Suite: suite, Function: function.Name.Name}
	texts := map[string]string{} // variable -> format
	ast.Inspect(function, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.AssignStmt:
			if format, is := formatted(n); is {
				texts[n.Lhs[0].(*ast.Ident).Name] = format
			}
		case *ast.CallExpr:
			switch called(n) {
			case "Describe":
				ok = true
				s.describe(n.Args[0], texts)
			case "Label":
				s.Labels = append(s.Labels, literals(n.Args)...)
			case "It":
				s.Steps = append(s.Steps, literals(n.Args[:1])...)
			default:
				maker := n.Fun
				if step, is := n.Fun.(*ast.SelectorExpr); is && step.Sel.Name == "DeclaresDownAfter" {
					maker = n.Args[0] // what makes the fault is handed over
				}
				if selected, is := maker.(*ast.SelectorExpr); is && identifier(selected.X) == "fault" {
					s.Faults = append(s.Faults, kebab(selected.Sel.Name))
				}
			}
		}
		return true
	})
	s.Faults = unique(s.Faults)
	return s, ok
}

var verb = regexp.MustCompile(`%[-+# 0-9.]*[a-zA-Z]`)

// describe takes the text of the container: a literal, or a variable that was made with a format.
func (s *Scenario) describe(text ast.Expr, formats map[string]string) {
	format := strings.Join(literals([]ast.Expr{text}), "")
	if format == "" {
		format = formats[identifier(text)]
	}
	s.Words = verb.ReplaceAllString(format, "…")
	pattern := regexp.QuoteMeta(s.Words)
	s.words = regexp.MustCompile("^" + strings.ReplaceAll(pattern, "…", ".+") + "$")
}

// formatted is the format of a variable that is set by fmt.Sprintf.
func formatted(n *ast.AssignStmt) (string, bool) {
	if len(n.Lhs) != 1 || len(n.Rhs) != 1 || identifier(n.Lhs[0]) == "" {
		return "", false
	}
	call, ok := n.Rhs[0].(*ast.CallExpr)
	if !ok {
		return "", false
	}
	selected, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || identifier(selected.X) != "fmt" || len(call.Args) == 0 {
		return "", false
	}
	format := literals(call.Args[:1])
	return strings.Join(format, ""), len(format) == 1
}

// given notes the labels that a test file hands to the scenarios of its suite, for each variant.
func given(file *ast.File, suite string, variants map[string][]string) {
	ast.Inspect(file, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok {
			return true
		}
		if selected, is := call.Fun.(*ast.SelectorExpr); is && identifier(selected.X) == suite {
			name := suite + "." + selected.Sel.Name
			variants[name] = append(variants[name], literals(call.Args)...)
		}
		return true
	})
}

func called(call *ast.CallExpr) string { return identifier(call.Fun) }

func identifier(e ast.Expr) string {
	if i, ok := e.(*ast.Ident); ok {
		return i.Name
	}
	return ""
}

func literals(arguments []ast.Expr) (texts []string) {
	for _, argument := range arguments {
		if basic, ok := argument.(*ast.BasicLit); ok && basic.Kind == token.STRING {
			if text, err := strconv.Unquote(basic.Value); err == nil {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// kebab turns the name of a constructor into that of its fault: KillPE is kill-pe.
func kebab(name string) string {
	var out strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		begins := i > 0 && unicode.IsUpper(r) && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if begins {
			out.WriteByte('-')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

// unique keeps the first of each.
func unique(list []string) (kept []string) {
	for _, entry := range list {
		if !slices.Contains(kept, entry) {
			kept = append(kept, entry)
		}
	}
	return kept
}
