// Clear removes the results of earlier runs from a results folder, so that they cannot speak for a run that did not even
// start:
//
//	go run ./reports/clear [-all] [folder]
//
// It removes files that the suites wrote, each known by its name and by what stands in it; everything else stays. -all
// also removes what make bench and make prove wrote, and the folder if nothing else is in it. It exits 1, and removes
// nothing, when one of the reports would replace somebody else's file.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/crossdc/failover/reports/store"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "clear:", err)
		}
		os.Exit(1)
	}
}

func run(arguments []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("clear", flag.ContinueOnError)
	flags.SetOutput(stderr)
	all := flags.Bool("all", false, "also what make bench and make prove wrote, and the folder if it is empty then")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	folder := filepath.Join("reports", "out")
	switch flags.NArg() {
	case 0:
	case 1:
		folder = flags.Arg(0)
	default:
		return fmt.Errorf("want one folder, have %q; quote a path that holds spaces", flags.Args())
	}
	if folder == "" {
		return errors.New("the folder's path is empty; leave it out for reports/out")
	}
	clear := store.Clear
	if *all {
		clear = store.ClearAll
	}
	_, err := clear(folder)
	return err
}
