// Package plain makes text from anywhere safe to put into a report: what a peer, a log or a panic produced may hold
// control characters, broken UTF-8, terminal escapes or megabytes. It imports nothing of this module.
package plain

import (
	"fmt"
	"path"
	"strings"
	"unicode/utf8"
)

// Text makes s printable and legal in XML 1.0 whatever bytes it holds: control characters (tab and newline excepted),
// bytes that are not UTF-8, characters that XML forbids and characters that reorder what follows come out escaped (\x1b,
// \u202e). CR LF becomes LF. Text of its own output is unchanged.
func Text(s string) string {
	clean := true
	for _, r := range s {
		if escaped(r) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\r' && i+1 < len(s) && s[i+1] == '\n':
			// The newline that follows stands for both.
		case !escaped(r):
			b.WriteString(s[i : i+size])
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		i += size
	}
	return b.String()
}

// escaped reports whether Text must not pass r on.
func escaped(r rune) bool {
	switch {
	case r == '\t' || r == '\n':
		return false
	case r < 0x20 || (r >= 0x7f && r < 0xa0): // C0, DEL, C1
		return true
	case r == utf8.RuneError: // also what ranging over broken UTF-8 yields
		return true
	case r == 0xfffe || r == 0xffff: // not characters; XML 1.0 forbids them
		return true
	case r == 0x200e || r == 0x200f || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069):
		return true // bidirectional controls
	case r == 0x2028 || r == 0x2029:
		return true // line breaks in disguise
	}
	return false
}

// Line is Text on one line: runs of white space become one space, ends are trimmed.
func Line(s string) string { return strings.Join(strings.Fields(Text(s)), " ") }

// Clip bounds s to limit bytes without splitting a character. It keeps the beginning and the end, where the cause and the
// outcome stand, and says how much it left out between them.
func Clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	const note = 40 // room for the note itself
	if limit < 2*note {
		return head(s, max(limit, 0))
	}
	keep := limit - note
	first, last := head(s, keep*2/3), tail(s, keep-keep*2/3)
	return fmt.Sprintf("%s\n[%d bytes left out]\n%s", first, len(s)-len(first)-len(last), last)
}

func head(s string, n int) string {
	for n > 0 && n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:min(n, len(s))]
}

func tail(s string, n int) string {
	i := max(len(s)-n, 0)
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return s[i:]
}

// Inside accepts a path that stays inside the folder it is relative to, and returns it cleaned: what a report links to or
// asks a CI server to collect must not be any file of the machine.
func Inside(name string) (string, bool) {
	cleaned := path.Clean(name)
	if name == "" || path.IsAbs(name) || cleaned == "." || cleaned == ".." || strings.HasPrefix(cleaned, "../") ||
		strings.ContainsAny(name, "\n\t]|\\") {
		return "", false
	}
	return cleaned, true
}
