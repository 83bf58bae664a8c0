package declared

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What comes one after the other, in stages, or at different targets does not overlap.
func TestFaultsThatDoNotMeetAreLeftAlone(t *testing.T) {
	for name, faults := range map[string]string{
		"one after the other":     "{fault: partition, for: 2 I}, {fault: partition, after: 2 I, for: 1 I}",
		"in different units":      "{fault: partition, for: 3 I}, {fault: partition, after: 90s}",
		"in stages":               "{fault: degrade, delay: 1s}, {fault: degrade, after: 1 I, delay: 2s}",
		"at both sides":           "{fault: crash, target: dc1}, {fault: crash, target: dc2}",
		"of different ports":      "{fault: block, ports: heartbeat}, {fault: block, ports: snapshot}",
		"of different kinds":      "{fault: hang, target: dc1, for: 2 I}, {fault: partition}",
		"with something in front": "{fault: partition, for: 1 I}, {fault: hang, target: dc1, after: 1 I, for: 1 I}, {fault: partition, after: 1s}",
	} {
		if _, err := Parse("f.yaml", []byte("id: T1\nwords: w\nfaults: ["+faults+"]\nchecks: [nothing-changes]\n")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A property is compared as the toolkit reads it, not as it is written; a byte order mark is no part of a key.
func TestValuesOfPropertiesHaveOneForm(t *testing.T) {
	s, err := Parse("f.yaml", []byte("\ufeff"+strings.Replace(good, `"30"`, "30.0", 1)))
	if err != nil || s.Toolkit["heartbeatExchangeInterval"] != "30" {
		t.Errorf("%v, %v", s.Toolkit, err)
	}
}

// Nothing in a team's folder is left out silently, and nothing in it keeps a run waiting.
func TestWhatIsNoFileIsRefused(t *testing.T) {
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	for _, err := range []error{
		os.WriteFile(at("a.yaml"), []byte(strings.Replace(good, "D99", "T1", 1)), 0o600),
		os.WriteFile(at("b.YAML"), []byte(strings.Replace(good, "D99", "t1", 1)), 0o600),
		os.WriteFile(at("c.yaml"), []byte(strings.Replace(good, "D99", "S03", 1)), 0o600),
		os.WriteFile(at("d.yaml"), make([]byte, 2<<20), 0o600),
		os.Symlink("loop.yaml", at("loop.yaml")),
		os.Symlink("gone", at("dangling.yml")),
		os.Symlink(folder, at("folder.yaml")),
		os.Symlink("a.yaml", at("linked.yaml")),
		os.Mkdir(at("below.yaml"), 0o700),
		syscall.Mkfifo(at("pipe.yaml"), 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	list, err := Own(os.DirFS(folder), "own")
	if len(list) != 1 || list[0].ID != "T1" {
		t.Errorf("%+v", list)
	}
	if err == nil {
		t.Fatal("nothing is refused")
	}
	for _, want := range []string{
		`own/b.YAML:1: id: "t1" is the id of own/a.yaml as well`, `own/c.yaml:1: id: "S03" is of the form that scenarios which ship`, "own/d.yaml: 2097152 bytes are more than a scenario may have",
		"own/loop.yaml: cannot be read: too many levels of symbolic links", "own/dangling.yml: cannot be read: no such file or directory", "own/folder.yaml: is no regular file (d",
		`own/linked.yaml:1: id: "T1" is the id of own/a.yaml`, "own/pipe.yaml: is no regular file (p",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %q", err, want)
		}
	}
	if _, err := Own(os.DirFS(at("a.yaml")), "a.yaml"); err == nil || !strings.Contains(err.Error(), "a.yaml is not a directory: let CROSSDC_SCENARIOS name the folder") {
		t.Errorf("a file as the folder: %v", err)
	}
}
