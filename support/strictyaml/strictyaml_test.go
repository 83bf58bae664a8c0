package strictyaml

import (
	"errors"
	"strings"
	"testing"
)

type sample struct {
	Name string `yaml:"name"`
	List []part `yaml:"list"`
}

type part struct {
	Size int   `yaml:"size"`
	Next *part `yaml:"next"`
}

var kind = Kind{Name: "sample", Needs: "name"}

func TestWhatIsWrongIsNamedWithItsLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                                            "f: it is empty: a sample needs name",
		"name: a\n---\nname: b\n":                     "f:2: more than one document: give each sample a file of its own",
		"nam: a\n":                                    `f:1: unknown key "nam"; allowed here: list, name`,
		"name: a\nlist:\n  - {sise: 1}\n":             `f:3: unknown key "sise"; allowed here: next, size`,
		"list: [{next: {next: {sise: 1}}}]\n":         `f:1: unknown key "sise"; allowed here: next, size`,
		"name: a\nlist:\n  - size: many\n":            `f:3: list/0/size: "many"; want a whole number`,
		"name: [":                                     "f:1: it is no YAML: ",
		"name: a\nlist: {size: 1}\n":                  "f:2: list: keys with values; want a list",
		"- name\n":                                    "f:1: a list; want keys with values",
		"name: a\nlist:\n  - size: 3.5\n":             `f:3: list/0/size: "3.5"; want a whole number`,
		"name: a\nlist:\n  - size: 1e30\n":            "f:3: list/0/size: ",
		"name: a\nlist:\n\t- size: 3\n":               "f:3: the line is indented by a tab",
		"name: &x a\n":                                "f:1: &x is an anchor, and none is read here",
		"name: a\nlist: [{next: &x {size: 1}}, *x]\n": "f:2: *x is an alias, and none is read here",
		"name: !!binary aGVsbG8=\n":                   "f:1: !!binary is a tag, and none is read here",
		"name: a\nlist: []\nname: b\n":                `f:3: mapping key "name" already defined at line 1`,
		"name: a\n\x7fELF\x00\n":                      "f:2: it holds the control character 0x7f, and is no text",
		"name: \xff\n":                                "f:1: it is no UTF-8 text",
		"\xff\xfen\x00":                               "f:1: it is UTF-16: save it as UTF-8",
		"\ufeff":                                      "f: it is empty: a sample needs name",
		strings.Repeat("[", 20000):                    "f: it is no YAML: exceeded max depth",
		strings.Repeat("# filler\n", MaxFile/8):       "more than the 1048576 bytes that a sample may have",
	} {
		_, err := kind.Decode("f", []byte(text), new(sample))
		if one := new(Error); err == nil || !strings.Contains(err.Error(), want) || !errors.As(err, &one) {
			t.Errorf("%.40q: %v\nwant %q", text, err, want)
		}
	}
}

func TestAProblemStandsAtTheNearestKey(t *testing.T) {
	d, err := kind.Decode("f", []byte("name: a\nlist:\n  - size: 1\n  - size: 2\n"), new(sample))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"list/1/size": "f:4: list/1/size: is 2", "list/1/next/size": "f:4: list/1/next/size: is 2", "list/7": "f:2: list/7: is 2", "other": "f: other: is 2",
	} {
		if got := d.Wrong(key, "is %d", 2).Error(); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
}

// What an editor of another system leaves in a file changes nothing.
func TestAByteOrderMarkAndForeignLineEndsAreRead(t *testing.T) {
	var got sample
	if _, err := kind.Decode("f", []byte("\ufeffname: a\r\nlist:\r\n  - size: 3\r\n"), &got); err != nil || got.Name != "a" || len(got.List) != 1 || got.List[0].Size != 3 {
		t.Errorf("%+v %v", got, err)
	}
}

// FuzzDecode: whatever a file holds, it is read or refused by errors that name the file.
func FuzzDecode(f *testing.F) {
	f.Add([]byte("name: a\nlist:\n  - {size: 1, next: {size: 2}}\n"))
	f.Add([]byte("a: &a [1]\nb: *a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := kind.Decode("file", data, new(sample)); err != nil && !strings.HasPrefix(err.Error(), "file:") {
			t.Errorf("%v", err)
		}
	})
}
