package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const head = `# support/prove/advice

` + "`go run ./support/prove/advice`" + ` (` + "`make advice-witness`" + `) lets the ordinary suites make trials on two emulated data centers and holds them against what
support/advise says of the same configuration, without a network between them. Brackets are 95 % intervals: of advice, by its
simulation error; of trials, by their number and by how exactly each was measured. They must overlap. With a handful of trials that is a
coarse check: it would see a bound that is wrong, and no small bias. Trials in which a value was not measured, or nobody could tell what happened
(inconclusive, not tested), are left out: on a busy machine those are many.

| configuration | scenario | what | advice | trials | how many (left out) | overlap |
|---|---|---|---|---|---|---|
`

// read is what is known from before; nothing is no error.
func read(folder string) (known []result, err error) {
	raw, err := os.ReadFile(filepath.Join(folder, "record.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the record: %w", err)
	}
	if err := json.Unmarshal(raw, &known); err != nil {
		return nil, fmt.Errorf("read the record %s: %w", filepath.Join(folder, "record.json"), err)
	}
	return known, nil
}

// write makes both forms of the record.
func write(folder string, known []result) error {
	raw, err := json.MarshalIndent(known, "", "  ")
	if err != nil {
		return fmt.Errorf("write the record: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("write the record: %w", err)
	}
	return errors.Join(
		os.WriteFile(filepath.Join(folder, "record.json"), append(raw, '\n'), 0o644),
		os.WriteFile(filepath.Join(folder, "README.md"), []byte(page(known)), 0o644))
}

func page(known []result) string {
	var b strings.Builder
	b.WriteString(head)
	rows, overlap := 0, 0
	for _, r := range known {
		for _, one := range r.Rows {
			rows++
			word := "**no**"
			switch {
			case one.TooFew:
				word = "too few trials"
			case one.Overlap:
				overlap, word = overlap+1, "yes"
			}
			unit := ""
			if one.Unit != "" {
				unit = " " + one.Unit
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s%s | %s%s | %d (%d) | %s |\n", r.Name, one.Scenario, one.What, span(one.Advised), unit, span(one.Measured), unit, one.Trials, one.LeftOut, word)
		}
	}
	fmt.Fprintf(&b, "\n%d of %d intervals overlap.\n\n", overlap, rows)
	for _, r := range known {
		fmt.Fprintf(&b, "* %s: %s; compared at commit `%s`\n", r.Name, r.Timing, r.Commit)
	}
	return b.String()
}
