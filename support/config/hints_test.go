package config

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mentioned finds names of variables in texts; composed ones begin with a verb for the prefix.
var mentioned = regexp.MustCompile(`(?:` + Prefix + `|%s)_[A-Z0-9][A-Za-z0-9_%*.]*`)

// exists reports whether a name, as a text writes it, stands for settings that exist: DCn and DC%d for both data centers, a name
// that ends with an underscore, a star or dots for all that begin so.
func exists(name string, settings []string) bool {
	name = strings.TrimRight(name, ".")
	if end, composed := strings.CutPrefix(name, "%s"); composed {
		if slices.ContainsFunc(settings, func(s string) bool { return strings.HasSuffix(s, end) }) {
			return true // %s is a whole name, as in %s_FILE
		}
		name = Prefix + end
	}
	family := strings.HasSuffix(name, "_") || strings.HasSuffix(name, "*") || strings.HasSuffix(name, "%s")
	name = strings.TrimSuffix(strings.TrimSuffix(name, "*"), "%s")
	for _, n := range []string{"1", "2"} {
		full := strings.NewReplacer("DCn", "DC"+n, "DC%d", "DC"+n).Replace(name)
		if !slices.ContainsFunc(settings, func(s string) bool { return s == full || family && strings.HasPrefix(s, full) }) {
			return false
		}
	}
	return true
}

// ofTests are variables that tests read, and nothing else does.
var ofTests = []string{"CROSSDC_TEST_KAFKA"}

// TestEveryHintNamesASettingThatExists looks at every text of the module that a user may be shown, and at its documents.
func TestEveryHintNamesASettingThatExists(t *testing.T) {
	var settings []string
	for _, leaf := range leaves(&Config{}) {
		settings = append(settings, leaf.name)
	}
	seen := 0
	look := func(where, text string) {
		for _, name := range mentioned.FindAllString(text, -1) {
			seen++
			if !exists(name, settings) && !slices.Contains(ofTests, name) {
				t.Errorf("%s: %s is no setting; did you mean %s?", where, name, nearest(name, settings))
			}
		}
	}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		switch {
		case entry.IsDir() && path != root && (strings.HasPrefix(name, ".") && name != ".github" || name == "out" || name == "testdata" || name == "past"):
			return fs.SkipDir
		case entry.IsDir():
		case strings.HasSuffix(name, "_test.go"):
		case strings.HasSuffix(name, ".md"), name == "Makefile", strings.HasSuffix(name, ".yaml"), strings.HasSuffix(name, ".yml"):
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			look(path, string(raw))
		case strings.HasSuffix(name, ".go"):
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(node ast.Node) bool {
				switch node := node.(type) {
				case *ast.BasicLit:
					if text, err := strconv.Unquote(node.Value); err == nil && node.Kind == token.STRING {
						look(files.Position(node.Pos()).String(), text)
					}
				case *ast.BinaryExpr: // prefix + "ROOT"
					prefix, ok := node.X.(*ast.Ident)
					literal, also := node.Y.(*ast.BasicLit)
					if ok && also && prefix.Name == "prefix" && node.Op == token.ADD {
						if text, err := strconv.Unquote(literal.Value); err == nil && regexp.MustCompile(`^[A-Z][A-Z_]+$`).MatchString(text) {
							look(files.Position(node.Pos()).String(), Prefix+"_DCn_"+text)
						}
					}
				}
				return true
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 100 {
		t.Errorf("only %d names were found: the search is broken", seen)
	}
}

func TestNamesOfSettingsInTexts(t *testing.T) {
	settings := []string{"CROSSDC_RTO", "CROSSDC_DC1_ROOT", "CROSSDC_DC2_ROOT", "CROSSDC_DC1_ONLY"}
	for name, want := range map[string]bool{
		"CROSSDC_RTO": true, "CROSSDC_RTO.": true, "CROSSDC_DC1_ROOT": true, "CROSSDC_DCn_ROOT": true, "CROSSDC_DC%d_ROOT": true, "%s_DC%d_ROOT": true,
		"CROSSDC_DC1_": true, "CROSSDC_DC1_*": true, "CROSSDC_RT": false, "CROSSDC_DCn_ONLY": false, "CROSSDC_NO_": false, "%s_RTOO": false, "CROSSDC_DC3_ROOT": false,
	} {
		if got := exists(name, settings); got != want {
			t.Errorf("%s: %t, want %t", name, got, want)
		}
	}
}

func TestHowLinksAndPlainHTTPAreSet(t *testing.T) {
	set(t, remote(map[string]string{
		"CROSSDC_DC1_TRUSTED_HOSTS": "one.example,one.example:9714,[::1]:9714,::1", "CROSSDC_DC1_REBASE_LINKS": "true",
		"CROSSDC_DC2_ROOT": "http://two.example/streams", "CROSSDC_DC2_ALLOW_PLAIN_HTTP": "true",
	}))
	c := mustLoad(t)
	if len(c.DC1.TrustedHosts) != 4 || !c.DC1.RebaseLinks || c.DC1.AllowPlainHTTP || len(c.DC2.TrustedHosts) != 0 || c.DC2.RebaseLinks || !c.DC2.AllowPlainHTTP {
		t.Errorf("%+v\n%+v", c.DC1, c.DC2)
	}
	for _, bad := range []string{"https://one", "one/path", "one:0", "one:x", "one:99999", "a b", "one,,two", "u@one"} {
		set(t, remote(map[string]string{"CROSSDC_DC1_TRUSTED_HOSTS": bad}))
		if _, err := Load(); err == nil || !strings.Contains(err.Error(), "CROSSDC_DC1_TRUSTED_HOSTS") || !strings.Contains(err.Error(), "allowed: hosts such as") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for name, value := range map[string]string{"ROOT": "http://two.example/streams", "DATA_URL": "http://192.0.2.1:9715/", "METRICS_URL": "http://two.example:25500/metrics"} {
		set(t, remote(map[string]string{"CROSSDC_DC2_" + name: value}))
		if _, err := Load(); err == nil || !strings.Contains(err.Error(), "CROSSDC_DC2_"+name) || !strings.Contains(err.Error(), "CROSSDC_DC2_ALLOW_PLAIN_HTTP=true") {
			t.Errorf("%s: %v", name, err)
		}
	}
	set(t, remote(map[string]string{"CROSSDC_DC1_ROOT": "http://127.0.0.9:9714/", "CROSSDC_DC2_ROOT": "http://[::1]:9714/"}))
	mustLoad(t)
}

// A user who tests data centers of his own learns from the README of environments what each setting of a data center unlocks.
func TestTheReadmeExplainsEverySettingOfADataCenter(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "environment", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, leaf := range leaves(&Config{}) {
		rest, ok := strings.CutPrefix(leaf.name, Prefix+"_DC1_")
		if !ok {
			continue
		}
		looked++
		if name := Prefix + "_DCn_" + rest; !strings.Contains(string(readme), "`"+name+"`") {
			t.Errorf("support/environment/README.md does not say what %s unlocks", name)
		}
	}
	if looked < 10 {
		t.Errorf("looked at %d settings only; the search is broken", looked)
	}
}
