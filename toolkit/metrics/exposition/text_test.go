package exposition

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit/metrics"
)

const exporter = `# TYPE streams_operator_ip_nTuplesProcessed gauge
streams_operator_ip_nTuplesProcessed{domainname="D",instancename="I",jobname="demo1",resource="h1",peid="31",operatorname="Sink",operatorkind="spl.utility::Custom",inputportname="Src"} 1042.0
# TYPE streams_operator_op_nTuplesSubmitted gauge
streams_operator_op_nTuplesSubmitted{jobname="demo1",peid="31",operatorname="Op",outputportname="A"} 7 1718000300000
# TYPE streams_pe_launchCount gauge
streams_pe_launchCount{jobname="demo1",peid="31",resource="h1"} 3
# TYPE streams_pe_health gauge
streams_pe_health{jobname="demo1",peid="31",resource="h1"} 0.5
# TYPE streams_pe_status gauge
streams_pe_status{jobname="demo1",peid="31",resource="h1"} 1
# TYPE streams_pe_op_connection_congestionFactor gauge
streams_pe_op_connection_congestionFactor{jobname="demo1",peid="31",index="0",connectionid="o0"} 12
# TYPE streams_job_avg_congestionFactor gauge
streams_job_avg_congestionFactor{jobname="demo1"} 12.6
# TYPE streams_operator_serverPort gauge
streams_operator_serverPort{jobname="demo1",peid="31",operatorname="Rx"} 25091
# TYPE streams_resource_nProcessors gauge
streams_resource_nProcessors{resource="h1"} 8
# TYPE go_goroutines gauge
go_goroutines 5
`

