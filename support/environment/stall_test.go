package environment

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func stalledFolder(t *testing.T) (folder, []byte) {
	t.Helper()
	f := folder{filepath.Join(t.TempDir(), "storage")}
	if err := os.Mkdir(f.path, 0o700); err != nil {
		t.Fatal(err)
	}
	content := bytes.Repeat([]byte("replica "), 100_000) // more than a pipe holds
	if err := os.WriteFile(f.file("dc1-2"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	return f, content
}

func isStalled(t *testing.T, f folder, want bool) {
	t.Helper()
	if got, err := f.Stalled(t.Context(), "dc1-2"); err != nil || got != want {
		t.Fatalf("stalled %t, %v; want %t", got, err, want)
	}
}

// Who waits is handed the content that the replica had, and who comes later reads it as ever.
func TestAReaderOfAStalledReplicaWaitsForItsContent(t *testing.T) {
	f, content := stalledFolder(t)
	for range 2 { // may be repeated
		if err := f.Stall(t.Context(), "dc1-2"); err != nil {
			t.Fatal(err)
		}
		isStalled(t, f, true)
	}
	read := make(chan []byte)
	go func() {
		got, _ := os.ReadFile(f.file("dc1-2"))
		read <- got
	}()
	select {
	case <-read:
		t.Fatal("read although it is stalled")
	case <-time.After(100 * time.Millisecond):
	}
	for range 2 {
		if err := f.Flow(t.Context(), "dc1-2"); err != nil {
			t.Fatal(err)
		}
		isStalled(t, f, false)
	}
	if got := <-read; !bytes.Equal(got, content) {
		t.Errorf("who waited has read %d bytes of %d", len(got), len(content))
	}
	if got, err := os.ReadFile(f.file("dc1-2")); err != nil || !bytes.Equal(got, content) {
		t.Errorf("afterwards: %d bytes, %v", len(got), err)
	}
	if left, err := os.ReadDir(filepath.Dir(f.path)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// What the toolkit removed stays away: an old replica must not come back.
func TestAStalledReplicaThatWasRemovedStaysAway(t *testing.T) {
	f, _ := stalledFolder(t)
	if err := f.Stall(t.Context(), "dc1-2"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(f.file("dc1-2")); err != nil {
		t.Fatal(err)
	}
	isStalled(t, f, false)
	if err := f.Flow(t.Context(), "dc1-2"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(f.file("dc1-2")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is back: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(f.path)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAReplicaThatIsNotThereCannotBeStalled(t *testing.T) {
	f, _ := stalledFolder(t)
	if err := f.Stall(t.Context(), "dc1-9"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
