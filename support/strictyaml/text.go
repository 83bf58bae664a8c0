package strictyaml

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// unreadable says why data is no text that somebody wrote; nil when it is.
func unreadable(file string, data []byte) error {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return &Error{file, 1, "it is UTF-16: save it as UTF-8"}
	}
	for line, text := range bytes.Split(data, []byte("\n")) {
		if !utf8.Valid(text) {
			return &Error{file, line + 1, "it is no UTF-8 text: give a YAML file"}
		}
		if at := bytes.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' || r == 0x7f }); at >= 0 {
			return &Error{file, line + 1, fmt.Sprintf("it holds the control character 0x%02x, and is no text: give a YAML file", text[at])}
		}
	}
	return nil
}

// atLine is how the YAML library says where something is.
var atLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// broken is an error of text that is no YAML.
func broken(file string, data []byte, err error) error {
	text, line := err.Error(), 0
	if found := atLine.FindStringSubmatch(text); found[1] != "" {
		fmt.Sscan(found[1], &line)
	}
	text = atLine.ReplaceAllString(text, "")
	lines := strings.Split(string(data), "\n")
	for n := max(line-1, 0); n <= line && n < len(lines); n++ { // the library counts from either
		if indented := lines[n][:len(lines[n])-len(strings.TrimLeft(lines[n], " \t"))]; strings.Contains(indented, "\t") {
			return &Error{file, n + 1, "the line is indented by a tab: YAML wants spaces"}
		}
	}
	return &Error{file, line, "it is no YAML: " + text}
}

// indirect refuses what makes a value stand elsewhere than where it is read, or of another kind than it looks: whoever reads the file, and each
// of our errors, speaks of the line where the value is.
func indirect(file string, n *yaml.Node) (problems []error) {
	switch {
	case n.Kind == yaml.AliasNode:
		return []error{&Error{file, n.Line, fmt.Sprintf("*%s is an alias, and none is read here: write the value out", n.Value)}}
	case n.Anchor != "":
		problems = append(problems, &Error{file, n.Line, fmt.Sprintf("&%s is an anchor, and none is read here: take it away, and write the value out where it is used", n.Anchor)})
	case n.Style&yaml.TaggedStyle != 0:
		problems = append(problems, &Error{file, n.Line, fmt.Sprintf("%s is a tag, and none is read here: write the value as it is", n.Tag)})
	}
	for _, child := range n.Content {
		problems = append(problems, indirect(file, child)...)
	}
	return problems
}
