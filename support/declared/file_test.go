package declared

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

const good = `id: D99
words: Two things happen
labels: [slow]
toolkit: {heartbeatExchangeInterval: "30"}
traffic: {rate: 500}
objectives: {rto: 180s}
faults:
  - fault: degrade
    delay: 0.1 I
  - fault: crash
    target: dc1
    after: 3 I
    measured: true
checks:
  - declares-down dc2
  - serves-the-lost-side
  - stays-served
`

func TestAGoodFileIsUnderstood(t *testing.T) {
	s, err := Parse("good.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if s.ID != "D99" || len(s.Faults) != 2 || s.Measured() != 1 || s.Unnoticed() || s.Limits.RTO.Time != 3*time.Minute || s.Faults[0].Delay.Of(30*time.Second) != 3*time.Second {
		t.Errorf("%+v", s)
	}
	claims := s.Claims()
	if len(claims) != 3 || claims[0].Words() != "is declared DOWN by dc2 within the RTO" || claims[0].Side != Second {
		t.Errorf("%+v", claims)
	}
	if got := s.Step(0) + "; " + s.Step(1); got != "is met by degrade (delay 0.1 I); is met by crash of dc1, 3 I after the fault before it" {
		t.Error(got)
	}
	f, err := s.Faults[1].Make(map[string]string{First: "east", Second: "west"}, 30*time.Second, func(d time.Duration) time.Duration { return d / 60 })
	if err != nil || f.Target != "east" {
		t.Errorf("%+v, %v", f, err)
	}
	slow, err := s.Faults[0].Make(nil, 30*time.Second, func(d time.Duration) time.Duration { return d / 60 })
	if err != nil || slow.Parameters.Delay != 50*time.Millisecond {
		t.Errorf("%+v, %v", slow, err)
	}
}

