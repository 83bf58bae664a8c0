package exposition

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit/metrics"
)

func TestAMalformedForeignFamilyDoesNotHideOurs(t *testing.T) {
	for name, test := range map[string]struct {
		foreign string
		reason  string // of the fault that is named; empty: there is none
	}{
		"a second TYPE line":             {"# TYPE foreign gauge\nforeign 1\n# TYPE foreign counter\nforeign 2\n", "a second TYPE of foreign"},
		"a second TYPE of ours":          {"# TYPE streams_operator_op_nTuplesSubmitted counter\n", "a second TYPE of streams_operator_op_nTuplesSubmitted"},
		"a type that nobody knows":       {"# TYPE foreign surprise\nforeign 1\n", "no known type"},
		"a bad escape":                   {`foreign{a="\x"} 1` + "\n", "invalid escape sequence"},
		"labels that do not end":         {`foreign{a="b 1` + "\n", "labels do not end"},
		"no value":                       {"foreign\n", "expected float as value"},
		"a value that is no number":      {"foreign eleven\n", "expected float as value"},
		"the same label twice":           {`foreign{a="1",a="2"} 1` + "\n", "duplicate label"},
		"a histogram that is none":       {"# TYPE foreign histogram\nforeign{le=\"x\"} 1\nforeign_bucket{le=\"x\"} 1\n", ""},
		"an exemplar":                    {`foreign_bucket{le="1"} 7 # {trace_id="ab # c"} 0.5 1718000300.5` + "\n", ""},
		"binary":                         {"\x00\x01\x02\n", "invalid metric name"},
		"a line that is cut in two":      {"streams_operator_ip_nTuplesProcessed{jobname=\"j\",peid=\"1\",operatorname=\"Op\",inputportname=\"I\"} 10", "perhaps cut in two"},
		"carriage returns":               {"foreign 1\r\n# TYPE foreign gauge\r\n", ""},
		"an application's value of ours": {`streams_operator_op_nTuplesSubmitted{jobname="other",peid="9",operatorname="X",outputportname="A"} NaN` + "\n", "not a number"},
	} {
		set, err := ParseText(strings.NewReader(exporter+test.foreign), 1<<20)
		in, ok := set.Find("Sink", metrics.In(0, "Src"), "nTuplesProcessed")
		out, also := set.Find("Op", metrics.Out(0, "A"), "nTuplesSubmitted")
		if !ok || in.Value != 1042 || in.Launch != 3 || !also || out.Value != 7 || len(set.Conditions) != 1 {
			t.Errorf("%s: ours are lost: %+v %+v %v", name, in, out, err)
		}
		if test.reason == "" && err != nil || test.reason != "" && (err == nil || !strings.Contains(err.Error(), test.reason)) {
			t.Errorf("%s: error %v, want one about %q", name, err, test.reason)
		}
		if _, cut := set.Find("Op", metrics.In(0, "I"), "nTuplesProcessed"); cut {
			t.Errorf("%s: half a number was taken", name)
		}
	}
}

func TestEveryFaultOfAPageHasItsLineAndThereAreNotTooMany(t *testing.T) {
	var page strings.Builder
	page.WriteString(exporter)
	for i := range 100 {
		fmt.Fprintf(&page, "bad_%d{ 1\n", i)
	}
	_, err := ParseText(strings.NewReader(page.String()), 1<<20)
	var line *PageError
	if !errors.As(err, &line) || line.Line != strings.Count(exporter, "\n")+1 || !strings.HasPrefix(line.Text, "bad_0") {
		t.Errorf("%+v", line)
	}
	if got := strings.Count(err.Error(), "\n"); got != maxFaults || !strings.Contains(err.Error(), "92 more lines") {
		t.Errorf("%d lines of faults: %v", got+1, err)
	}
}

func TestOpenMetrics(t *testing.T) {
	set, err := ParseText(strings.NewReader(`# HELP op_input_n_tuples_processed tuples
# UNIT op_input_n_tuples_processed tuples
# TYPE op_input_n_tuples_processed counter
op_input_n_tuples_processed_total{job="demo1",pe="31",name="Sink",op_port="0"} 1042 1718000300.25 # {trace_id="x"} 1 1718000300
op_input_n_tuples_processed_created{job="demo1",pe="31",name="Sink",op_port="0"} 1718000000.5
# TYPE op_input_n_tuples_queued gauge
op_input_n_tuples_queued{job="demo1",pe="31",name="Sink",op_port="0"} 4
# TYPE flag stateset
flag{flag="a"} 1
# EOF
`), 1<<20)
	if err != nil {
		t.Error(err)
	}
	in, ok := set.Find("Sink", metrics.In(0, ""), "nTuplesProcessed")
	if !ok || in.Value != 1042 || in.Kind != metrics.Counter || !in.At.Equal(time.UnixMilli(1718000300250)) {
		t.Errorf("%+v", in)
	}
	if queued, ok := set.Find("Sink", metrics.In(0, ""), "nTuplesQueued"); !ok || queued.Value != 4 {
		t.Errorf("%+v", queued)
	}
}

func TestLivesOnTwoHostsAreToldApart(t *testing.T) {
	const labels = `{domainname="D",instancename="%s",jobname="j",resource="%s",peid="3",operatorname="Op",outputportname="A"} %d` + "\n"
	text := fmt.Sprintf("streams_operator_op_nTuplesSubmitted"+labels, "I", "h1", 7) + fmt.Sprintf("streams_operator_op_nTuplesSubmitted"+labels, "I", "h2", 2) +
		fmt.Sprintf("streams_operator_op_nTuplesSubmitted"+labels, "other", "h3", 99) +
		`streams_pe_launchCount{domainname="D",instancename="I",jobname="j",resource="h1",peid="3"} 1
streams_pe_launchCount{domainname="D",instancename="I",jobname="j",resource="h2",peid="3"} 2
streams_pe_launchCount{domainname="D",instancename="other",jobname="j",resource="h3",peid="3"} 9
`
	set, err := ParseText(strings.NewReader(text), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := set.Pick("Op", metrics.Out(0, "A"), "nTuplesSubmitted"); err == nil || !strings.Contains(err.Error(), "instance other") {
		t.Errorf("of two instances: %v", err)
	}
	if s, ok := set.Of(metrics.Origin{Instance: "I", Job: "j"}).Find("Op", metrics.Out(0, "A"), "nTuplesSubmitted"); !ok || s.Value != 2 || s.Launch != 2 {
		t.Errorf("of one: %+v", s)
	}
}
