package html

import (
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/internal/browser"
	"github.com/crossdc/failover/reports/internal/sample"
)

// TestNothingStandsBesideThePage: at no width, nor at 200 % (640 pixels of 1280), does one have to scroll sideways.
func TestNothingStandsBesideThePage(t *testing.T) {
	for _, name := range browser.Names() {
		t.Run(name, func(t *testing.T) {
			b := browser.Start(t, name)
			page := write(t, stored(t), richOptions(t))
			for _, width := range []int{390, 640, 1280} {
				b.Open(page, width)
				b.Unfold()
				if over := b.Eval(`String(document.documentElement.scrollWidth - innerWidth)`); !strings.HasPrefix(over, "-") && over != "0" {
					t.Errorf("at %d the page is %s pixels too wide", width, over)
				}
			}
		})
	}
}

// TestThousandsOpenSoon: in less than two seconds of a core, which is what counts on a machine that does other things too.
func TestThousandsOpenSoon(t *testing.T) {
	for _, name := range browser.Names() {
		t.Run(name, func(t *testing.T) {
			b := browser.Start(t, name)
			if b.Chromium {
				b.Call("Performance.enable", map[string]any{"timeDomain": "threadTicks"})
			}
			t.Logf("2,000 scenarios opened in %.0f ms", b.Open(write(t, sample.Many(2000, 5), Options{}), 1280))
			if !b.Chromium {
				return // it does not say what it used
			}
			for _, metric := range b.Call("Performance.getMetrics", map[string]any{})["metrics"].([]any) {
				m := metric.(map[string]any)
				if m["name"] != "TaskDuration" {
					continue
				}
				used := m["value"].(float64)
				t.Logf("with %.2f s of a core", used)
				if used > 2 {
					t.Errorf("%.2f s of a core, want at most 2", used)
				}
			}
		})
	}
}

// TestALinkIntoFoldedDetailsUnfoldsThem: an objective leads to its formula, which stands in the scenario's details.
func TestALinkIntoFoldedDetailsUnfoldsThem(t *testing.T) {
	for _, name := range browser.Names() {
		t.Run(name, func(t *testing.T) {
			b := browser.Start(t, name)
			b.Open(write(t, stored(t), Options{}), 1280)
			got := b.Eval(`new Promise((done) => { const link = [...document.querySelectorAll('#table a[href$="-formula"]')].pop(); const target = document.querySelector(link.hash);
				const before = target.closest("details").open; link.click(); setTimeout(() => { const at = target.getBoundingClientRect(); done(before + " " + target.closest("details").open + " " + (at.top >= 0 && at.bottom <= innerHeight)); }, 500); })`)
			if got != "false true true" {
				t.Errorf("open before, open after, in sight: %s", got)
			}
		})
	}
}
