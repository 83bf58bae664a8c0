package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// plant is one fault that can be planted into a source file: bytes of it are replaced.
type plant struct {
	file     string // path
	function string // name, with the receiver's type as in Drill.Heal
	line     int
	kind     string // what is done: one of the kinds below
	was, is  string // source
	from, to int    // byte offsets of was
}

// Kinds of planted faults. Each is a slip that compiles: what a reviewer overlooks.
const (
	compares = "compares otherwise"
	joins    = "and for or"
	computes = "computes otherwise"
	negates  = "negates a condition"
	drops    = "drops a statement"
	flips    = "flips a result"
	counts   = "counts one more"
)

// swapped are the operators that take each other's place.
var swapped = map[token.Token]struct {
	by   token.Token
	kind string
}{
	token.LSS: {token.LEQ, compares}, token.LEQ: {token.LSS, compares}, token.GTR: {token.GEQ, compares}, token.GEQ: {token.GTR, compares},
	token.EQL: {token.NEQ, compares}, token.NEQ: {token.EQL, compares},
	token.LAND: {token.LOR, joins}, token.LOR: {token.LAND, joins},
	token.ADD: {token.SUB, computes}, token.SUB: {token.ADD, computes}, token.MUL: {token.QUO, computes}, token.QUO: {token.MUL, computes},
}

// plants lists every fault that can be planted into the functions of a folder's sources, without its tests, in the order of
// the sources. No names means all functions. A name that no function has is an error: the table would have gone stale.
func plants(folder string, functions []string) ([]plant, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, fmt.Errorf("list the sources of %s: %w", folder, err)
	}
	var list []plant
	missing := slices.Clone(functions)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read a source to plant faults into: %w", err)
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, path, source, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("parse a source to plant faults into: %w", err)
		}
		for _, d := range tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			name := named(f)
			if len(functions) > 0 && !slices.Contains(functions, name) {
				continue
			}
			missing = slices.DeleteFunc(missing, func(m string) bool { return m == name })
			in := site{set: set, source: source, path: path, function: name}
			ast.Inspect(f.Body, in.visit)
			list = append(list, in.found...)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%s has no function %s", folder, strings.Join(missing, ", "))
	}
	return list, nil
}

func named(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	of := f.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if indexed, ok := of.(*ast.IndexExpr); ok {
		of = indexed.X
	}
	if id, ok := of.(*ast.Ident); ok {
		return id.Name + "." + f.Name.Name
	}
	return f.Name.Name
}

// site gathers the faults of one function.
type site struct {
	set      *token.FileSet
	source   []byte
	path     string
	function string
	found    []plant
}

func (s *site) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if by, ok := swapped[n.Op]; ok && !text(n) {
			s.put(by.kind, n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), by.by.String())
		}
	case *ast.IfStmt:
		if !failed(n.Cond) {
			s.put(negates, n.Cond.Pos(), n.Cond.End(), "!("+s.text(n.Cond.Pos(), n.Cond.End())+")")
		}
	case *ast.ExprStmt:
		if _, call := n.X.(*ast.CallExpr); call && !unseen(n.X) {
			s.put(drops, n.Pos(), n.End(), "")
		}
	case *ast.IncDecStmt:
		s.put(drops, n.Pos(), n.End(), "")
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			s.put(drops, n.Pos(), n.End(), "")
		}
	case *ast.ReturnStmt:
		for _, r := range n.Results {
			if id, ok := r.(*ast.Ident); ok && (id.Name == "true" || id.Name == "false") {
				s.put(flips, id.Pos(), id.End(), strconv.FormatBool(id.Name == "false"))
			}
		}
	case *ast.BasicLit:
		if n.Kind == token.INT {
			if v, err := strconv.Atoi(n.Value); err == nil {
				s.put(counts, n.Pos(), n.End(), strconv.Itoa(v+1))
			}
		}
	}
	return true
}

// text tells a sum of texts, which has no difference.
func text(n *ast.BinaryExpr) bool {
	for _, side := range []ast.Expr{n.X, n.Y} {
		if lit, ok := side.(*ast.BasicLit); ok && lit.Kind == token.STRING && n.Op == token.ADD {
			return true
		}
		if b, ok := side.(*ast.BinaryExpr); ok && text(b) {
			return true
		}
	}
	return false
}

// failed tells "err != nil": what happens when something else breaks is not what is looked for here.
func failed(cond ast.Expr) bool {
	b, ok := cond.(*ast.BinaryExpr)
	if !ok {
		return false
	}
	x, left := b.X.(*ast.Ident)
	y, right := b.Y.(*ast.Ident)
	return left && right && x.Name == "err" && y.Name == "nil"
}

// unseen tells calls that change only what is printed or locked: dropping them is seen by the race detector, by people, or
// by a test that hangs, and not by an assertion.
func unseen(x ast.Expr) bool {
	call, ok := x.(*ast.CallExpr)
	if !ok {
		return false
	}
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	return slices.Contains([]string{"Lock", "Unlock", "RLock", "RUnlock", "GinkgoHelper", "Helper", "progress", "panic"}, name)
}

func (s *site) put(kind string, from, to token.Pos, is string) {
	a, b := s.set.Position(from), s.set.Position(to)
	s.found = append(s.found, plant{
		file: s.path, function: s.function, line: a.Line, kind: kind,
		was: string(s.source[a.Offset:b.Offset]), is: is, from: a.Offset, to: b.Offset,
	})
}

func (s *site) text(from, to token.Pos) string {
	return string(s.source[s.set.Position(from).Offset:s.set.Position(to).Offset])
}

// into is the source with the fault in it.
func (p plant) into() ([]byte, error) {
	source, err := os.ReadFile(p.file)
	if err != nil {
		return nil, fmt.Errorf("plant a fault: %w", err)
	}
	if string(source[p.from:p.to]) != p.was {
		return nil, fmt.Errorf("%s changed while faults were planted", p.file)
	}
	return slices.Concat(source[:p.from], []byte(p.is), source[p.to:]), nil
}

// String names the fault for people and for the table of survivors.
func (p plant) String() string {
	was, is := strings.Join(strings.Fields(p.was), " "), strings.Join(strings.Fields(p.is), " ")
	if is == "" {
		is = "nothing"
	}
	return fmt.Sprintf("%s %s: %s: %s -> %s", filepath.ToSlash(p.file), p.function, p.kind, was, is)
}
