package architecture

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// contracts are what comments cite, by the word before "contract".
var contracts = map[string]string{
	"toolkit": "toolkit/crossdc/CONTRACT.md",
	"streams": "toolkit/streams/CONTRACT.md",
}

var (
	heading = regexp.MustCompile(`(?m)^#+ (?:Appendix )?([A-Z0-9][0-9.]*)\.? `)
	cited   = regexp.MustCompile(`(toolkit|streams) contract,?((?:(?:,| and)? ?(?:sections? |Appendix )?(?:\d+(?:\.\d+)*|[A-Z]{1,2}\d*)\b)+)`)
	section = regexp.MustCompile(`\b\d+(?:\.\d+)*\b`)
	// code is a row or a rule of the toolkit contract: quirk, configuration trap, scenario, rule of a state machine, open point.
	code = regexp.MustCompile(`\b(?:Q\d{1,2}|C[1-9]\d?|S\d{2}|O\d|HP\d|WD\d|RW\d)\b`)
)

// TestEveryCitationResolves holds every section and code of the contracts that the code and the documents cite against the
// headings and rows that the contracts have: a reader who follows one must arrive.
func TestEveryCitationResolves(t *testing.T) {
	sections := map[string]map[string]bool{}
	codes := map[string]bool{}
	for name, file := range contracts {
		text := read(t, file)
		sections[name] = map[string]bool{}
		for _, match := range heading.FindAllStringSubmatch(text, -1) {
			sections[name][strings.TrimSuffix(match[1], ".")] = true
		}
		if name == "toolkit" {
			for _, row := range regexp.MustCompile(`(?m)^(?:\| )?([A-Z]{1,2}\d{1,2})(?: \||[ :])|\*\*(O\d)\*\*|\b(RW\d) (?:true|false)`).FindAllStringSubmatch(text, -1) {
				codes[row[1]+row[2]+row[3]] = true
			}
		}
	}
	if len(codes) < 120 || len(sections["toolkit"]) < 40 || len(sections["streams"]) < 40 {
		t.Fatalf("found %d codes, %d and %d sections in the contracts; the search is broken", len(codes), len(sections["toolkit"]), len(sections["streams"]))
	}
	found := 0
	eachComment(t, func(path, text string) {
		for _, match := range cited.FindAllStringSubmatch(text, -1) {
			for _, number := range section.FindAllString(match[2], -1) {
				found++
				if !sections[match[1]][number] {
					t.Errorf("%s cites the %s contract %s, which %s does not have", path, match[1], number, contracts[match[1]])
				}
			}
		}
		for _, number := range code.FindAllString(text, -1) {
			found++
			if !codes[number] {
				t.Errorf("%s cites %s, which %s does not have", path, number, contracts["toolkit"])
			}
		}
	})
	if found < 300 {
		t.Errorf("found %d citations only; the search is broken", found)
	}
}

// eachComment visits the comments of every Go file and the text of every document, with line breaks as spaces.
func eachComment(t *testing.T, visit func(path, text string)) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch {
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "testdata" || relative == "reports/out"):
			return filepath.SkipDir
		case entry.IsDir() || entry.Name() == "CONTRACT.md":
		case strings.HasSuffix(path, ".md"):
			visit(relative, strings.Join(strings.Fields(read(t, relative)), " "))
		case strings.HasSuffix(path, ".go"):
			parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
			if err != nil {
				return err
			}
			for _, group := range parsed.Comments {
				visit(relative, strings.Join(strings.Fields(group.Text()), " "))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("walk the module: %v", err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
