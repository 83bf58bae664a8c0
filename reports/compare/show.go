package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"os"
	"strings"

	"github.com/crossdc/failover/reports/plain"
)

// columns is how wide the table is at most.
const columns = 100

// table prints the comparison for a terminal or a log: nothing but text, at most columns wide.
func table(w io.Writer, c comparison) error {
	var b strings.Builder
	fmt.Fprintf(&b, "A  %s of %s, %s\nB  %s of %s, %s\n\n", c.A.Run, c.A.When, c.A.Verdict, c.B.Run, c.B.When, c.B.Verdict)
	wrap(&b, "", c.sentence())
	if len(c.Conditions) > 0 {
		b.WriteString("\nConditions that differ\n")
		for _, d := range c.Conditions {
			wrap(&b, "  ", fmt.Sprintf("%s: %s -> %s", d.What, d.A, d.B))
		}
	}
	for _, r := range c.Scenarios {
		b.WriteString("\n")
		title := r.ID + " " + r.Name
		if r.Changed != same {
			title += ": " + r.Changed.String()
		}
		wrap(&b, "", title)
		switch {
		case r.A == "":
			wrap(&b, "  ", "only in B: "+r.B)
			continue
		case r.B == "":
			wrap(&b, "  ", "only in A: "+r.A)
			continue
		case r.A != r.B:
			wrap(&b, "  ", "verdict    "+r.A+" -> "+r.B)
		default:
			wrap(&b, "  ", "verdict    "+r.A)
		}
		for _, m := range r.Measures {
			wrap(&b, "  ", fmt.Sprintf("%-10s %s -> %s; %s", m.Name, m.A, m.B, m.Says))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// wrap breaks a line between words; what goes on is indented.
func wrap(b *strings.Builder, indent, text string) {
	for i, line := range plain.Fill(strings.Fields(text), columns-len(indent)-4) {
		if i > 0 {
			b.WriteString("    ")
		}
		b.WriteString(indent + line + "\n")
	}
}

//go:embed page.tmpl
var pageText string

var page = template.Must(template.New("compare").Parse(pageText))

// write makes the page: one file, offline, without a script.
func write(path string, c comparison) error {
	var b bytes.Buffer
	if err := page.Execute(&b, struct {
		comparison
		Sentence string
	}{c, c.sentence()}); err != nil {
		return fmt.Errorf("make the page: %w", err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}
