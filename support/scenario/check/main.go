// Check says, before anything is built, whether a run can begin with the settings in force: what "make run" and "make full" do
// first. It prints nothing and exits 0 when it can; else it prints what is wrong, leaves results that say that nothing was
// tested, and exits 1.
//
//	go run ./support/scenario/check
package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/record"
	"github.com/crossdc/failover/support/scenario/refusal"
)

func main() { os.Exit(check(os.Stderr)) }

func check(out io.Writer) int {
	started := time.Now()
	_, causes := refusal.Check()
	if len(causes) == 0 {
		return 0
	}
	fmt.Fprintf(out, "refused, nothing tested:\n")
	for _, cause := range causes {
		fmt.Fprintf(out, "  %s\n", cause.Sentence())
	}
	id := os.Getenv("CROSSDC_RUN_ID")
	if id == "" {
		var err error
		if id, err = record.RunID(); err != nil {
			fmt.Fprintln(out, err)
			return 1
		}
	}
	run := model.Run{Schema: model.SchemaVersion, ID: id, Suites: []string{"settings"}, Started: started}
	if err := refusal.Publish(refusal.Where(), run, causes); err != nil {
		fmt.Fprintln(out, err)
	}
	return 1
}
