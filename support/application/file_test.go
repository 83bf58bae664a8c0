package application

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/crossdc/failover/support/traffic/adapter"
)

const orders = `name: orders
composite: com.example.orders::Main
channels: 3
traffic:
  adapter: http
  with: {batch: 100, join: array, password_file: "${password_file}", user: "${user}"}
  dc1: {url: "https://one.example/orders"}
  dc2: {url: "${data}/orders"}
  event: '{"id":{{number}},"key":"{{key}}","due":{{due_ms}},"pad":"{{payload 100}}"}'
  key: "{{stream}}-{{channel}}"
results:
  adapter: http-sse
  with: {url: "https://${host}/results"}
  number: json:/id
  by: json:/site
  names: {dc1: east, dc2: west}
  within: 30s
serving:
  - {operator: Orders, output: 0}
objectives: {rto: 2m, rpo: 90s}
`

func parse(t *testing.T, text string) *Description {
	t.Helper()
	d, err := Parse("orders.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestADescriptionIsRead(t *testing.T) {
	d := parse(t, orders)
	if d.Invocation != "CrossDCFailover" || d.Reroutes != ReroutedByUs || d.Results.Within.Time().Seconds() != 30 || d.Objectives.RTO.Time().Minutes() != 2 {
		t.Errorf("%+v", d)
	}
	known := map[string]string{"user": "admin", "password_file": "/secrets/p", "data": "https://two:9715/streams/data", "host": "two"}
	values, err := d.Traffic.Values(1, known)
	if err != nil {
		t.Fatal(err)
	}
	want := adapter.Values{"batch": "100", "join": "array", "password_file": "/secrets/p", "user": "admin", "url": "https://two:9715/streams/data/orders"}
	if !maps.Equal(values, want) {
		t.Errorf("%v, want %v", values, want)
	}
	if _, err := d.Results.Values(0, nil); err == nil || !strings.Contains(err.Error(), `parameter "url": ${host} is not known of data center dc1`) {
		t.Errorf("what is not known: %v", err)
	}
}

func TestTheLevelFollowsFromTheDescription(t *testing.T) {
	const counted = "name: a\ncomposite: A\ntraffic: {adapter: file, with: {path: /tmp/x}, event: x}\n"
	for text, want := range map[string]Level{
		"name: a\ncomposite: A\n": Indicated,
		counted:                   Counted,
		counted + "results: {adapter: file, with: {path: /tmp/y}}\n": Counted,
		orders: Numbered,
	} {
		d := parse(t, text)
		if d.Level() != want {
			t.Errorf("%s is %s, want %s", text, d.Level(), want)
		}
		if d.Raise() == "" || len(d.LeftOut()) == 0 {
			t.Errorf("%s: nothing is left out, or would raise it: %q %q", want, d.LeftOut(), d.Raise())
		}
	}
	if upper := strings.Join(parse(t, counted).LeftOut(), " "); !strings.Contains(upper, "upper bound") {
		t.Errorf("a file acknowledges nothing: %s", upper)
	}
	if drill := Drill(); drill.Level() != Stated || drill.Raise() != "" || len(drill.LeftOut()) != 0 {
		t.Errorf("the drill application: %s %q", drill.Level(), drill.LeftOut())
	}
}

func TestWhatIsWrongIsNamedWithItsLine(t *testing.T) {
	with := func(old, fresh string) string {
		if !strings.Contains(orders, old) {
			t.Fatalf("%q is not in the sample", old)
		}
		return strings.Replace(orders, old, fresh, 1)
	}
	for name, c := range map[string]struct{ text, want string }{
		"empty":            {"", "orders.yaml: it is empty: a description of an application needs name and composite"},
		"unknown key":      {with("channels", "chanels"), `orders.yaml:3: unknown key "chanels"; allowed here: channels, composite, configuration`},
		"key of a way":     {with("  event:", "  evnt:"), `orders.yaml:9: unknown key "evnt"; allowed here: adapter, dc1, dc2, event, key, shared, with`},
		"name":             {with("name: orders", `name: ""`), `orders.yaml:1: name: ""; want a name`},
		"composite":        {with("com.example.orders::Main", "com example"), `orders.yaml:2: composite: "com example"; want the main composite`},
		"channels":         {with("channels: 3", "channels: -1"), `orders.yaml:3: channels: -1; want 0 to 1000`},
		"adapter":          {with("adapter: http\n", "adapter: carrier-pigeon\n"), `orders.yaml:5: traffic/adapter: adapter "carrier-pigeon" does not exist: known are`},
		"no way in":        {with("adapter: http\n", "adapter: http-sse\n"), `orders.yaml:5: traffic/adapter: http-sse has no such way; want one of `},
		"parameter":        {with("batch", "batsch"), `orders.yaml:6: traffic/with/batsch: it is unknown to the adapter http here; want one of url, headers`},
		"value":            {with("join: array", "join: glue"), `parameter "join": "glue" is not allowed: give lines, array, items`},
		"missing":          {with(`dc1: {url: "https://one.example/orders"}`, "dc1: {batch: 2}"), `orders.yaml:7: traffic/dc1: parameter "url" is missing`},
		"no scheme":        {with("https://one.example/orders", "one.example/orders"), `orders.yaml:7: traffic/dc1: parameter "url": "one.example/orders" does not begin with http:// or https://`},
		"port 70000":       {with("https://one.example/orders", "https://one.example:70000/orders"), `orders.yaml:7: traffic/dc1: parameter "url": "https://one.example:70000/orders": port "70000" is none: give 1 to 65535`},
		"third site":       {with("  dc2: {", "  dc3: {"), `orders.yaml:8: unknown key "dc3"; allowed here: adapter, dc1, dc2, event`},
		"half a channel":   {with("channels: 3", "channels: 3.5"), `orders.yaml:3: channels: "3.5"; want a whole number`},
		"a word":           {with("output: 0", "output: first"), `orders.yaml:19: serving/0/output: "first"; want a whole number`},
		"a tab":            {with("  adapter: http\n", "\tadapter: http\n"), `orders.yaml:5: the line is indented by a tab`},
		"an alias":         {"name: &a orders\ncomposite: *a\n", `orders.yaml:1: &a is an anchor, and none is read here`},
		"twice":            {with("batch: 100,", "batch: 100, batch: 20,"), `orders.yaml:6: mapping key "batch" already defined at line 6`},
		"pointer":          {with("json:/id", "json:id"), `orders.yaml:14: results/number: rule "json:id" of what to find in a result: a JSON pointer is empty or begins with /`},
		"column":           {with("json:/id", "csv:0"), `orders.yaml:14: results/number: rule "csv:0" of what to find in a result: give a column from 1`},
		"size":             {with("payload 100", "payload -1"), `orders.yaml:9: traffic/event: event template: {{payload -1}}: give the payload's size in bytes, from 1`},
		"own load":         {orders + "embedded: {load: 5}\n", `orders.yaml:21: embedded/load: 5; an application that makes its own events takes none of ours`},
		"binary":           {"\x7fELF\x00", `orders.yaml:1: it holds the control character 0x7f, and is no text`},
		"credentials":      {with("https://one.example", "https://me:hunter2@one.example"), `orders.yaml:7: traffic/dc1/url: an address must not hold credentials; want them in a file`},
		"placeholder":      {with("${data}", "${date}"), `orders.yaml:8: traffic/dc2/url: ${date} is unknown; want one of name, host, data`},
		"open placeholder": {with("${data}", "${data"), `orders.yaml:8: traffic/dc2/url: ${data/orders is not closed by }`},
		"template":         {with("{{number}}", "{{nummer}}"), `orders.yaml:9: traffic/event: event template: {{nummer}}: is unknown`},
		"no number":        {with("{{number}}", "1"), `orders.yaml:9: traffic/event: results/number looks for a number that no event carries: put {{number}}`},
		"key of itself":    {with("{{stream}}-{{channel}}", "{{key}}"), `orders.yaml:10: traffic/key: event template: the key "{{key}}" cannot be made from {{key}}`},
		"rule":             {with("json:/id", "xpath:/id"), `orders.yaml:14: results/number: rule "xpath:/id" of what to find`},
		"who processed":    {with("west}", "east}"), `orders.yaml:16: results/names: dc1 and dc2 are both "east"`},
		"length":           {with("within: 30s", "within: 30"), `orders.yaml:17: "30" is no length: want a time above 0`},
		"shared":           {with("  event:", "  shared: true\n  event:"), `traffic/shared: there is one way for both data centers`},
		"port":             {with("output: 0", "output: 0, input: 1"), `orders.yaml:19: serving/0: want input or output`},
		"reroutes":         {orders + "reroutes: nobody\n", `orders.yaml:21: reroutes: "nobody"; want us or upstream`},
		"state":            {orders + "state: all\n", `orders.yaml:21: state: "all"; want drill`},
		"state of drill":   {orders + "state: drill\n", `channels: 3; state: drill has 5`},
		"merge":            {orders + "embedded: {merge: never}\n", `orders.yaml:21: embedded/merge: "never"; want keyed or additive`},
		"two documents":    {orders + "---\na: b\n", "more than one document"},
		"results of none":  {"name: a\ncomposite: A\nresults: {adapter: file, with: {path: /x}}\n", "orders.yaml:3: results: no traffic is described"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("orders.yaml", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("a secret shows: %v", err)
			}
		})
	}
}

