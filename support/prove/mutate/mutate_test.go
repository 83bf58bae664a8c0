package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestEveryKindIsPlanted(t *testing.T) {
	folder := t.TempDir()
	source := `package p

type T struct{ n int }

func (t *T) F(a, b int) bool {
	if a < b && b == 3 {
		t.n++
		t.add(a + 1)
		return true
	}
	t.n = a * b
	s := "x" + name()
	_ = s
	return false
}

func other() { panic("not asked for") }
`
	if err := os.WriteFile(filepath.Join(folder, "p.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := plants(folder, []string{"T.F"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range list {
		got = append(got, p.kind+": "+p.was+" -> "+p.is)
		planted, err := p.into()
		if err != nil || len(planted) != len(source)-len(p.was)+len(p.is) || string(planted) == source {
			t.Errorf("%s: %v\n%s", p, err, planted)
		}
	}
	for _, want := range []string{
		"compares otherwise: < -> <=", "compares otherwise: == -> !=", "and for or: && -> ||", "computes otherwise: + -> -", "computes otherwise: * -> /",
		"negates a condition: a < b && b == 3 -> !(a < b && b == 3)", "drops a statement: t.n++ -> ", "drops a statement: t.add(a + 1) -> ",
		"drops a statement: t.n = a * b -> ", "flips a result: true -> false", "flips a result: false -> true", "counts one more: 3 -> 4", "counts one more: 1 -> 2",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("not planted: %s", want)
		}
	}
	for _, p := range got {
		if strings.Contains(p, `"x"`) || strings.Contains(p, "panic") {
			t.Errorf("planted: %s", p)
		}
	}
	if _, err := plants(folder, []string{"T.G"}); err == nil || !strings.Contains(err.Error(), "T.G") {
		t.Errorf("a function that is not there: %v", err)
	}
}

func TestTheChoiceStaysWhenOtherCodeChanges(t *testing.T) {
	var all []plant
	for i := range 50 {
		all = append(all, plant{file: "f.go", function: "F" + strconv.Itoa(i%7), kind: counts, was: "1", is: "2", line: i, from: i})
	}
	first := order(all)
	for i := range all { // everything stands elsewhere, in another order of functions
		all[i].line, all[i].from = all[i].line+100, all[i].from+4000
	}
	again := order(append(all[49:], append([]plant{{file: "g.go", function: "G", kind: drops}}, all[:49]...)...))
	again = slices.DeleteFunc(again, func(p plant) bool { return p.file == "g.go" })
	for i := range first {
		if first[i].String() != again[i].String() {
			t.Errorf("%d: %s, and then %s", i, first[i], again[i])
		}
	}
	if sorted := slices.IsSortedFunc(first, func(a, b plant) int { return a.from - b.from }); sorted {
		t.Error("the choice is the order of the source")
	}
}

// The table names folders, functions and packages that exist, and enough faults.
func TestTheTableIsNotStale(t *testing.T) {
	t.Chdir(filepath.Join("..", "..", ".."))
	planted := 0
	var packages []string
	for _, r := range rows {
		list, err := plants(r.folder, r.functions)
		if err != nil || len(list) < r.share {
			t.Errorf("%s: %d faults of %d, %v", r.folder, len(list), r.share, err)
		}
		if len(r.tests) == 0 == (len(r.proofs) == 0) {
			t.Errorf("%s %v: it needs tests or proofs that notice", r.folder, r.functions)
		}
		planted += r.share
		packages = append(packages, r.tests...)
	}
	if planted < 120 {
		t.Errorf("only %d faults", planted)
	}
	if output, err := exec.Command("go", append([]string{"list"}, packages...)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// What a test notices is noticed, what nothing tests survives, what does not compile is none; the checkout stays as it is.
func TestFaultsAreNoticedOrSurvive(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":      "module example.org/p\n\ngo 1.26\n",
		"p/p.go":      "package p\n\nfunc Tested(a int) bool { return a < 3 }\n\nfunc Untested(a int) bool { return a > 3 }\n\nfunc Typed() string { x := \"a\"\n\ty := \"b\"\n\treturn x + y }\n",
		"p/p_test.go": "package p\n\nimport \"testing\"\n\nfunc TestP(t *testing.T) {\n\tif Tested(3) || !Tested(2) || Typed() != \"ab\" {\n\t\tt.Fail()\n\t}\n}\n",
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(folder)
	f := &field{folder: t.TempDir()}
	for function, want := range map[string]outcome{"Tested": noticed, "Untested": survived, "Typed": notCompiled} {
		list, err := plants("p", []string{function})
		if err != nil || len(list) == 0 {
			t.Fatal(list, err)
		}
		got, err := f.grow(t.Context(), row{folder: "p", tests: []string{"./p"}}, list[0])
		if err != nil || got != want {
			t.Errorf("%s: %v, want %v: %v", list[0], got, want, err)
		}
	}
}
