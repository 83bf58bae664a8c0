// Package command finds out what the command that started a suite was going to run: ginkgo and "go test" run every suite in
// a process of its own and own the exit code, so that a suite which never began can only be missed by the others. It reads
// the command line of the parent process and looks for suites where that points to.
//
// It imports nothing of ours.
package command

import (
	"bytes"
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Line is the command line of a process and the folder that it was started in.
type Line struct {
	Arguments []string
	Folder    string
}

// Of reads the command line of a process (proc(5)).
func Of(process int) (Line, error) {
	folder := fmt.Sprintf("/proc/%d", process)
	raw, err := os.ReadFile(filepath.Join(folder, "cmdline"))
	if err != nil {
		return Line{}, fmt.Errorf("read the command that started this suite: %w", err)
	}
	cwd, err := os.Readlink(filepath.Join(folder, "cwd"))
	if err != nil {
		return Line{}, fmt.Errorf("find the folder of the command that started this suite: %w", err)
	}
	var arguments []string
	for argument := range bytes.SplitSeq(bytes.TrimSuffix(raw, []byte{0}), []byte{0}) {
		arguments = append(arguments, string(argument))
	}
	return Line{Arguments: arguments, Folder: cwd}, nil
}

// Gives reports whether the command was given a flag, with one hyphen or two.
func (l Line) Gives(flag string) bool {
	return slices.ContainsFunc(l.Arguments, func(argument string) bool {
		name, _, _ := strings.Cut(argument, "=")
		return name == "-"+flag || name == "--"+flag
	})
}

// StopsAtFailure reports whether the command runs no further suite after one that failed: ginkgo does so unless it is told to
// keep going, the go command never does.
func (l Line) StopsAtFailure() bool {
	return len(l.Arguments) > 0 && filepath.Base(l.Arguments[0]) == "ginkgo" && !l.Gives("keep-going")
}

// value of a flag, given with "=" or as the next argument.
func (l Line) value(flag string) string {
	for i, argument := range l.Arguments {
		name, value, joined := strings.Cut(argument, "=")
		switch {
		case name != "-"+flag && name != "--"+flag:
		case joined:
			return value
		case i+1 < len(l.Arguments):
			return l.Arguments[i+1]
		}
	}
	return ""
}

// Suites returns the folders of the suites that the command was to run, absolute and sorted, and the compiled suites that
// it was given by file: those whose test files import the package with the given path. It is empty for a command that is
// neither ginkgo nor "go test". A path that is an argument but no folder is left out, and so is what only Go's own
// resolution of import paths could find.
func (l Line) Suites(importing string) []string {
	if !l.runsSuites() {
		return nil
	}
	context := build.Default
	if tags := l.value("tags"); tags != "" {
		context.BuildTags = strings.Split(tags, ",")
	}
	skip := strings.FieldsFunc(l.value("skip-package"), func(r rune) bool { return r == ',' })
	var found []string
	add := func(folder string) {
		skipped := slices.ContainsFunc(skip, func(part string) bool { return strings.Contains(folder, part) })
		if !skipped && !slices.Contains(found, folder) && isSuite(context, folder, importing) {
			found = append(found, folder)
		}
	}
	places := 0
	for _, argument := range l.Arguments[1:] {
		if argument == "-args" || argument == "--args" || argument == "--" {
			break
		}
		if strings.HasPrefix(argument, "-") {
			continue
		}
		path, recursive := strings.CutSuffix(argument, "/...")
		if argument == "..." {
			path, recursive = ".", true
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(l.Folder, path)
		}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			continue
		case !info.IsDir():
			if filepath.Ext(path) == ".test" {
				places++
				found = append(found, path)
			}
			continue
		}
		places++
		if recursive || l.recursive() {
			below(path, add)
		} else {
			add(path)
		}
	}
	if places == 0 {
		if l.recursive() {
			below(l.Folder, add)
		} else {
			add(l.Folder)
		}
	}
	slices.Sort(found)
	return found
}

func (l Line) runsSuites() bool {
	if len(l.Arguments) == 0 {
		return false
	}
	switch filepath.Base(l.Arguments[0]) {
	case "ginkgo":
		return true
	case "go":
		return len(l.Arguments) > 1 && l.Arguments[1] == "test"
	}
	return false
}

func (l Line) recursive() bool { return l.Gives("r") || l.Gives("recurse") }

// below visits a folder and all folders in it that the go command counts as part of ./...
func below(root string, visit func(string)) {
	_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrPermission):
			return fs.SkipDir // the command cannot look into it either
		case err != nil || !entry.IsDir():
			return nil
		}
		name := entry.Name()
		if path != root {
			_, err := os.Stat(filepath.Join(path, "go.mod")) // a module of its own
			if name == "testdata" || name == "vendor" || name[0] == '.' || name[0] == '_' || err == nil {
				return fs.SkipDir
			}
		}
		visit(path)
		return nil
	})
}

// isSuite reports whether the tests of a folder import the package.
func isSuite(context build.Context, folder, importing string) bool {
	pkg, err := context.ImportDir(folder, 0)
	var none *build.NoGoError
	if err != nil && !errors.As(err, &none) || pkg == nil {
		return false
	}
	return slices.Contains(pkg.TestImports, importing) || slices.Contains(pkg.XTestImports, importing)
}
