package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAJournalLivesInMemoryAndIsOursAlone(t *testing.T) {
	var fsys unix.Statfs_t
	onDisk := filepath.Join(t.TempDir(), "state")
	if err := unix.Statfs(filepath.Dir(onDisk), &fsys); err == nil && fsys.Type != unix.TMPFS_MAGIC {
		if _, err := openJournal(onDisk); err == nil || !strings.Contains(err.Error(), "not in memory-backed storage") {
			t.Errorf("a folder on a disk should be refused: %v", err)
		}
		if _, err := os.Stat(onDisk); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("what was refused should not stay: %v", err)
		}
	}
	open := stateFolder(t)
	if err := os.Mkdir(open, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := openJournal(open); err == nil || !strings.Contains(err.Error(), "only we may use") {
		t.Errorf("a folder that others may enter should be refused: %v", err)
	}
}

func TestTheJournalKeepsGoodRecordsBesideBadOnes(t *testing.T) {
	j, err := openJournal(stateFolder(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := j.write(&record{ID: "good", Holder: "a test"}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(j.file("bad"), []byte(`{"id":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(j.file("other"), []byte(`{"id":"good"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := j.all()
	if len(all) != 1 || all[0].ID != "good" || err == nil || !strings.Contains(err.Error(), "bad.json") || !strings.Contains(err.Error(), "other.json") {
		t.Errorf("%v, %v", all, err)
	}
	if _, err := j.read("../good"); err == nil {
		t.Error("an id must not lead out of the folder")
	}
}
