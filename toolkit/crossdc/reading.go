package crossdc

import (
	"fmt"
	"strconv"
	"strings"
)

// LineFinding is a line of a configuration file that does something else than it seems to (toolkit contract 2.1). It holds no value:
// a line may hold a password.
type LineFinding struct {
	Line   int    // 1 is the first
	Key    string // the key that is meant, or what stands in its place; "" if neither can be told
	Effect string // what the toolkit does with the line
	Remedy string // what to write instead
}

// String is the finding in one line.
func (f LineFinding) String() string {
	where := fmt.Sprintf("line %d", f.Line)
	if f.Key != "" {
		where += ", " + f.Key
	}
	return fmt.Sprintf("%s: %s; %s", where, f.Effect, f.Remedy)
}

// byteOrderMark is what some editors put in front of UTF-8.
const byteOrderMark = "\uFEFF"

// ReadingTraps are the lines of a configuration file that the toolkit ignores or reads otherwise than they look, in the order of the
// file. The toolkit itself says nothing about any of them. A value that cannot be cast is no reading trap but an error of Load.
func ReadingTraps(file []byte) []LineFinding {
	var found []LineFinding
	first := map[string]int{}
	for i, line := range strings.Split(string(file), "\n") {
		f := LineFinding{Line: i + 1}
		f.Key, f.Effect, f.Remedy = readingTrap(line, first, i+1)
		if f.Effect != "" {
			found = append(found, f)
		}
	}
	return found
}

// readingTrap looks at one line; first holds the lines of the keys that were found before it.
func readingTrap(line string, first map[string]int, number int) (key, effect, remedy string) {
	line = strings.Trim(line, " ")
	if bare := strings.Trim(line, blank+byteOrderMark); bare == "" || bare[0] == '#' {
		return "", "", ""
	}
	key, value, ok := pair(line)
	key = strings.Trim(key, " ")
	meant, known := meantKey(key)
	if !ok {
		return notAPair(line, meant, known)
	}
	switch {
	case !known:
		return shortened(key), "the toolkit has no such key, so the line is ignored", "see toolkit contract 2.2 for the keys"
	case meant.Name != key:
		return meant.Name, "upper and lower case, a TAB or a byte order mark make it another word, so the line is ignored", "write the key as it stands in toolkit contract 2.2, with nothing but spaces around it"
	case first[key] != 0:
		return key, fmt.Sprintf("line %d has this key already and wins, so the line is ignored", first[key]), "remove one of the two"
	}
	first[key] = number
	value = strings.Trim(value, " ")
	switch {
	case strings.Contains(value, " #") || strings.Contains(value, "\t#"):
		return key, "a comment behind a value is part of the value", "give the comment a line of its own"
	case meant.Type == "rstring" && strings.Trim(value, blank) != value:
		return key, "a TAB or the carriage return of a CRLF file stays in the value", "end lines with LF alone and use no TAB"
	}
	return "", "", ""
}

// notAPair is a line that does not hold exactly one key and one value.
func notAPair(line string, meant Key, known bool) (key, effect, remedy string) {
	if known {
		key = meant.Name
	}
	head, rest, assigned := strings.Cut(line, "=")
	switch {
	case !assigned:
		return "", "there is no '=', so the line is ignored", "write key=value, or # in front of a comment"
	case strings.Trim(head, blank) == "":
		return key, "there is no key, so the line is ignored", "write key=value"
	case strings.Trim(rest, blank+"=") == "":
		return key, "there is no value, so the line is ignored and the property or the default stays", "remove the line, or give a value"
	default:
		return key, "the value holds a '=', so the line is ignored and the property or the default stays", "set the property of the application configuration instead, which may hold one"
	}
}

// meantKey is the key that a word stands for or seems to.
func meantKey(word string) (Key, bool) {
	bare := strings.Trim(word, blank+byteOrderMark)
	for _, key := range Keys() {
		if strings.EqualFold(key.Name, bare) {
			return key, true
		}
	}
	return Key{}, false
}

// shortened is a word as it may stand in a message.
func shortened(word string) string {
	const most = 60
	quoted := strconv.Quote(word)
	quoted = quoted[1 : len(quoted)-1]
	if runes := []rune(quoted); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return quoted
}
