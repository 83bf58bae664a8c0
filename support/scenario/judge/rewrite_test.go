package main

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/crossdc/failover/support/scenario/record"
)

// rewrite puts a changed scenario in place behind the record's back: its digests stay those of the original.
func rewrite(t *testing.T, path string, s record.Stored) {
	t.Helper()
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
}