// What is wrong is named with file, line and what is allowed.
func TestWhatIsWrongIsNamed(t *testing.T) {
	replaced := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the good file has no %q", old)
		}
		return strings.Replace(good, old, with, 1)
	}
	twice := func(first, second string) string {
		return "id: D1\nwords: w\nfaults:\n  - " + first + "\n  - " + second + "\nchecks: [nothing-changes]\n"
	}
	for name, c := range map[string]struct{ text, want string }{
		"empty":                     {"", "f.yaml: it is empty: a scenario needs id, words, faults and checks"},
		"not YAML":                  {"id: [", "f.yaml:1: it is no YAML: "},
		"a list":                    {"- id: x\n", "f.yaml:1: a list; want keys with values"},
		"two documents":             {good + "---\nid: D2\n", "f.yaml:18: more than one document"},
		"a tab":                     {"id: D1\n\twords: w\n", "f.yaml:2: the line is indented by a tab"},
		"text that is not UTF-8":    {replaced("Two things", "T\xffo things"), "f.yaml:2: it is no UTF-8 text"},
		"UTF-16":                    {"\xff\xfei\x00", "f.yaml:1: it is UTF-16"},
		"a key twice":               {replaced("labels: [slow]", "labels: [slow]\nid: D98"), "f.yaml:4: mapping key \"id\" already defined at line 1"},
		"an id that is a path":      {replaced("D99", "../../own"), "f.yaml:1: id: \"../../own\"; want a letter"},
		"a value of no property":    {replaced("\"30\"", "soon"), "f.yaml:4: toolkit/heartbeatExchangeInterval: \"soon\"; want a value of type float64"},
		"words that paint":          {replaced("Two things happen", "\"a\\e[31mb\""), "f.yaml:2: words:"},
		"a third data center":       {replaced("target: dc1", "target: dc3"), "f.yaml:11: faults/1/target: \"dc3\"; want dc1 or dc2"},
		"no time at all":            {replaced("    delay: 0.1 I", "    delay: 0.1 I\n    for: 0s"), "f.yaml:10: faults/0/for: 0s; a fault that lasts no time is none"},
		"a crash of the dead":       {replaced("  - fault: degrade\n    delay: 0.1 I", "  - {fault: crash, target: dc1}"), "f.yaml:9: faults/1/fault: crash of dc1 comes 3 I after fault 1 of the same kind, which lasts until the end"},
		"two partitions at once":    {twice("{fault: partition, for: 10 I}", "{fault: partition, after: 2 I, for: 1 I}"), "f.yaml:5: faults/1/fault: partition of the link comes 2 I after fault 1 of the same kind, which lasts 10 I"},
		"two in different units":    {twice("{fault: partition, for: 3 I}", "{fault: partition, after: 80s}"), "which lasts 3 I"},
		"an unknown key":            {replaced("labels:", "lables:"), `f.yaml:3: unknown key "lables"; allowed here: checks, faults, id, labels`},
		"an unknown key of a fault": {replaced("target: dc1", "traget: dc1"), `f.yaml:11: unknown key "traget"; allowed here: after, back, bytes_per_second`},
		"no id":                     {replaced("id: D99\n", ""), `f.yaml: id: ""; want a letter`},
		"a bad id":                  {replaced("D99", "D 99"), `f.yaml:1: id: "D 99"; want a letter`},
		"words of two lines":        {replaced("Two things happen", `"a\nb"`), "f.yaml:2: words:"},
		"another topology":          {replaced("labels: [slow]", "topology: active/passive"), `f.yaml:3: topology: "active/passive"; want active/active`},
		"a bad label":               {replaced("[slow]", "[slow, 'a||b']"), `f.yaml:3: labels/1: "a||b"`},
		"an unknown property":       {replaced("heartbeatExchangeInterval", "heartbeatInterval"), "f.yaml:4: toolkit/heartbeatInterval: no such property; want one of"},
		"too much traffic":          {replaced("500", "-1"), "f.yaml:5: traffic/rate: -1 events/s; want 0 to 1000000"},
		"traffic that is none":      {replaced("500", ".nan"), "f.yaml:5: traffic/rate: NaN"},
		"an objective in intervals": {replaced("180s", "6 I"), "f.yaml:6: objectives/rto: want a time"},
		"no length":                 {replaced("0.1 I", "soon"), `f.yaml:9: "soon" is no length: want a time such as 90s`},
		"a negative length":         {replaced("3 I", "-3 I"), `"-3 I" is no length`},
		"a length without an end":   {replaced("3 I", "Inf I"), `"Inf I" is no length`},
		"too long":                  {replaced("3 I", "9999h"), `"9999h" is no length`},
		"an unknown fault":          {replaced("fault: crash", "fault: explode"), `f.yaml:10: faults/1/fault: "explode"; want one of no-op, crash`},
		"no target":                 {replaced("    target: dc1\n", ""), `f.yaml:10: faults/1/target: ""; want dc1 or dc2`},
		"a target of the link":      {replaced("    delay: 0.1 I", "    delay: 0.1 I\n    target: dc1"), `f.yaml:10: faults/0/target: "dc1"; degrade strikes the whole link`},
		"a key that is not read":    {replaced("    after: 3 I", "    after: 3 I\n    mode: refuse"), "f.yaml:13: faults/1/mode: crash does not read it; it reads fault, target"},
		"an unknown mode":           {replaced("fault: degrade\n    delay: 0.1 I", "fault: partition\n    mode: gently"), `f.yaml:9: faults/0/mode: "gently"; want one of refuse`},
		"nothing to degrade":        {replaced("    delay: 0.1 I\n", ""), "degrade needs delay, jitter or bytes_per_second"},
		"a planned end of a crash":  {replaced("    after: 3 I", "    after: 3 I\n    for: 2 I"), "f.yaml:13: faults/1/for: crash has no planned end"},
		"a first fault that waits":  {replaced("    delay: 0.1 I", "    delay: 0.1 I\n    after: 1 I"), "f.yaml:10: faults/0/after: the first fault comes when"},
		"two that are measured":     {replaced("    delay: 0.1 I", "    delay: 0.1 I\n    measured: true"), "f.yaml:14: faults/1/measured: another one is measured already"},
		"no faults":                 {"id: D1\nwords: w\nchecks: [nothing-changes]\n", "f.yaml: faults: none; want at least one"},
		"an unknown check":          {replaced("stays-served", "stays-happy"), `f.yaml:17: checks/2: "stays-happy"; want one of declares-down dc1|dc2`},
		"a check without a side":    {replaced("declares-down dc2", "declares-down"), `f.yaml:15: checks/0: "declares-down"; want declares-down dc1 or declares-down dc2`},
		"a check with a side":       {replaced("stays-served", "stays-served dc1"), `"stays-served dc1"; stays-served stands alone`},
		"a check twice":             {replaced("stays-served", "serves-the-lost-side"), `"serves-the-lost-side" stands there twice`},
		"a check before its time":   {replaced("  - serves-the-lost-side\n  - stays-served", "  - stays-served\n  - serves-the-lost-side"), `f.yaml:16: checks/1: "stays-served" needs serves-the-lost-side before it`},
		"no claim":                  {replaced("  - declares-down dc2\n  - serves-the-lost-side\n  - stays-served", "  - loses-nothing"), "f.yaml:14: checks: it claims nothing of what happens"},
		"a contradiction":           {replaced("  - stays-served", "  - nothing-changes"), "declares-down and nothing-changes contradict each other"},
		"a contradiction of a side": {replaced("  - stays-served", "  - never-declares-down dc2"), "declares-down dc2 and never-declares-down dc2 contradict each other"},
		"no planned end":            {replaced("  - stays-served", "  - ends-as-planned"), "ends-as-planned needs a planned end (for)"},
		"a list as a length":        {replaced("0.1 I", "[1, 2]"), "is no length"},
	} {
		_, err := Parse("f.yaml", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %q", name, err, c.want)
			continue
		}
		if one := new(Error); !errors.As(err, &one) || one.File != "f.yaml" {
			t.Errorf("%s: not an error of the file: %v", name, err)
		}
	}
}

