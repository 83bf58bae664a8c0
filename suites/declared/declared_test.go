package declared_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crossdc/failover/suites/declared"
)

func TestTheShippedFilesAreRead(t *testing.T) {
	list, err := declared.Shipped()
	if err != nil || len(list) < 6 {
		t.Fatalf("%d scenarios, %v", len(list), err)
	}
	faults := map[string]bool{}
	two := false
	for _, s := range list {
		for _, f := range s.Faults {
			faults[f.Kind] = true
		}
		two = two || len(s.Faults) == 2
	}
	for _, want := range []string{"partition", "cancel-job", "stop-instance", "degrade", "orderly-shutdown"} {
		if !faults[want] {
			t.Errorf("no scenario with %s", want)
		}
	}
	if !two {
		t.Error("no scenario with two faults")
	}
}

func TestATeamsOwnFolderIsRead(t *testing.T) {
	folder := t.TempDir()
	if list, err := declared.Own(""); len(list) != 0 || err != nil {
		t.Errorf("%v, %v", list, err)
	}
	if err := os.WriteFile(filepath.Join(folder, "own.yaml"), []byte("id: T1\nwords: Ours\nfaults: [{fault: crash, target: dc9}]\nchecks: [declares-down dc2]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := declared.Own(folder); err == nil || !strings.Contains(err.Error(), `own.yaml:3: faults/0/target: "dc9"; want dc1 or dc2`) {
		t.Errorf("%v", err)
	}
}
