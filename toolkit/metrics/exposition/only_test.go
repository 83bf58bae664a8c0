package exposition

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"pgregory.net/rapid"

	"github.com/crossdc/failover/toolkit/metrics"
)

var counted = []string{"nTuplesProcessed", "nTuplesSubmitted"}

// told is what a reading says about the counted metrics.
func told(set metrics.Set) (of metrics.Set) {
	for _, s := range set.Samples {
		if s.Scope == metrics.Operator && slices.Contains(counted, s.Name) {
			of.Samples = append(of.Samples, s)
		}
	}
	for _, c := range set.Conditions {
		if c.Scope == metrics.PE {
			of.Conditions = append(of.Conditions, c)
		}
	}
	return of
}

const runtimePage = `# HELP op_input_n_tuples_processed tuples
# TYPE op_input_n_tuples_processed counter
op_input_n_tuples_processed{job="demo1",pe="31",name="Sink",op_port="0"} 1042
# TYPE op_output_n_tuples_submitted counter
op_output_n_tuples_submitted{job="demo1",pe="31",name="Op",op_port="2"} 9 # {trace_id="x # y"} 1
# TYPE my_nTuplesSubmitted gauge
my_nTuplesSubmitted{job="demo1",pe="31",name="Op"} 5
`

func TestAReadingOfSomeMetricsSaysOfThemWhatAReadingOfAllDoes(t *testing.T) {
	many := exporter
	for i := range 500 {
		many += fmt.Sprintf("# TYPE foreign_%d gauge\nforeign_%d{a=\"nTuplesSubmitted\"} %d\n", i, i, i)
	}
	for name, page := range map[string]string{
		"exporter":           exporter,
		"runtime":            runtimePage,
		"OpenMetrics":        strings.ReplaceAll(strings.ReplaceAll(runtimePage, "processed{", "processed_total{"), "submitted{", "submitted_total{") + "# EOF\n",
		"much else":          many,
		"blanks":             strings.ReplaceAll(exporter, "streams_operator", " \tstreams_operator"),
		"carriage returns":   strings.ReplaceAll(exporter, "\n", "\r\n"),
		"names in quotes":    exporter + `{"streams_operator_op_nTuplesSubmitted",jobname="demo1",peid="31",operatorname="Quoted",outputportname="A"} 8` + "\n",
		"a name that begins": exporter + "streams_operator_op_nTuplesSubmittedToo{jobname=\"demo1\",peid=\"31\",operatorname=\"Op\",outputportname=\"A\"} 3\n",
		"a life before":      exporter + "streams_operator_op_nTuplesSubmitted{jobname=\"demo1\",peid=\"30\",operatorname=\"Op\",outputportname=\"A\"} 99\nstreams_pe_status{jobname=\"demo1\",peid=\"30\"} 0\n",
		"a bad line of ours": exporter + "streams_operator_op_nTuplesSubmitted{\n",
		"a foreign bad line": exporter + "foreign{\n",
		"cut in two":         exporter + `streams_operator_op_nTuplesSubmitted{jobname="demo1",peid="32",operatorname="Op",outputportname="A"} 8`,
		"nothing of ours":    "go_goroutines 5\n",
	} {
		whole, _ := ParseText(strings.NewReader(page), 1<<20)
		some, err := ParseText(strings.NewReader(page), 1<<20, counted...)
		if !reflect.DeepEqual(told(some), told(whole)) {
			t.Errorf("%s: %+v, and %+v of everything (%v)", name, told(some), told(whole), err)
		}
		if foreign := strings.HasPrefix(name, "a foreign"); foreign && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name != "nothing of ours" && len(told(some).Samples) < 2 {
			t.Errorf("%s: the page shows %+v, too little to compare", name, some)
		}
	}
}

// What tells that a page goes on is found as well: the time that a PE's process has used.
func TestMetricsOfProcessesAreFoundWhereTheyAreNamed(t *testing.T) {
	page := exporter + "streams_pe_nCpuMilliseconds{jobname=\"demo1\",peid=\"31\",resource=\"h1\"} 77\n"
	for name, want := range map[string]int64{"nCpuMilliseconds": 77, "nTuplesQueued": 0} {
		some, err := ParseText(strings.NewReader(page), 1<<20, append([]string{name}, counted...)...)
		var got int64
		for _, s := range some.Samples {
			if s.Scope == metrics.PE && s.Name == "nCpuMilliseconds" {
				got = s.Value
			}
		}
		if err != nil || got != want {
			t.Errorf("with %s asked for: %d, want %d (%v)", name, got, want, err)
		}
	}
}

