package ssh

import (
	"errors"
	"strings"
)

// quote makes one line of an argument vector that a POSIX shell splits into exactly these arguments again: SSH carries lines, and the
// account's shell reads them.
func quote(argv []string) (string, error) {
	if len(argv) == 0 || argv[0] == "" {
		return "", errors.New("there is no command")
	}
	quoted := make([]string, len(argv))
	for i, argument := range argv {
		if strings.ContainsRune(argument, 0) {
			return "", errors.New("an argument of the command holds a NUL")
		}
		quoted[i] = "'" + strings.ReplaceAll(argument, "'", `'\''`) + "'"
	}
	return strings.Join(quoted, " "), nil
}
