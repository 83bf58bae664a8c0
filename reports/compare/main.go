// Command compare puts two runs side by side, before and after a change of configuration, for instance: verdicts, times and
// loss of each scenario with what can be told from as many trials as there are, and what else differs.
//
//	go run ./reports/compare [-page file] A B
//
// A and B are folders of results or stored runs (run.json); A is before, B is after. It prints a table and writes a page. It exits
// 0 when nothing became worse, 1 when something did, and 2 when the runs cannot be read.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(arguments []string, out, complaints io.Writer) int {
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	flags.SetOutput(complaints)
	page := flags.String("page", "", "the page to write; by default compare.html in the folder of B; - for none")
	if err := flags.Parse(arguments); err != nil {
		return 2
	}
	if flags.NArg() != 2 {
		fmt.Fprintf(complaints, "compare: %q: give two runs, before and after: make compare A=<folder> B=<folder>\n", flags.Args())
		return 2
	}
	a, err := read(flags.Arg(0))
	if err != nil {
		fmt.Fprintln(complaints, "compare: A:", err)
		return 2
	}
	b, err := read(flags.Arg(1))
	if err != nil {
		fmt.Fprintln(complaints, "compare: B:", err)
		return 2
	}
	compared := compare(a, b)
	if err := table(out, compared); err != nil {
		fmt.Fprintln(complaints, "compare:", err)
		return 2
	}
	path := *page
	if path == "" {
		path = filepath.Join(folder(flags.Arg(1)), "compare.html")
	}
	if path != "-" {
		if err := write(path, compared); err != nil {
			fmt.Fprintln(complaints, "compare:", err)
			return 2
		}
		fmt.Fprintln(out, "\n"+path)
	}
	if compared.Worse > 0 {
		return 1
	}
	return 0
}

// read takes a folder of results or a stored run.
func read(path string) (model.Run, error) {
	info, err := os.Stat(path)
	if err != nil {
		return model.Run{}, fmt.Errorf("find a run: %w (give a folder of results, such as reports/out, or a run.json)", err)
	}
	if info.IsDir() {
		path = filepath.Join(path, store.RunFile)
	}
	return store.Read(path)
}

func folder(path string) string {
	if strings.HasSuffix(path, ".json") {
		return filepath.Dir(path)
	}
	return path
}
