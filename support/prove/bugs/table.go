package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// table prints one row per bug as it is proven.
type table struct {
	out  io.Writer
	wide int // of the first column
}

// maxSaid bounds the last column: prove.json has it all.
const maxSaid = 150

func newTable(out io.Writer, todo []proof) *table {
	t := &table{out: out, wide: len("switch")}
	for _, p := range todo {
		t.wide = max(t.wide, len(p.result(0).name()))
	}
	t.line("switch", "spec", "what it said")
	fmt.Fprintln(out, strings.Repeat("-", t.wide), "|", strings.Repeat("-", 12), "|", strings.Repeat("-", 40))
	return t
}

func (t *table) line(bug, spec, said string) {
	fmt.Fprintf(t.out, "%-*s | %-12s | %s\n", t.wide, bug, spec, said)
}

func (t *table) row(r result) {
	spec, said := r.control, r.Said
	if r.CaughtBy != "" {
		spec, _, _ = strings.Cut(r.CaughtBy, ":")
		_, step, _ := strings.Cut(r.CaughtBy, ": ")
		said = r.Verdict + " in \"" + step + "\": " + said
	}
	switch {
	case r.wrong != "":
		said = strings.TrimSuffix("NOT PROVEN: "+r.wrong+" ("+r.Verdict+"): "+said, ": ")
	case r.control != "":
		said = "passed: finds nothing where nothing is broken"
	}
	if r.Attempts > 1 {
		said = fmt.Sprintf("[attempt %d] %s", r.Attempts, said)
	}
	if utf8.RuneCountInString(said) > maxSaid {
		said = string([]rune(said)[:maxSaid]) + " .."
	}
	t.line(r.name(), spec, said)
}