func TestAReadingOfSomeMetricsLeavesTheOthersOut(t *testing.T) {
	some, err := ParseText(strings.NewReader(exporter), 1<<20, counted...)
	for _, s := range some.Samples {
		if s.Name != "launchCount" && !slices.Contains(counted, s.Name) {
			t.Errorf("%+v was parsed although nobody asked for it", s)
		}
	}
	if err != nil || len(some.Samples) != 3 || some.Ignored != 0 {
		t.Errorf("%+v, %v", some, err)
	}
	_, err = ParseText(strings.NewReader(exporter+"streams_operator_op_nTuplesSubmitted{ 1\n"), 1<<20, counted...)
	if line := (*PageError)(nil); !errors.As(err, &line) || line.Line != strings.Count(exporter, "\n")+1 {
		t.Errorf("the bad line of ours is not named: %v", err)
	}
	for _, body := range []string{"<html>502</html>", "go_goroutines{ 5\n"} {
		if set, err := ParseText(strings.NewReader(body), 1<<20, counted...); err == nil {
			t.Errorf("%q passes for a page: %+v", body, set)
		}
	}
}

// FuzzReadingOfSome holds a reading of some metrics against one of everything, wherever the parser takes the page as it is.
func FuzzReadingOfSome(f *testing.F) {
	f.Add(exporter)
	f.Add(runtimePage)
	f.Add("{\"streams_operator_op_nTuplesSubmitted\",operatorname=\"a\"} 1\n# TYPE nTuplesSubmitted counter\n")
	f.Add("#TYPE op_input_n__tuples_processed counter\nop_input_n__tuples_processed{name=\"a\",pe=\"1\",job=\"1\"} 1 5\n# EOF")
	f.Fuzz(func(t *testing.T, body string) {
		parser := expfmt.NewTextParser(model.UTF8Validation)
		if _, err := parser.TextToMetricFamilies(strings.NewReader(body)); err != nil {
			return
		}
		whole, _ := ParseText(strings.NewReader(body), 1<<16)
		some, someErr := ParseText(strings.NewReader(body), 1<<16, counted...)
		if bad := (*PageError)(nil); errors.As(someErr, &bad) {
			t.Errorf("a line is bad only beside fewer others: %v", someErr)
		}
		if !reflect.DeepEqual(told(some), told(whole)) {
			t.Errorf("%+v, and %+v of everything", told(some), told(whole))
		}
	})
}

