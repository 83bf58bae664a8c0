package html

import (
	"bytes"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/internal/sample"
)

func TestAPageOfThousandsDrawsABoundedNumberOfTimelines(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, sample.Many(2000, 5), Options{}); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if got := strings.Count(page, `aria-label="Timeline"`); got == 0 || got > large {
		t.Errorf("%d timelines, want 1 to %d", got, large)
	}
	if !strings.Contains(page, "are in run.json") {
		t.Error("the page does not say where the rest is")
	}
	if b.Len() > 9<<20 {
		t.Errorf("%d bytes, want at most 9 MiB", b.Len())
	}
}

func TestAnInterruptedRunSaysSo(t *testing.T) {
	const note = "Somebody interrupted this run"
	run := sample.Rich()
	for _, interrupted := range []bool{true, false} {
		run.Interrupted = interrupted
		var b bytes.Buffer
		if err := Write(&b, run, Options{}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), note) != interrupted {
			t.Errorf("interrupted is %v, and the page does not say that", interrupted)
		}
	}
}
