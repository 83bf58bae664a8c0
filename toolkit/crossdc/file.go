package crossdc

import "strings"

// lookup is readValueFromConfigFile: the value of the first line that matches the key, and the number of that line, 0 if
// there is none (toolkit contract 2.1). Only
// spaces are trimmed, so a TAB or the CR of a CRLF file stays in the value; empty tokens between '=' are dropped, so
// "key=" matches nothing and "key==v" does; more than two tokens match nothing, so a value cannot hold a '='; a byte
// order mark spoils the first line.
func lookup(file []byte, key string) (value string, number int) {
	for line := range strings.SplitSeq(string(file), "\n") {
		number++
		line = strings.Trim(line, " ")
		if line == "" || line[0] == '#' {
			continue
		}
		if k, v, ok := pair(line); ok && strings.Trim(k, " ") == key {
			return strings.Trim(v, " "), number
		}
	}
	return "", 0
}

// pair splits a line that holds exactly two tokens.
func pair(line string) (key, value string, ok bool) {
	n := 0
	for token := range strings.SplitSeq(line, "=") {
		switch {
		case token == "":
			continue
		case n == 0:
			key = token
		case n == 1:
			value = token
		}
		n++
	}
	return key, value, n == 2
}
