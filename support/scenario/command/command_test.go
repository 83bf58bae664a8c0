package command

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const ours = "example.com/failover/support/scenario"

// tree writes a module with suites, other tests, and folders that the go command leaves out.
func tree(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	suite := "package x_test\n\nimport _ \"" + ours + "\"\n"
	for path, content := range map[string]string{
		"go.mod":                             "module example.com/ours\n",
		"suites/outage/outage_suite_test.go": suite,
		"suites/link cut/cut_test.go":        suite,
		"suites/unit/unit_test.go":           "package unit\n\nimport _ \"testing\"\n",
		"suites/slow/slow_test.go":           "//go:build slow\n\n" + suite,
		"suites/code/code.go":                "package code\n\nimport _ \"" + ours + "\"\n",
		"suites/testdata/bad/bad_test.go":    suite,
		"suites/_old/old_test.go":            suite,
		"suites/other/go.mod":                "module example.com/other\n",
		"suites/other/other_test.go":         suite,
		"compiled/outage.test":               "",
	} {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestSuitesThatACommandIsToRun(t *testing.T) {
	root := tree(t)
	all := []string{"suites/link cut", "suites/outage"}
	for _, c := range []struct {
		name      string
		folder    string
		arguments []string
		want      []string
	}{
		{"ginkgo below a folder", "", []string{"/cache/ginkgo", "--keep-going", "--label-filter=S03", "./suites/..."}, all},
		{"a flag's value is no place", "", []string{"ginkgo", "--label-filter", "S03", "./suites/..."}, all},
		{"recursive from here", "suites", []string{"ginkgo", "-r"}, all},
		{"just here", "suites/outage", []string{"ginkgo", "-v"}, []string{"suites/outage"}},
		{"go test", "", []string{"/usr/local/go/bin/go", "test", "-count=1", "./...", "-args", "./suites/unit"}, all},
		{"two folders, one of them none of ours", "", []string{"ginkgo", "suites/outage", "suites/unit"}, []string{"suites/outage"}},
		{"skipped packages", "", []string{"ginkgo", "--skip-package=link,unit", "./..."}, []string{"suites/outage"}},
		{"build tags", "", []string{"ginkgo", "--tags=slow", "./..."}, []string{"suites/link cut", "suites/outage", "suites/slow"}},
		{"compiled", "", []string{"ginkgo", "compiled/outage.test"}, []string{"compiled/outage.test"}},
		{"another command", "", []string{"/bin/sh", "-c", "./outage.test", "./suites/..."}, nil},
		{"go, but no test", "", []string{"go", "run", "./suites/..."}, nil},
		{"nothing known", "", nil, nil},
		{"a folder that is not there", "", []string{"ginkgo", "./suits/..."}, nil},
	} {
		var want []string
		for _, folder := range c.want {
			want = append(want, filepath.Join(root, folder))
		}
		if got := (Line{Arguments: c.arguments, Folder: filepath.Join(root, c.folder)}).Suites(ours); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", c.name, got, want)
		}
	}
}

func TestACommandLineIsReadFromTheProcess(t *testing.T) {
	line, err := Of(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(line.Arguments, os.Args) || line.Folder != folder {
		t.Errorf("%q in %s, want %q in %s", line.Arguments, line.Folder, os.Args, folder)
	}
	if _, err := Of(1 << 30); err == nil {
		t.Error("a process that is not there has a command line")
	}
}

func TestFlagsOfACommand(t *testing.T) {
	line := Line{Arguments: []string{"ginkgo", "--seed=5", "-p", "--tags", "a,b"}}
	for flag, want := range map[string]bool{"seed": true, "p": true, "see": false, "r": false} {
		if line.Gives(flag) != want {
			t.Errorf("%s given: %t, want %t", flag, !want, want)
		}
	}
	if got := line.value("tags"); got != "a,b" {
		t.Errorf("tags %q", got)
	}
}

func TestWhichCommandsStopAtAFailure(t *testing.T) {
	for _, c := range []struct {
		arguments []string
		want      bool
	}{
		{[]string{"/cache/ginkgo", "./suites/..."}, true},
		{[]string{"/cache/ginkgo", "--keep-going", "./suites/..."}, false},
		{[]string{"/usr/local/go/bin/go", "test", "./..."}, false},
		{nil, false},
	} {
		if got := (Line{Arguments: c.arguments}).StopsAtFailure(); got != c.want {
			t.Errorf("%q: %v, want %v", c.arguments, got, c.want)
		}
	}
}
