package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/crossdc/failover/reports/internal/browser"
)

// TestThePageOfTwoRunsInBrowsers: nothing stands beside it on a phone, and axe-core finds no violation, in dark colors neither.
func TestThePageOfTwoRunsInBrowsers(t *testing.T) {
	before, after := of("before", trials(100, 101, 102, 103, 104, 105)...), of("after", trials(130, 131, 132, 133, 134, 135)...)
	after.Environment.Toolkit = map[string]string{"heartbeatExchangeInterval": "40"}
	path := filepath.Join(t.TempDir(), "compare.html")
	if err := write(path, compare(before, after)); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range browser.Names() {
		for _, dark := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, dark %v", name, dark), func(t *testing.T) {
				source := browser.Axe(t)
				b := browser.StartIn(t, name, dark)
				for _, width := range []int{1280, 390} {
					b.Open(string(page), width)
					if over := b.Eval(`String(document.documentElement.scrollWidth > innerWidth)`); over != "false" {
						t.Errorf("at %d something stands beside the page", width)
					}
					b.Load(source)
					b.Violations(fmt.Sprintf("%s at %d", name, width))
				}
			})
		}
	}
}