func TestPathsAreThoseOfTheFilesFolder(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "orders.yaml")
	text := strings.Replace(orders, `"${password_file}"`, "secrets/password", 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := d.Traffic.With["password_file"], filepath.Join(folder, "secrets", "password"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, bad := range []string{folder, path + "x"} {
		if _, err := Load(bad); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// Every key of the file stands in the schema, and none else.
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
		t.Errorf("schema.json is not that of the tables (%v): go test ./support/application -write", err)
	}
	var parsed any
	if err := json.Unmarshal(schema, &parsed); err != nil {
		t.Fatal(err)
	}
	at := func(path ...string) any {
		value := parsed
		for _, step := range path {
			value = value.(map[string]any)[step]
		}
		return value
	}
	for _, c := range []struct {
		of   any
		path []string
	}{
		{Description{}, []string{"properties"}}, {Endpoints{}, []string{"properties", "endpoints", "properties"}},
		{Traffic{}, []string{"properties", "traffic", "properties"}}, {Results{}, []string{"properties", "results", "properties"}},
		{Counter{}, []string{"properties", "serving", "items", "properties"}}, {Objectives{}, []string{"properties", "objectives", "properties"}},
		{Embedded{}, []string{"properties", "embedded", "properties"}},
	} {
		have := slices.Sorted(maps.Keys(at(c.path...).(map[string]any)))
		if want := keys(reflect.TypeOf(c.of)); !slices.Equal(have, want) {
			t.Errorf("%T: the schema has %q, the file %q", c.of, have, want)
		}
	}
}

func keys(of reflect.Type) (list []string) {
	for i := range of.NumField() {
		field := of.Field(i)
		key, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if options == "inline" {
			list = append(list, keys(field.Type)...)
		} else if key != "" {
			list = append(list, key)
		}
	}
	slices.Sort(list)
	return list
}

var write = flag.Bool("write", false, "write schema.json anew")

// FuzzParse: whatever a file holds, it is read or refused; a description that is read has a level, and its ways can be filled in.
func FuzzParse(f *testing.F) {
	f.Add([]byte(orders))
	f.Add(drill)
	f.Add([]byte("name: a\ncomposite: A\ntraffic: {adapter: exec, with: {command: \"a\\nb\"}, event: '{{number}}', shared: true}\nresults: {adapter: tcp, number: 'csv:2;', by: 'csv:1;', shared: true}\n"))
	known := map[string]string{}
	for _, name := range Placeholders() {
		known[name] = "x"
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse("f", data)
		if err != nil {
			if err.Error() == "" || d != nil {
				t.Fatalf("refused with %q", err)
			}
			return
		}
		if level := d.Level(); level < Indicated || level > Stated || (level == Stated) != (d.Raise() == "") {
			t.Fatalf("%s", level)
		}
		d.LeftOut()
		for n := range 2 {
			for _, w := range []*Ways{d.in(), d.out()} {
				if w == nil {
					continue
				}
				if _, err := w.Values(n, known); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
