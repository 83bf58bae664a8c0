package architecture

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layout is the top level of the repository, dot-files aside.
var layout = []string{"LICENSE", "Makefile", "README.md", "fixtures", "go.mod", "go.sum", "reports", "suites", "support", "toolkit"}

// A program that "go build" left beside the sources is easily committed with them.
func TestNothingElseStandsInTheRepository(t *testing.T) {
	root := filepath.Join("..", "..")
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); !strings.HasPrefix(name, ".") && !slices.Contains(layout, name) {
			t.Errorf("%s stands at the top level, which is %v", name, layout)
		}
	}
	looked := 0
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && path != root && (strings.HasPrefix(name, ".") && name != ".." || path == filepath.Join(root, "reports", "out")) {
			return fs.SkipDir
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		looked++
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		begin := make([]byte, 4)
		if _, err := file.Read(begin); err == nil && bytes.Equal(begin, []byte("\x7fELF")) {
			t.Errorf("%s is a program, and no source", path)
		}
		return nil
	})
	if err != nil || looked < 100 {
		t.Errorf("%d files were looked at: %v", looked, err)
	}
}