func TestEveryFileOfAFolderIsReadAndEveryProblemNamed(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	folder := fstest.MapFS{
		"b.yaml": file(good), "a.yml": file(strings.Replace(good, "D99", "D01", 1)), "notes.txt": file("not ours"), "c.yaml": file(good), "d.yaml": file("id: x\n"),
	}
	list, err := Load(folder, "own")
	if len(list) != 2 || list[0].ID != "D01" || list[1].ID != "D99" {
		t.Errorf("%+v", list)
	}
	for _, want := range []string{`own/c.yaml:1: id: "D99" is the id of own/b.yaml as well`, "own/d.yaml", "faults: none"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "notes.txt") {
		t.Errorf("%v", err)
	}
	if _, err := Load(fstest.MapFS{"notes.txt": file("x")}, "own"); err == nil || !strings.Contains(err.Error(), "CROSSDC_SCENARIOS") {
		t.Errorf("a folder without scenarios: %v", err)
	}
	if _, err := Load(os.DirFS(t.TempDir()+"/none"), "none"); err == nil || !strings.Contains(err.Error(), "CROSSDC_SCENARIOS") {
		t.Errorf("no folder: %v", err)
	}
}

var write = flag.Bool("write", false, "write schema.json anew")

// The schema that editors read is made from the same tables, and has every key of the file.
func TestTheSchemaIsThatOfTheTables(t *testing.T) {
	schema, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	schema = append(schema, '\n')
	if *write {
		if err := os.WriteFile("schema.json", schema, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile("schema.json"); err != nil || !bytes.Equal(have, schema) {
		t.Errorf("schema.json is not that of the tables (%v): go test ./support/declared -write", err)
	}
	var parsed struct {
		Properties map[string]struct {
			Properties map[string]any
			Items      struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal(schema, &parsed); err != nil {
		t.Fatal(err)
	}
	keys := func(m map[string]any) (list []string) {
		for key := range m {
			list = append(list, key)
		}
		slices.Sort(list)
		return list
	}
	top := map[string]any{}
	for key := range parsed.Properties {
		top[key] = nil
	}
	for _, c := range []struct {
		part any
		have []string
	}{{Scenario{}, keys(top)}, {Fault{}, keys(parsed.Properties["faults"].Items.Properties)}, {Traffic{}, keys(parsed.Properties["traffic"].Properties)}, {Limits{}, keys(parsed.Properties["objectives"].Properties)}} {
		var want []string
		for i := range reflect.TypeOf(c.part).NumField() {
			if tag := reflect.TypeOf(c.part).Field(i).Tag.Get("yaml"); tag != "" {
				want = append(want, tag)
			}
		}
		slices.Sort(want)
		if !slices.Equal(c.have, want) {
			t.Errorf("%T: the schema has %q, the file %q", c.part, c.have, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{good, "", "id: [", "faults:\n  - fault: crash\n    after: 1e308 I\n", "checks: [\"declares-down dc1\"]", "a: &a [*a]\n", "toolkit: {1: 2}\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse("f.yaml", data)
		if err != nil {
			return
		}
		if s.ID == "" || len(s.Faults) == 0 || len(s.Claims()) != len(s.Checks) {
			t.Errorf("accepted: %+v", s)
		}
		for i := range s.Faults {
			if _, err := s.Faults[i].Make(map[string]string{First: "a", Second: "b"}, time.Second, func(d time.Duration) time.Duration { return d }); err != nil || s.Step(i) == "" {
				t.Errorf("accepted, and cannot be made: %+v, %v", s.Faults[i], err)
			}
		}
	})
}
