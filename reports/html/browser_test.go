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

// TestThousandsOpenSoon: ten times as many scenarios cost the browser about ten times as much, so that no part of the page grows with their
// square. How long 2,000 take is logged, because it depends on the machine; 2 s of a core are aimed at.
func TestThousandsOpenSoon(t *testing.T) {
	for _, name := range browser.Names() {
		t.Run(name, func(t *testing.T) {
			few, known := opened(t, name, 200)
			many, _ := opened(t, name, 2000)
			if known && many > 20*few {
				t.Errorf("2,000 scenarios took %.2f s of a core and 200 took %.2f s: more than twenty times as much for ten times as many", many, few)
			}
		})
	}
}

// TestRowsOfThousandsStandInTheirColumns: such a table is a grid of rows, of which the browser lays out those in sight. Columns are in line, nothing
// runs into its neighbor, and what is out of sight is found all the same.
func TestRowsOfThousandsStandInTheirColumns(t *testing.T) {
	for _, name := range browser.Names() {
		t.Run(name, func(t *testing.T) {
			b := browser.Start(t, name)
			b.Open(write(t, sample.Many(large+20, 5), Options{}), 1280)
			if wrong := b.Eval(`[...document.querySelectorAll("#table tbody tr:not([hidden])")].slice(0, 30).flatMap((row) => [...row.cells].map((cell, i) => {
				const head = document.querySelector("#table thead").rows[0].cells[i].getBoundingClientRect(), at = cell.getBoundingClientRect();
				return Math.abs(head.left - at.left) > 1 || cell.scrollWidth > cell.clientWidth + 1 ? row.dataset.for + "/" + i : ""; })).filter(Boolean).join(" ")`); wrong != "" {
				t.Errorf("not in their columns, or wider: %s", wrong)
			}
			last := `[...document.querySelectorAll("#table tbody tr:not([hidden])")].pop().querySelector("a")`
			if seen := b.Eval(`String(` + last + `.checkVisibility({ contentVisibilityAuto: true }))`); seen != "false" {
				t.Errorf("the last row is laid out although nobody sees it: %s", seen)
			}
			if found := b.Eval(`String(find(` + last + `.textContent))`); found != "true" {
				t.Errorf("find in page finds the last row: %s", found)
			}
			for _, width := range []int{390, 640} {
				b.Size(width)
				if over := b.Eval(`String(document.documentElement.scrollWidth - innerWidth)`); !strings.HasPrefix(over, "-") && over != "0" {
					t.Errorf("at %d the page is %s pixels too wide", width, over)
				}
			}
		})
	}
}

// opened is what it costs a browser to open a page of so many scenarios, in seconds of a core; Firefox does not say it.
func opened(t *testing.T, name string, scenarios int) (used float64, known bool) {
	t.Helper()
	b := browser.Start(t, name)
	if b.Chromium {
		b.Call("Performance.enable", map[string]any{"timeDomain": "threadTicks"})
	}
	t.Logf("%d scenarios opened in %.0f ms", scenarios, b.Open(write(t, sample.Many(scenarios, 5), Options{}), 1280))
	if !b.Chromium {
		return 0, false
	}
	for _, metric := range b.Call("Performance.getMetrics", map[string]any{})["metrics"].([]any) {
		m := metric.(map[string]any)
		if m["name"] == "TaskDuration" {
			used = m["value"].(float64)
			t.Logf("with %.2f s of a core", used)
			return used, true
		}
	}
	t.Error("the browser does not say what it used")
	return 0, false
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
