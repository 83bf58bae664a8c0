package html

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/internal/browser"
	"github.com/crossdc/failover/reports/internal/sample"
)

// TestNoViolationOfAccessibility asks axe-core about the page of 56 scenarios, and about everything unfolded of ten: at the width of
// a screen, of a screen at 200 %, of a phone, in dark colors and as printed.
func TestNoViolationOfAccessibility(t *testing.T) {
	for _, name := range browser.Names() {
		t.Run(name, func(t *testing.T) {
			source := browser.Axe(t)
			b := browser.Start(t, name)
			for _, c := range []struct {
				what, page string
				widths     []int
				unfolded   bool
			}{
				{"56 scenarios", write(t, stored(t), richOptions(t)), []int{1280, 390}, false},
				{"ten, unfolded", write(t, sample.Rich(), richOptions(t)), []int{1280, 640, 390}, true},
			} {
				b.Open(c.page, c.widths[0])
				if c.unfolded {
					b.Unfold()
				}
				b.Load(source)
				for _, width := range c.widths {
					b.Size(width)
					b.Violations(fmt.Sprintf("%s at %d", c.what, width))
				}
			}
			if b.Chromium { // Firefox prints, but shows no page as it would print it
				b.Size(1280)
				b.Media("print", "light")
				b.Violations("as printed")
			}
			dark := browser.StartIn(t, name, true)
			dark.Open(write(t, sample.Rich(), richOptions(t)), 1280)
			if got := dark.Eval(`getComputedStyle(document.body).backgroundColor`); got != "rgb(13, 17, 23)" {
				t.Fatalf("the background is %s: the page is not dark", got)
			}
			dark.Unfold()
			dark.Load(source)
			dark.Violations("dark")
		})
	}
}

// evidenceOf is as many files as a run of all suites leaves.
func evidenceOf(n int) (files []Evidence) {
	for i := range n {
		files = append(files, Evidence{fmt.Sprintf("suite-%d.json", i), strings.Repeat("0123456789abcdef", 4)})
	}
	return files
}

// pages counts the pages of a PDF, whose objects may be compressed.
func pages(raw []byte) int {
	n := len(pdfPage.FindAll(raw, -1))
	for at := 0; ; {
		start := bytes.Index(raw[at:], []byte("stream"))
		if start < 0 {
			return n
		}
		at += start + len("stream")
		r, err := zlib.NewReader(bytes.NewReader(bytes.TrimLeft(raw[at:], "\r\n")))
		if err != nil {
			continue
		}
		text, _ := io.ReadAll(io.LimitReader(r, 8<<20)) // what is no text ends early, and has no pages
		n += len(pdfPage.FindAll(text, -1))
	}
}

var pdfPage = regexp.MustCompile(`/Type\s*/Page\b[^s]`)

// TestACoreRunPrintsOnThreePages counts the pages of A4 that a run of seven scenarios takes, the audit sheet one of them.
func TestACoreRunPrintsOnThreePages(t *testing.T) {
	options := richOptions(t)
	options.Evidence = evidenceOf(13)
	page := write(t, core(t), options)
	for _, name := range browser.Names() {
		t.Run(name, func(t *testing.T) {
			b := browser.Start(t, name)
			b.Open(page, 1280)
			raw := b.Print()
			n := pages(raw)
			t.Logf("%d pages, %d bytes", n, len(raw))
			if n < 2 || n > 3 {
				t.Errorf("%d pages, want 2 or 3", n)
			}
		})
	}
}

// TestAScreenReaderIsToldTheAnswerFirst reads Chromium's accessibility tree from the top, as a screen reader gets it.
func TestAScreenReaderIsToldTheAnswerFirst(t *testing.T) {
	run := core(t)
	answer := answerOf(run, worstFirst(run.Scenarios))
	b := browser.Start(t, "chromium")
	b.Open(write(t, run, richOptions(t)), 1280)
	b.Unfold()
	b.Call("Accessibility.enable", map[string]any{})
	type node struct{ role, name string }
	var read []node
	of := func(n map[string]any, field string) string {
		value, _ := n[field].(map[string]any)
		text, _ := value["value"].(string)
		return text
	}
	for _, one := range b.Call("Accessibility.getFullAXTree", map[string]any{})["nodes"].([]any) {
		n := one.(map[string]any)
		if ignored, _ := n["ignored"].(bool); !ignored {
			read = append(read, node{of(n, "role"), of(n, "name")})
		}
	}
	answered, table, figures := -1, -1, 0
	links := map[string]bool{}
	for i, n := range read {
		switch n.role {
		case "heading":
			if answered < 0 {
				answered = i
				if n.name != answer {
					t.Errorf("the first heading is %q, not the answer %q", n.name, answer)
				}
			}
		case "table":
			if table < 0 {
				table = i
			}
		case "image":
			figures++
			if len(n.name) < 3 || strings.HasPrefix(n.name, "Failover of") && !strings.Contains(n.name, " served ") {
				t.Errorf("a figure says only %q", n.name)
			}
		case "link":
			links[n.name] = true
			if n.name == "" {
				t.Error("a link has no name")
			}
		case "button", "searchbox", "combobox", "DisclosureTriangle":
			if n.name == "" {
				t.Errorf("a %s has no name", n.role)
			}
		}
	}
	if answered < 0 || table < answered || figures < 10 || !links["To the results"] {
		t.Errorf("heading at %d, table at %d of %d nodes, %d figures, a link to the results: %v", answered, table, len(read), figures, links["To the results"])
	}
}

// TestEveryStopOfTheKeyboardIsOutlined focuses everything that can be, unfolded, as the keyboard does. Firefox shows no focus in a
// window that is not in front, as one without a screen never is.
func TestEveryStopOfTheKeyboardIsOutlined(t *testing.T) {
	b := browser.Start(t, "chromium")
	b.Open(write(t, core(t), richOptions(t)), 1280)
	b.Unfold()
	got := b.Eval(`(() => { const all = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")].filter((e) => e.getClientRects().length > 0);
		const bare = all.filter((e) => { e.focus({focusVisible: true}); const s = getComputedStyle(e); return document.activeElement !== e || s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2; });
		return all.length + " stops, bare: " + bare.slice(0, 3).map((e) => e.outerHTML.slice(0, 120)).join(" | "); })()`)
	t.Log(got)
	stops, bare, _ := strings.Cut(got, " stops, bare: ")
	if bare != "" || len(stops) < 2 {
		t.Errorf("%s stops; without an outline: %s", stops, bare)
	}
}
