// Show prints the table of results of a run, from its results folder:
//
//	go run ./reports/show [folder]
//
// It exits 0 when everything passed (known hazards count as passed), 1 when something failed or proved nothing, and 2
// when there are no results to show.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/reports/summary"
)

func main() {
	folder := filepath.Join("reports", "out")
	if len(os.Args) > 1 {
		folder = os.Args[1]
	}
	os.Exit(show(os.Stdout, os.Stderr, folder))
}

func show(out, problems io.Writer, folder string) int {
	run, err := store.Folder{Dir: folder}.Current()
	if err != nil {
		fmt.Fprintf(problems, "show the results in %s: %v; run the suites first\n", folder, err)
		return 2
	}
	if err := summary.WriteTable(out, run, look(out, store.Folder{Dir: folder})); err != nil {
		fmt.Fprintln(problems, "show the results:", err)
		return 2
	}
	worst := summary.Worst(run)
	if worst.Left() {
		return 1 // nothing ran, which is no pass
	}
	return worst.ExitCode()
}

// look is colored and as wide as the terminal on a terminal, and plain text anywhere else.
func look(out io.Writer, folder store.Folder) summary.Look {
	file, ok := out.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return summary.Fit(folder.Paths(), false)
	}
	info, err := file.Stat()
	return summary.Fit(folder.Paths(), err == nil && info.Mode()&os.ModeCharDevice != 0)
}