// Whatever stands on a page, in whatever order, a reading of some metrics says of them what a reading of everything does.
func TestPagesOfAllKindsAreReadAlike(t *testing.T) {
	names := rapid.SampledFrom([]string{"streams_operator_op_nTuplesSubmitted", "streams_operator_ip_nTuplesProcessed", "op_input_n_tuples_processed", "op_output_n_tuples_submitted",
		"streams_pe_ip_nTuplesProcessed", "streams_pe_launchCount", "streams_pe_status", "streams_pe_health", "streams_job_nTuplesSubmitted", "nTuplesSubmitted", "nTuplesSubmittedToo",
		"my_nTuplesProcessed", "streams_operator_ip_nTuplesQueued", "go_goroutines", "op_input_n_tuples_processed_total", "x"})
	labels := rapid.SampledFrom([]string{"", "{}", `{jobname="j",peid="1",operatorname="A",outputportname="O",inputportname="I"}`, `{jobname="j",peid="2",operatorname="A",outputportname="O",inputportname="I"}`,
		`{jobname="j",peid="1"}`, `{jobname="j",peid="2",resource="h"}`, `{job="j",pe="1",name="A",op_port="0"}`, `{job="j",pe="1",name="nTuplesSubmitted",op_port="1"}`,
		`{ job = "j" , pe="2", name="a\"}\\ # TYPE x", op_port="0" , }`, "{job=\"\u00e4\"}"})
	values := rapid.SampledFrom([]string{"0", "1", "2.0", "1042", "1e3", "0.5", "-1", "NaN", "+Inf"})
	stamps := rapid.SampledFrom([]string{"", "", "", " 1718000300000"})
	blanks := rapid.SampledFrom([]string{"", "", "", " ", "\t"})
	rapid.Check(t, func(t *rapid.T) {
		var page strings.Builder
		for range rapid.IntRange(0, 12).Draw(t, "lines") {
			name := names.Draw(t, "name")
			switch rapid.IntRange(0, 7).Draw(t, "kind") {
			case 0:
				fmt.Fprintf(&page, "%s# TYPE %s gauge\n", blanks.Draw(t, "blank"), name)
			case 1:
				fmt.Fprintf(&page, "# HELP %s what nTuplesSubmitted is\n", name)
			case 2:
				page.WriteString("# a comment about TYPE\n\n")
			case 3:
				fmt.Fprintf(&page, "{\"%s\",jobname=\"j\",peid=\"1\",operatorname=\"Q\"} %s\n", name, values.Draw(t, "value"))
			default:
				fmt.Fprintf(&page, "%s%s%s%s %s%s\n", blanks.Draw(t, "blank"), name, blanks.Draw(t, "gap"), labels.Draw(t, "labels"), values.Draw(t, "value"), stamps.Draw(t, "stamp"))
			}
		}
		text := page.String() + rapid.SampledFrom([]string{"", "", "# EOF\n", "streams_operator_op_nTuplesSubmitted 7", "foreign"}).Draw(t, "end")
		whole, _ := ParseText(strings.NewReader(text), 1<<20)
		some, _ := ParseText(strings.NewReader(text), 1<<20, counted...)
		parser := expfmt.NewTextParser(model.UTF8Validation)
		if _, err := parser.TextToMetricFamilies(strings.NewReader(text)); err != nil {
			// Read line by line, names in quotes are not understood: where what spoils the whole is left out, there is more to tell.
			// That may be another launchCount, too.
			for _, sample := range told(whole).Samples {
				if !slices.ContainsFunc(told(some).Samples, func(other metrics.Sample) bool {
					other.Launch = sample.Launch
					return other == sample
				}) {
					t.Errorf("%s\n%+v is only in a reading of everything", text, sample)
				}
			}
			return
		}
		if !reflect.DeepEqual(told(some), told(whole)) {
			t.Errorf("%s\n%+v, and of everything\n%+v", text, told(some), told(whole))
		}
	})
}

func BenchmarkParseText(b *testing.B) {
	var page strings.Builder
	for _, metric := range []string{"nTuplesProcessed", "nTuplesQueued", "nWindowPunctsProcessed", "nFinalPunctsProcessed", "queueSize", "maxItemsQueued", "nTuplesDropped", "nEnqueueWaits", "recentMaxItemsQueued", "recentMaxItemsQueuedInterval", "nWindowPunctsQueued", "nFinalPunctsQueued"} {
		fmt.Fprintf(&page, "# TYPE streams_operator_ip_%s gauge\n", metric)
		for i := range 100 {
			fmt.Fprintf(&page, "streams_operator_ip_%s{domainname=\"D\",instancename=\"StreamsInstance\",jobname=\"demo1\",resource=\"h1\",peid=\"31\",operatorname=\"CrossDCFailover.Sink%d\",operatorkind=\"spl.utility::Custom\",inputportname=\"Src\"} %d.0\n", metric, i, i)
		}
	}
	text := page.String()
	for name, only := range map[string][]string{"everything": nil, "some": counted} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var page reader
			for b.Loop() {
				if set, err := page.read(strings.NewReader(text), 1<<20, only); err != nil || len(set.Samples) < 100 {
					b.Fatal(len(set.Samples), err)
				}
			}
		})
	}
}

// What one reading leaves in the memory that the next one uses must not be taken for a part of its page.
func TestPagesThatShareMemoryDoNotMix(t *testing.T) {
	var shared reader
	long := exporter + strings.Repeat("go_goroutines{a=\"x\"} 5\n", 100)
	short := `streams_operator_op_nTuplesSubmitted{jobname="demo1",peid="31",operatorname="Op",outputportname="A"} 8` + "\n"
	first, _ := shared.read(strings.NewReader(long), 1<<20, counted)
	copied := slices.Clone(first.Samples)
	for _, page := range []string{short, runtimePage, "<html>", long, short} {
		got, gotErr := shared.read(strings.NewReader(page), 1<<20, counted)
		want, wantErr := ParseText(strings.NewReader(page), 1<<20, counted...)
		if !reflect.DeepEqual(got, want) || fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
			t.Errorf("%.30q: %+v, %v; alone: %+v, %v", page, got, gotErr, want, wantErr)
		}
	}
	if !reflect.DeepEqual(first.Samples, copied) {
		t.Errorf("what was read before has changed: %+v", first.Samples)
	}
}
