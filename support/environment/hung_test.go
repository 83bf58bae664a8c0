package environment

import (
	"errors"
	"io/fs"
	"path/filepath"
	"testing"
)

func TestAStorageHangsUntilItIsLetGoOn(t *testing.T) {
	f := folder{filepath.Join(t.TempDir(), "storage")}
	is := func(want bool) {
		t.Helper()
		if got, err := f.Hung(t.Context()); err != nil || got != want {
			t.Fatalf("hung %t, %v; want %t", got, err, want)
		}
	}
	is(false)
	for range 2 { // may be repeated
		if err := f.Hang(t.Context()); err != nil {
			t.Fatal(err)
		}
		is(true)
	}
	for range 2 {
		if err := f.GoOn(t.Context()); err != nil {
			t.Fatal(err)
		}
		is(false)
	}
	nowhere := folder{filepath.Join(t.TempDir(), "missing", "storage")}
	if err := nowhere.Hang(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a storage that is nowhere: %v", err)
	}
}
