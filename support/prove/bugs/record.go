package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"
)

// Marks of the table in a README; what stands between them is written anew.
const (
	recordBegins = "<!-- proven: go run ./support/prove/bugs -record support/prove/README.md -->"
	recordEnds   = "<!-- /proven -->"
)

// maxRecord bounds what a row of the record repeats of a step, in characters.
const maxRecord = 110

// record writes the results of the last full run into the file at path, between the marks.
func record(path, provePath string) error {
	raw, err := os.ReadFile(provePath)
	if err != nil {
		return fmt.Errorf("read the results (run make prove first): %w", err)
	}
	var results []result
	if err := json.Unmarshal(raw, &results); err != nil {
		return fmt.Errorf("read the results in %s: %w", provePath, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the file that the table goes to: %w", err)
	}
	replaced, err := between(string(text), rows(results))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(replaced), 0o644)
}

// between puts the table between the marks of a text.
func between(text, table string) (string, error) {
	before, rest, begins := strings.Cut(text, recordBegins)
	_, after, ends := strings.Cut(rest, recordEnds)
	if !begins || !ends {
		return "", errors.New("the marks of the table are missing: it needs the lines " + recordBegins + " and " + recordEnds)
	}
	return before + recordBegins + "\n" + table + recordEnds + after, nil
}

// rows is the table in Markdown: one row a bug, in the order of the run.
func rows(results []result) string {
	var b strings.Builder
	b.WriteString("| bug | caught by | what it said |\n|---|---|---|\n")
	for _, r := range results {
		bug, by, said := r.Switch, r.CaughtBy, plainWords(r.Said)
		at, level, _ := strings.Cut(r.At, " ")
		if at == senses {
			bug = "*ours:* " + bug
		}
		if level != "" {
			bug += " (" + level + ")"
		}
		if by == "" {
			by = "**nothing**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", bug, cell(by), cell(said))
	}
	return b.String()
}

// plainWords is the beginning of what a step said, up to where Gomega shows values.
func plainWords(said string) string {
	said, _, _ = strings.Cut(said, " Expected ")
	if utf8.RuneCountInString(said) > maxRecord {
		said = string([]rune(said)[:maxRecord]) + " .."
	}
	return said
}

// cell keeps a text in one cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", "/", "\n", " ", "<", "&lt;", ">", "&gt;").Replace(text)
}
