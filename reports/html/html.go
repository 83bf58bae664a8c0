// Package html makes the page that people read: one self-contained file without any network access, readable without
// JavaScript (which only sorts and filters), in light, dark, on a phone and on paper. It is a pure function of the stored run
// and of the history.
package html

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/redact"
)

// Options of the page; the zero value is fine.
type Options struct {
	History  []history.Entry   // trends and overdue drills; without it the page leaves them out
	Problems []history.Problem // lines of the history that were skipped: the page says so
	// MoreProblems is how many more were skipped.
	MoreProblems int
	// Proven is when each scenario last proved anything, where History does not reach back as far; zero for never.
	Proven   map[string]time.Time
	Now      time.Time     // for what is overdue; the run's end, or its start, when zero
	Every    time.Duration // how often each drill is due; 90 days when zero
	Drills   []string      // scenario IDs that must be drilled even if no run ever had them
	Evidence []Evidence    // stored files with their hashes, for the audit sheet
	// Pages are those of other runs, as addresses relative to this page, by run ID: verdicts in the history lead to them.
	Pages  map[string]string
	Redact func(string) string
}

// HistoryRuns is how many runs of the history the page shows at most.
const HistoryRuns = 40

// Evidence is a stored file that the audit sheet vouches for.
type Evidence struct{ Name, SHA256 string }

var (
	//go:embed page.tmpl
	pageText string
	//go:embed style.css
	style string
	//go:embed script.js
	script string
)

var page = template.Must(template.New("page").Parse(pageText))

// policy lets the browser run nothing but the page's own style and script, and load nothing at all.
func policy() string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(script) + "; base-uri 'none'; form-action 'none'"
}

// Write writes the page. The error is the writer's.
func Write(w io.Writer, run model.Run, options Options) error {
	run = redact.Run(run, options.Redact)
	out := bufio.NewWriterSize(w, 64<<10)
	if err := page.Execute(out, viewOf(run, options)); err != nil {
		return fmt.Errorf("write the page of run %q: %w", run.ID, err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the page of run %q: %w", run.ID, err)
	}
	return nil
}
