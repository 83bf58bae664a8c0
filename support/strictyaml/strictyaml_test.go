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
		"":                                      "f: it is empty: a sample needs name",
		"name: a\n---\nname: b\n":               "f: more than one document: give each sample a file of its own",
		"nam: a\n":                              `f:1: unknown key "nam"; allowed here: list, name`,
		"name: a\nlist:\n  - {sise: 1}\n":       `f:3: unknown key "sise"; allowed here: next, size`,
		"list: [{next: {next: {sise: 1}}}]\n":   `f:1: unknown key "sise"; allowed here: next, size`,
		"name: a\nlist:\n  - size: many\n":      "f:3: cannot unmarshal",
		"name: [":                               "f: line 1",
		strings.Repeat("# filler\n", MaxFile/8): "more than a sample may have",
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
