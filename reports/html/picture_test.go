package html

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/model"
)

func texts(drawn string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`<text[^>]*>([^<]*)</text>`).FindAllStringSubmatch(drawn, -1) {
		out = append(out, m[1])
	}
	return out
}

// TestThePictureShowsOneBandWithEveryMomentWritten: whole labels, at both sizes, and the same in words.
func TestThePictureShowsOneBandWithEveryMomentWritten(t *testing.T) {
	s := sample.Rich().Scenarios[3]
	for _, width := range []float64{wide, narrow} {
		drawn := string(pictureOf(s, width))
		all := strings.Join(texts(drawn), "\n")
		for _, want := range []string{"fault: cut link dc1", "noticed 101.2–103.9 s", "taken over 104–105.5 s", "served again 108.1–112.4 s", "throughput back 120–126 s", "RTO 150 s", "both active", "served by dc1", "served by dc2"} {
			if !strings.Contains(all, want) {
				t.Errorf("width %v: %q is not written:\n%s", width, want, all)
			}
		}
		if strings.Contains(all, "…") {
			t.Errorf("width %v: a label is cut:\n%s", width, all)
		}
		for _, m := range regexp.MustCompile(` x="([-0-9.]+)"`).FindAllStringSubmatch(drawn, -1) {
			if x, err := strconv.ParseFloat(m[1], 64); err != nil || x < -thinnest || x > width {
				t.Errorf("width %v: something at x=%s", width, m[1])
			}
		}
		if !strings.Contains(drawn, `role="img" aria-label="Failover of S16`) || !strings.Contains(drawn, "fault at 0 s; noticed 101.2–103.9 s; taken over 104–105.5 s") {
			t.Errorf("width %v: no words for those who cannot see it", width)
		}
	}
}

func TestALaterMomentNarrowsAnEarlierOne(t *testing.T) {
	m := func(earliest, latest float64) *model.Measure {
		return &model.Measure{EarliestSeconds: earliest, LatestSeconds: latest}
	}
	s := model.Scenario{Measures: model.Measures{Detection: m(100, 115), Takeover: m(111.9, 113), Recovery: m(103.3, 120)}}
	got := momentsOf(s)
	if got[2].earliest != 111.9 || got[0].late != 113 {
		t.Errorf("%+v", got)
	}
	// Values that contradict each other are left as they were measured: hiding it would be a lie.
	s.Measures.Recovery = m(90, 95)
	if got := momentsOf(s); got[2].earliest != 90 || got[2].late != 95 || got[1].earliest != 111.9 {
		t.Errorf("%+v", got)
	}
}

func TestThePictureEndsWithWhatHappened(t *testing.T) {
	at := func(seconds float64) model.Interval {
		i := model.Instant(seconds * float64(time.Second))
		return model.Interval{Earliest: i, Latest: i}
	}
	s := sample.Rich().Scenarios[1]
	s.Speedup, s.Served, s.Started, s.Finished = 1, nil, 0, at(44000).Latest
	healed := at(40000)
	s.Fault = &model.Fault{Name: "crash", Target: "dc1", Struck: "dc1", Observers: []string{"dc2"}, TakesService: true, Injected: at(1170), Healed: &healed}
	drawn := strings.Join(texts(string(pictureOf(s, wide))), "\n")
	if !strings.Contains(drawn, "150 s") || strings.Contains(drawn, "-200 s") || strings.Contains(drawn, "400 s") {
		t.Errorf("want an axis of about 180 s:\n%s", drawn)
	}
}

func TestThereIsNoPictureOfNothing(t *testing.T) {
	if got := pictureOf(model.Scenario{ID: "S33", Fault: &model.Fault{Name: "crash"}}, wide); got != "" {
		t.Errorf("%s", got)
	}
}

func TestIndicatorsAreGroupedBySide(t *testing.T) {
	sides := sidesOf(sample.Rich().Scenarios[1])
	if len(sides) != 2 || sides[0].Site != "dc1" || sides[1].Site != "dc2" || len(sides[1].Rows) != 5 {
		t.Fatalf("%+v", sides)
	}
	for _, row := range sides[1].Rows {
		if row.Label == "" || row.When == "" || !strings.Contains(string(row.Bar), "<rect") {
			t.Errorf("%+v", row)
		}
	}
}
