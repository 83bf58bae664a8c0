package environment

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/toolkit/crossdc"
)

func storedReplica(t *testing.T) (folder, []byte) {
	t.Helper()
	f := folder{filepath.Join(t.TempDir(), "storage")}
	if err := os.Mkdir(f.path, 0o700); err != nil {
		t.Fatal(err)
	}
	content := crossdc.Marshal(crossdc.LittleEndian, &crossdc.Message{Type: crossdc.Snapshot, Count: 7, DataCenter: "dc1", Snapshot: bytes.Repeat([]byte("state "), 100), Origin: "2"})
	if err := os.WriteFile(f.file("dc1-2"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	return f, content
}

// Whatever has become of a replica, the toolkit reads no message in it, and it has its content back afterwards.
func TestNoCorruptReplicaIsAMessage(t *testing.T) {
	for _, how := range fault.Corruptions() {
		t.Run(string(how), func(t *testing.T) {
			f, content := storedReplica(t)
			for range 2 { // may be repeated
				if err := f.Corrupt(t.Context(), "dc1-2", how); err != nil {
					t.Fatal(err)
				}
			}
			made, err := os.ReadFile(f.file("dc1-2"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := crossdc.DecodeLenient(crossdc.LittleEndian, made); !errors.Is(err, crossdc.ErrOutOfBounds) {
				t.Errorf("%d bytes are still a message: %v", len(made), err)
			}
			if (how == fault.ZeroLength) != (len(made) == 0) {
				t.Errorf("%d bytes are left", len(made))
			}
			if is, err := f.Corrupted(t.Context(), "dc1-2"); err != nil || !is {
				t.Errorf("corrupted %t, %v", is, err)
			}
			for range 2 {
				if err := f.Restore(t.Context(), "dc1-2"); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := os.ReadFile(f.file("dc1-2")); err != nil || !bytes.Equal(got, content) {
				t.Errorf("restored are %d bytes of %d, %v", len(got), len(content), err)
			}
			if beside, _ := filepath.Glob(f.path + ".*"); len(beside) > 0 {
				t.Errorf("left behind: %v", beside)
			}
		})
	}
}

// What the toolkit has removed stays removed, and what it has written since stays as it is.
func TestAReplicaThatWasReplacedIsLeftAsItIs(t *testing.T) {
	f, _ := storedReplica(t)
	if err := f.Corrupt(t.Context(), "dc1-2", fault.Garbage); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.file("dc1-2"), []byte("newer"), 0o600); err != nil {
		t.Fatal(err)
	}
	if is, err := f.Corrupted(t.Context(), "dc1-2"); err != nil || is {
		t.Errorf("corrupted %t, %v", is, err)
	}
	if err := f.Restore(t.Context(), "dc1-2"); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(f.file("dc1-2")); string(got) != "newer" {
		t.Errorf("%q was put in the place of what was written since", got)
	}
	if err := f.Corrupt(t.Context(), "dc1-2", fault.Truncated); err == nil {
		t.Error("what is no message was taken for one")
	}
	if err := f.Corrupt(t.Context(), "dc1-9", fault.Garbage); err == nil {
		t.Error("a replica that is not there was corrupted")
	}
}