func TestExporterNaming(t *testing.T) {
	set, err := ParseText(strings.NewReader(exporter), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	in, ok := set.Find("Sink", metrics.In(0, "Src"), "nTuplesProcessed")
	if !ok || in.Value != 1042 || in.Launch != 3 || in.Kind != metrics.Counter || in.Job != "demo1" || in.PE != "31" {
		t.Errorf("input port: %+v", in)
	}
	out, ok := set.Find("Op", metrics.Out(4, "A"), "nTuplesSubmitted")
	if !ok || out.Value != 7 || !out.At.Equal(time.UnixMilli(1718000300000)) {
		t.Errorf("output port: %+v", out)
	}
	if len(set.Samples) != 7 || set.Ignored != 1 {
		t.Errorf("%d samples, %d ignored: %v", len(set.Samples), set.Ignored, set.Samples)
	}
	if len(set.Conditions) != 1 || *set.Conditions[0].Health != metrics.Transitional || *set.Conditions[0].Status != metrics.Good {
		t.Errorf("conditions %v", set.Conditions)
	}
	for _, s := range set.Samples {
		switch {
		case s.Name == "avg_congestionFactor" && s.Value != 13, s.Name == "serverPort" && !s.Custom,
			s.Name == "congestionFactor" && s.Scope != metrics.PEConnection:
			t.Errorf("sample %+v", s)
		}
	}
}

func TestRuntimeNaming(t *testing.T) {
	set, err := ParseText(strings.NewReader(`# TYPE op_input_n_tuples_processed counter
op_input_n_tuples_processed{job="demo1",pe="31",op="1",name="Sink",logical_name="Sink",op_port="0"} 1042
# TYPE op_output_n_tuples_submitted counter
op_output_n_tuples_submitted{exported_job="demo1",job="scrape",pe="31",name="Op",op_port="2"} 9
# TYPE pe_output_congestion_factor gauge
pe_output_congestion_factor{job="demo1",pe="31",pe_port="0",connection="(32:0)"} 0
# TYPE op_system_relative_operator_cost gauge
op_system_relative_operator_cost{job="demo1",pe="31",name="Op"} 4
# TYPE my_metric counter
my_metric{job="demo1",pe="31",name="Op"} 5
# TYPE up gauge
up{job="scrape"} 1
`), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := set.Find("Op", metrics.Out(2, ""), "nTuplesSubmitted"); !ok || s.Value != 9 || s.Job != "demo1" || s.Port.Index != 2 {
		t.Errorf("output port: %+v", s)
	}
	if s, ok := set.Find("Sink", metrics.In(0, ""), "nTuplesProcessed"); !ok || s.Value != 1042 {
		t.Errorf("input port: %+v", s)
	}
	if s, ok := set.Find("Op", metrics.Port{}, "my_metric"); !ok || !s.Custom || s.Kind != metrics.Counter {
		t.Errorf("custom metric: %+v", s)
	}
	if s, ok := set.Find("Op", metrics.Port{}, "relativeOperatorCost"); !ok || s.Custom {
		t.Errorf("cost: %+v", s)
	}
	if len(set.Samples) != 5 || set.Ignored != 1 {
		t.Errorf("%v, ignored %d", set.Samples, set.Ignored)
	}
}

func TestBadSeriesAreNamedAndTheRestIsKept(t *testing.T) {
	const good = `streams_operator_op_nTuplesSubmitted{jobname="j",peid="1",operatorname="Good",outputportname="A"} 2` + "\n"
	for value, reason := range map[string]string{
		"NaN": "not a number", "+Inf": "infinite", "-1": "negative counter", "1.5": "fraction", "1e300": "64 bits",
	} {
		series := `streams_operator_op_nTuplesSubmitted{jobname="j",peid="1",operatorname="Bad",outputportname="A"}`
		set, err := ParseText(strings.NewReader(good+series+" "+value+"\n"), 1<<20)
		var bad *SeriesError
		if !errors.As(err, &bad) || !strings.Contains(bad.Reason, reason) || !strings.Contains(bad.Series, `operatorname="Bad"`) {
			t.Errorf("%s: error %v", value, err)
		}
		if len(set.Samples) != 1 {
			t.Errorf("%s: kept %v", value, set.Samples)
		}
	}
	set, err := ParseText(strings.NewReader(good+strings.Replace(good, "2\n", "4\n", 1)), 1<<20)
	if err == nil || !strings.Contains(err.Error(), "duplicate series") || !strings.Contains(err.Error(), "value 4") {
		t.Errorf("duplicate: %v, %v", set, err)
	}
	if _, err := ParseText(strings.NewReader(`streams_pe_health{peid="1"} 0.7`+"\n"), 1<<20); err == nil {
		t.Error("a health of 0.7 passes")
	}
}

func TestBadBodies(t *testing.T) {
	if set, err := ParseText(strings.NewReader(exporter), int64(len(exporter)-1)); !errors.Is(err, ErrTooLarge) || len(set.Samples) > 0 {
		t.Errorf("too large: %v, %v", set, err)
	}
	if _, err := ParseText(strings.NewReader(exporter), int64(len(exporter))); err != nil {
		t.Errorf("just fits: %v", err)
	}
	for _, body := range []string{"<html>502</html>", "streams_pe_launchCount{peid=\"1\" 2\n"} {
		if set, err := ParseText(strings.NewReader(body), 1<<20); err == nil || len(set.Samples) > 0 {
			t.Errorf("%.20q: %v, %v", body, set, err)
		}
	}
	whole, _ := ParseText(strings.NewReader(exporter), 1<<20)
	for cut := range len(exporter) { // wherever it is cut, nothing is taken that the whole page does not say
		set, _ := ParseText(strings.NewReader(exporter[:cut]), 1<<20)
		for _, s := range set.Samples {
			if same, ok := whole.Find(s.Operator, s.Port, s.Name); s.Scope == metrics.Operator && (!ok || same.Value != s.Value) {
				t.Fatalf("cut at %d: %+v", cut, s)
			}
		}
	}
}

func FuzzParseText(f *testing.F) {
	f.Add(exporter)
	f.Add("streams_pe_ip_x{index=\"-3\"} NaN\n")
	f.Fuzz(func(t *testing.T, body string) {
		set, err := ParseText(strings.NewReader(body), 1<<16)
		if err == nil && len(body) > 1<<16 {
			t.Error("too large a body passes")
		}
		for _, s := range set.Samples {
			if s.Kind == metrics.Counter && s.Value < 0 || s.Name == "" || s.Value == math.MinInt64 && s.Kind == metrics.Counter {
				t.Errorf("impossible sample %+v", s)
			}
		}
	})
}
