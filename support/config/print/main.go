// Print lists every setting (CROSSDC_*) with its unit and default: what "make config" shows.
package main

import (
	"fmt"
	"os"

	"github.com/crossdc/failover/support/config"
)

func main() {
	if err := config.Print(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "print the settings:", err)
		os.Exit(1)
	}
}
