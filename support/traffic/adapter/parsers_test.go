package adapter

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crossdc/failover/support/traffic"
)

func TestNumbersAreFoundInResults(t *testing.T) {
	for _, test := range []struct {
		rule, result, want string // want begins with ! where an error must say it
	}{
		{"json:/order/id", `{"order":{"id":18446744073709551615}}`, "18446744073709551615"},
		{"json:/a~1b/1/m~0n", `{"a/b":[0,{"m~n":"7"}]}`, "7"},
		{"json:", `42`, "42"},
		{"json:/id", `{"id":12.0}`, "!no whole number"},
		{"json:/id", `{"id":-1}`, "!no whole number"},
		{"json:/id", `{"id":18446744073709551616}`, "!no whole number"},
		{"json:/id", `{"id":null}`, "!no string, number or boolean"},
		{"json:/id", `{"ID":1}`, `!no field "id"`},
		{"json:/0", `[]`, `!no element "0" among 0`},
		{"json:/01", `[1,2]`, `!no element "01"`},
		{"json:/id", `{"id":1`, "!not JSON"},
		{"csv:2", `a,"12",b`, "12"},
		{"csv:2;", `a;12`, "12"},
		{`csv:2\t`, "a\t12", "12"},
		{"csv:3", `a,b`, "!2 columns"},
		{"csv:1", ``, "!not CSV"},
		{`regexp:id=(\d+)`, `x id=5 id=6`, "5"},
		{`regexp:\d+`, `n 77`, "77"},
		{`regexp:id=(\d+)`, `x`, "!nothing matches"},
	} {
		x, err := NewExtractor(test.rule)
		if err != nil {
			t.Fatal(err)
		}
		n, err := x.Number([]byte(test.result))
		if say, bad := strings.CutPrefix(test.want, "!"); bad {
			if err == nil || !strings.Contains(err.Error(), say) || !strings.Contains(err.Error(), test.rule) {
				t.Errorf("%s of %s: %d, %v, want an error that says %q", test.rule, test.result, n, err, say)
			}
			continue
		}
		if got, err2 := x.Text([]byte(test.result)); err != nil || err2 != nil || got != test.want {
			t.Errorf("%s of %s: %s, %v, %v", test.rule, test.result, got, err, err2)
		}
	}
	for _, rule := range []string{"", "xml:/a", "json:a", "json:/~2", "json:/~", "csv:0", "csv:", "csv:1;;", "csv:x", "regexp:", "regexp:(", "regexp:(a)(b)"} {
		if _, err := NewExtractor(rule); err == nil || !strings.Contains(err.Error(), "what to find in a result") {
			t.Errorf("rule %q: %v", rule, err)
		}
	}
}

func FuzzExtractor(f *testing.F) {
	f.Add("json:/a/0", []byte(`{"a":[1]}`))
	f.Add("csv:2;", []byte(`1;2`))
	f.Add(`regexp:(\d+)`, []byte(`x1`))
	f.Fuzz(func(t *testing.T, rule string, raw []byte) {
		x, err := NewExtractor(rule)
		if err != nil {
			return
		}
		n, err := x.Number(raw)
		if text, err2 := x.Text(raw); err == nil && (err2 != nil || strings.Trim(strings.TrimSpace(text), "0123456789") != "") {
			t.Errorf("%s of %q: number %d but text %q, %v", rule, raw, n, text, err2)
		}
	})
}

func TestTemplatesMakeEvents(t *testing.T) {
	body, err := NewTemplate(`{"id":{{number}},"k":"{{ key }}","due":"{{due}}","ms":{{due_ms}},"p":"{{payload 25}}","s":"{{stream}}/{{channel}}/{{seq}}/{{check}}"}`)
	if err != nil {
		t.Fatal(err)
	}
	key, err := NewTemplate(`{{stream}}-{{channel}}`)
	if err != nil {
		t.Fatal(err)
	}
	body1 := func(seed uint64) string {
		templates := Templates{Body: body, Key: key, Numbering: Numbering{Sites: [2]string{"dc1", "dc2"}, Base: 100}, Random: rand.New(rand.NewPCG(seed, 0))}
		if err := templates.Validate(); err != nil {
			t.Fatal(err)
		}
		due := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)
		events, _ := templates.Make(nil, nil, []traffic.Event{{DC: "dc2", Channel: 1, Seq: 1, Check: 9, Due: due}, {DC: "dc1", Channel: 0, Seq: 2, Due: due}})
		if string(events[0].Key) != "dc2-1" || string(events[1].Key) != "dc1-0" {
			t.Errorf("keys %q %q", events[0].Key, events[1].Key)
		}
		before, after, _ := strings.Cut(string(events[0].Body), `"p":"`)
		if before != `{"id":104,"k":"dc2-1","due":"2026-01-02T03:04:05.006Z","ms":1767323045006,` || after[25:] != `","s":"dc2/1/1/9"}` {
			t.Errorf("%s", events[0].Body)
		}
		return string(events[0].Body)
	}
	if first := body1(1); body1(1) != first || body1(2) == first {
		t.Error("the seed alone must decide the payload")
	}
	for text, say := range map[string]string{
		"{{": "not closed", "{{number": "not closed", "{{nummer}}": "known are number", "{{payload}}": "from 1 to", "{{payload 0}}": "from 1 to",
		"{{payload 9999999}}": "from 1 to",
	} {
		if _, err := NewTemplate(text); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("template %q: %v", text, err)
		}
	}
	if err := (Templates{Body: body, Key: body, Random: rand.New(rand.NewPCG(1, 1))}).Validate(); err == nil {
		t.Error("a key made from itself is taken")
	}
}

func FuzzTemplate(f *testing.F) {
	for _, text := range []string{`{"n":{{number}}}`, "{{payload 3}}", "{{", "}}", "{{ key }}x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		body, err := NewTemplate(text)
		if err != nil || strings.Contains(text, "payload") && len(text) > 30 {
			return
		}
		templates := Templates{Body: body, Random: rand.New(rand.NewPCG(1, 1))}
		events, _ := templates.Make(nil, nil, []traffic.Event{{DC: "a", Seq: 1}})
		if !strings.Contains(text, "{{") && string(events[0].Body) != text {
			t.Errorf("%q became %q", text, events[0].Body)
		}
	})
}

// TestNumbersStandForEvents: number and event are each other's inverse, and no two events share one.
func TestNumbersStandForEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := Numbering{Sites: [2]string{"east", "west"}, Base: rapid.Uint64Range(0, 1<<50).Draw(t, "base")}
		number := n.Base + 1 + rapid.Uint64Range(0, 1<<40).Draw(t, "offset")
		event, ok := n.Event(number)
		if !ok {
			t.Fatal("a number above the base is an event's")
		}
		if back, ok := n.Number(event); !ok || back != number {
			t.Fatalf("%d became %v became %d", number, event, back)
		}
	})
	n := Numbering{Sites: [2]string{"east", "west"}, Base: 10}
	if _, ok := n.Event(10); ok {
		t.Error("the base is no event's number")
	}
	for _, e := range []traffic.Event{{DC: "north", Seq: 1}, {DC: "east"}, {DC: "east", Seq: 1, Channel: traffic.Channels}, {DC: "east", Seq: 1, Channel: -1}} {
		if _, ok := n.Number(e); ok {
			t.Errorf("%v has a number", e)
		}
	}
	_, _ = n.Event(math.MaxUint64)
}
