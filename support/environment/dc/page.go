package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/crossdc/failover/support/environment"
)

// printPage tells a person everything that is needed to look around, and to aim a run at the two data centers.
func printPage(w io.Writer, doors [2]environment.Door, exports []environment.Setting, showPassword bool) error {
	var page strings.Builder
	for _, door := range doors {
		fmt.Fprintf(&page, "\n%s\n  management     %s\n  data exchange  %s\n  metrics        %s\n  user           %s\n  password file  %s\n",
			door.Name, door.Root, door.Data, door.Metrics, door.User, door.PasswordFile)
		if showPassword {
			password, err := os.ReadFile(door.PasswordFile)
			if err != nil {
				return fmt.Errorf("show the password of %s: %w", door.Name, err)
			}
			fmt.Fprintf(&page, "  password       %s\n", strings.TrimSpace(string(password)))
		}
		fmt.Fprintf(&page, "  authority      %s\n  toolkit        %s\n", door.CAFile, door.ToolkitHost)
	}
	page.WriteString("\nTo aim a run at them from another terminal:\n")
	for _, e := range exports {
		fmt.Fprintf(&page, "  export %s=%s\n", e.Name, quoted(e.Value))
	}
	page.WriteString("  go tool ginkgo --label-filter=S08 ./suites/outage\n\nTo look around:\n")
	for _, line := range curls(doors[0]) {
		page.WriteString("  " + line + "\n")
	}
	page.WriteString("\nCtrl-C ends both and leaves nothing.\n")
	if _, err := io.WriteString(w, page.String()); err != nil {
		return fmt.Errorf("print how the data centers are reached: %w", err)
	}
	return nil
}

// curls are three calls to try. The password stays in its file.
func curls(door environment.Door) []string {
	curl := fmt.Sprintf(`curl -sS --cacert %s -u "%s:$(cat %s)" `, quoted(door.CAFile), door.User, quoted(door.PasswordFile))
	return []string{
		curl + quoted(door.Root),
		curl + quoted(strings.TrimSuffix(door.Root, "/resources")+"/instances/"+door.Instance+"/jobs"),
		curl + quoted(door.Metrics),
	}
}

// quoted makes a value safe for a shell.
func quoted(value string) string {
	if value != "" && strings.Trim(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+=,") == "" {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
