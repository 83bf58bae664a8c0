package toolkit

import (
	"context"
	"testing"

	"github.com/crossdc/failover/toolkit/streams"
)

func TestTracesOfPEsThatAreGoneAreNotKept(t *testing.T) {
	_, observed := startREST(t)
	m := observed.(*management)
	ctx := context.Background()
	if _, err := m.Job(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Trace(ctx, "31"); err != nil || m.traces["31"] == nil {
		t.Fatalf("a trace that was read is kept, to read only what is new: %v, %v", m.traces, err)
	}
	if _, err := m.Trace(ctx, "99"); err == nil || len(m.traces) != 1 {
		t.Errorf("a PE that is not listed has no trace: %v, %v", m.traces, err)
	}
	if _, err := m.Job(ctx); err != nil || m.traces["31"] == nil {
		t.Errorf("the PE is still listed: %v, %v", m.traces, err)
	}
	m.notePEs([]streams.PE{{Element: streams.Element{ID: "32"}}})
	if len(m.traces) != 0 {
		t.Errorf("traces of PEs that are gone: %v", m.traces)
	}
}
