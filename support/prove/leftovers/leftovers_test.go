package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/crossdc/failover/support/fault"
)

// TestEveryFaultByURLIsKilled: what needs no processes has at least one run that dies; the control breaks nothing.
func TestEveryFaultByURLIsKilled(t *testing.T) {
	killed := map[string]bool{}
	for _, v := range victims {
		killed[v.fault] = true
	}
	needProcesses := map[string]bool{"crash": true, "kill-pe": true, "hang": true, "hang-application": true, "stop-service": true, "reorder": true, "duplicate": true, "corrupt": true, "lose-storage": true, "fill-storage": true, "deny-storage": true, "stall-storage": true, "hang-storage": true, "corrupt-replica": true, "stop-database": true, "hold-database": true, "clock-step": true}
	for _, kind := range fault.Kinds() {
		if byURL := kind.Name != "no-op" && !needProcesses[kind.Name]; byURL != slices.Contains(busyFaults, kind.Name) {
			t.Errorf("%s: available by URL %t, tried through the proxy %t", kind.Name, byURL, !byURL)
		}
		if kind.Name != "no-op" && killed[kind.Name] == needProcesses[kind.Name] {
			t.Errorf("%s: killed %t, needs processes %t", kind.Name, killed[kind.Name], needProcesses[kind.Name])
		}
	}
}

// A journal that cannot be read may hold a fault open.
func TestAJournalThatCannotBeReadIsNotEmpty(t *testing.T) {
	folder := t.TempDir()
	journals := fault.Journals{Folder: folder}
	if list, err := open(journals); err != nil || len(list) > 0 {
		t.Errorf("no journal: %v %v", list, err)
	}
	// A link to itself can be opened by nobody, root included.
	loop := filepath.Join(folder, "embedded-1")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	if list, err := open(fault.Journals{Folder: loop}); err == nil {
		t.Errorf("a folder that cannot be read: %v", list)
	}
}
