package roster

import (
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	. "github.com/onsi/gomega"
)

// TestRoster is a real suite of Ginkgo, because only Ginkgo builds trees: the drills below are registered as foreign
// repositories do it, and the last container looks at what the roster knows of them.
func TestRoster(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "roster")
}

var drills = func() *Roster {
	r := &Roster{}
	AddTreeConstructionNodeArgsTransformer(func(node types.NodeType, _ Offset, text string, args []any) (string, []any, []error) {
		return text, r.Note(node, text, args), nil
	})
	return r
}()

func drill(text string, labels ...string) bool {
	return Describe(text, Ordered, Label(labels...), func() {
		BeforeAll(func() {}, &Mark{})
		It("is steady", func() {})
		Describe("afterwards", func() { It("recovers", Label("late"), func() {}) })
		PIt("is pending", func() {})
	})
}

var _ = drill("A data center crashes", "S03", "outage")

var _ = Describe("Everything that our team needs", Label("team"), func() {
	drill("The checkout fails over", "DR-7")
	drill("A data center crashes", "S03")
	drill("A data center crashes", "S03")
	It("is a spec of its own", func() {})
})

var _ = Describe("Trial 2", func() { drills.Repetition(2, func() { drill("The checkout fails over", "slow", "checkout") }) })

var _ = drill("Das Rechenzentrum fällt aus")

var _ = Describe("the roster", func() {
	It("has one entry for each drill, however it is nested", func() {
		var got []string
		for _, e := range drills.Drills() {
			got = append(got, strings.Join([]string{e.Key, e.ID, e.Name}, " | "))
			Expect(e.Steps).To(HaveLen(3))
			Expect(e.Steps[2].Pending).To(BeTrue())
			Expect(e.Steps[0].Pending).To(BeFalse())
		}
		Expect(got).To(Equal([]string{
			"a-data-center-crashes | S03 | A data center crashes",
			"the-checkout-fails-over | DR-7 | The checkout fails over",
			"a-data-center-crashes-2 | S03 | Everything that our team needs › A data center crashes",
			"a-data-center-crashes-3 | S03 | Everything that our team needs › A data center crashes (2)",
			"the-checkout-fails-over-trial-002 | slow | The checkout fails over",
			"das-rechenzentrum-f-llt-aus | das-rechenzentrum-f-llt-aus | Das Rechenzentrum fällt aus",
		}))
		Expect(drills.Drills()[4].Trial).To(Equal(2))
		Expect(drills.Drills()[2].Depth()).To(Equal(2))
	})

	It("gives every step its drill's key, and no other spec one", func() {
		key, found := KeyOf(CurrentSpecReport().Labels())
		Expect(found).To(BeFalse(), key)
	})

	It("knows what a run selects", func() {
		selected := func(c types.SuiteConfig) []string {
			entries, err := drills.Selected(types.Report{SuiteDescription: "roster", SuiteLabels: []string{"ours"}, SuiteConfig: c})
			Expect(err).NotTo(HaveOccurred())
			var keys []string
			for _, e := range entries {
				keys = append(keys, e.Key)
			}
			return keys
		}
		Expect(selected(types.SuiteConfig{})).To(HaveLen(6))
		Expect(selected(types.SuiteConfig{LabelFilter: "S99"})).To(BeEmpty())
		Expect(selected(types.SuiteConfig{LabelFilter: "S03 && !outage"})).To(Equal([]string{"a-data-center-crashes-2", "a-data-center-crashes-3"}))
		Expect(selected(types.SuiteConfig{LabelFilter: KeyLabel("a-data-center-crashes-2")})).To(Equal([]string{"a-data-center-crashes-2"}))
		Expect(selected(types.SuiteConfig{LabelFilter: "late && ours"})).To(HaveLen(6))
		Expect(selected(types.SuiteConfig{FocusStrings: []string{"roster Trial 2"}})).To(Equal([]string{"the-checkout-fails-over-trial-002"}))
		Expect(selected(types.SuiteConfig{SkipStrings: []string{"crashes", "checkout"}})).To(Equal([]string{"das-rechenzentrum-f-llt-aus"}))
		Expect(selected(types.SuiteConfig{FocusFiles: []string{"another_test.go"}})).To(BeEmpty())
		Expect(selected(types.SuiteConfig{SkipFiles: []string{"roster_test.go"}})).To(BeEmpty())
	})
})

func TestIDFollowsItsRule(t *testing.T) {
	for _, c := range []struct {
		labels []string
		name   string
		want   string
	}{
		{[]string{"outage", "S03"}, "A crash", "S03"},
		{[]string{"S16", "S55"}, "A cut", "S16"},
		{[]string{"fast", "DR-7"}, "Ours", "DR-7"},
		{[]string{"PAY12"}, "Ours", "PAY12"},
		{[]string{"preflight", "control"}, "Nothing", "preflight"},
		{[]string{"checkout", "slow"}, "Ours", "checkout"},
		{[]string{"drill=ours"}, "The checkout fails over!", "the-checkout-fails-over"},
		{[]string{"suite"}, "Ours", "ours"},
		{nil, "", "unnamed"},
	} {
		if got := ID(c.labels, c.name); got != c.want {
			t.Errorf("ID(%q, %q) = %q, want %q", c.labels, c.name, got, c.want)
		}
	}
}

func TestUnknownLabelsOfAFilter(t *testing.T) {
	known := []string{"S01", "S03", "slow", "active-active", "drill=a-crash", "two words"}
	for filter, want := range map[string][]string{
		"":                                     nil,
		"S03":                                  nil,
		"s03 || (slow && !S01)":                nil,
		"S99":                                  {"S99"},
		"S03 || S99,S98 || !sloww":             {"S99", "S98"},
		"/S9\\d|x,y/ && two words":             nil,
		"drill=a-crash":                        nil,
		"drill=a-crush && key: consistsOf {a}": {"drill=a-crush"},
	} {
		if got := Unknown(filter, known); !slices.Equal(got, want) {
			t.Errorf("Unknown(%q) = %q, want %q", filter, got, want)
		}
	}
}

func TestSpecsThatAreNoScenarios(t *testing.T) {
	both := []string{"suites/exploration", "suites/outage"}
	for _, c := range []struct {
		filter  string
		folders []string
		want    bool
	}{
		{"exploration", both, true},
		{"S03 || exploration", both, true},
		{"exploration", both[1:], false}, // not a suite of the command
		{"S03", both, false},
		{"", both, false},
		{"exploration &&", both, false}, // Ginkgo refuses it
	} {
		if got := Besides(c.filter, c.folders); got != c.want {
			t.Errorf("Besides(%q, %q) = %v", c.filter, c.folders, got)
		}
	}
	if unknown := Unknown("exploration || D01 || declared", Catalogue()); len(unknown) > 0 {
		t.Errorf("%q are said to be unknown", unknown)
	}
}

func FuzzUnknown(f *testing.F) {
	f.Add("S03 || !(slow && /x/), key: {a}")
	f.Fuzz(func(t *testing.T, filter string) {
		for _, word := range Unknown(filter, []string{"S03"}) {
			if word == "" || !strings.Contains(filter, word) || strings.EqualFold(word, "S03") {
				t.Errorf("%q names no unknown label %q", filter, word)
			}
		}
	})
}
