package declared

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/crossdc/failover/support/strictyaml"
)

// Scenario is one file.
type Scenario struct {
	ID       string            `yaml:"id"`       // label that selects it: letters, digits and dashes, unique in its folder
	Words    string            `yaml:"words"`    // a sentence, as it stands in reports
	Topology string            `yaml:"topology"` // "active/active"; the only one so far
	Labels   []string          `yaml:"labels"`   // more labels, such as slow
	Toolkit  map[string]string `yaml:"toolkit"`  // properties of the toolkit that it is meant for; it is skipped, with the reason, where others are in force
	Traffic  Traffic           `yaml:"traffic"`
	Faults   []Fault           `yaml:"faults"`
	Checks   []string          `yaml:"checks"` // see Checks
	Limits   Limits            `yaml:"objectives"`

	file     string
	document *strictyaml.Document
}

// AllLabels are those that its specs carry: its own, and what every declared scenario is.
func (s Scenario) AllLabels() []string {
	return append([]string{s.ID, "declared", "active-active"}, s.Labels...)
}

// Traffic is what must flow.
type Traffic struct {
	Rate float64 `yaml:"rate"` // events per wall second that it is meant for; it is skipped where fewer are sent; 0: any
}

// Limits are objectives that a scenario is meant for; it is skipped where the run's are others. Empty: any.
type Limits struct {
	RTO Length `yaml:"rto"`
	RPO Length `yaml:"rpo"`
}

// Fault is one fault of a scenario.
type Fault struct {
	Kind           string  `yaml:"fault"`    // see fault.Kinds
	Target         string  `yaml:"target"`   // dc1 or dc2: what is struck, or whose requests are blocked; none for faults of the whole link
	Measured       bool    `yaml:"measured"` // its instant is the zero of detection and recovery; at most one, by default the first
	After          Length  `yaml:"after"`    // since the fault before it; 0: at once
	For            Length  `yaml:"for"`      // its planned end; none: until the scenario heals it
	Mode           string  `yaml:"mode"`
	Ports          string  `yaml:"ports"`
	Delay          Length  `yaml:"delay"`
	Jitter         Length  `yaml:"jitter"`
	BytesPerSecond int64   `yaml:"bytes_per_second"`
	Fragment       int     `yaml:"fragment"` // index of a channel, from 0
	Corruption     string  `yaml:"corruption"`
	Share          float64 `yaml:"share"` // of the packets, above 0 up to 1: of reorder, duplicate and corrupt
	Lost           float64 `yaml:"lost"`  // share of the packets, above 0 and below 1
	Down           Length  `yaml:"down"`
	Up             Length  `yaml:"up"`
	Back           Length  `yaml:"back"` // by how much a clock is set back
}

// Error is something that is wrong in a file.
type Error = strictyaml.Error

// File is where a scenario was read from.
func (s *Scenario) File() string { return s.file }

// Measured is the place of the fault whose instant is the zero of detection and recovery.
func (s *Scenario) Measured() int {
	return max(0, slices.IndexFunc(s.Faults, func(f Fault) bool { return f.Measured }))
}

var kind = strictyaml.Kind{Name: "scenario", Needs: "id, words, faults and checks"}

// Parse reads one scenario. The error joins an *Error for each thing that is wrong.
func Parse(file string, data []byte) (Scenario, error) {
	s := Scenario{file: file}
	var err error
	if s.document, err = kind.Decode(file, data, &s); err != nil {
		return s, err
	}
	return s, errors.Join(s.check()...)
}

// wrong is an error at a key, or at the nearest one around it that the file has.
func (s *Scenario) wrong(key, format string, values ...any) error {
	return s.document.Wrong(key, format, values...)
}

var identifier = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,30}$`)

// check holds the values against what is allowed.
func (s *Scenario) check() (problems []error) {
	add := func(key, format string, values ...any) { problems = append(problems, s.wrong(key, format, values...)) }
	if !identifier.MatchString(s.ID) {
		add("id", "%q; want a letter, then letters, digits and dashes, at most 31 in all", s.ID)
	}
	if words := strings.TrimSpace(s.Words); words == "" || len(words) > 200 || strings.ContainsFunc(words, unicode.IsControl) {
		add("words", "%q; want one sentence of at most 200 bytes, without control characters", s.Words)
	}
	if s.Topology != "" && s.Topology != "active/active" {
		add("topology", "%q; want active/active", s.Topology)
	}
	for i, label := range s.Labels {
		if !identifier.MatchString(label) {
			add(fmt.Sprintf("labels/%d", i), "%q; want letters, digits and dashes", label)
		}
	}
	if !(s.Traffic.Rate >= 0 && s.Traffic.Rate <= 1e6) {
		add("traffic/rate", "%v events/s; want 0 to 1000000", s.Traffic.Rate)
	}
	for _, limit := range []struct {
		key string
		of  Length
	}{{"objectives/rto", s.Limits.RTO}, {"objectives/rpo", s.Limits.RPO}} {
		if limit.of.Intervals {
			add(limit.key, "want a time such as 180s")
		}
	}
	problems = append(problems, s.checkToolkit()...)
	if len(s.Faults) == 0 {
		add("faults", "none; want at least one, each with a key fault: %s", strings.Join(kinds(), ", "))
	}
	for i := range s.Faults {
		problems = append(problems, s.checkFault(i)...)
		if s.Faults[i].Measured && i != s.Measured() {
			add(fmt.Sprintf("faults/%d/measured", i), "another one is measured already; want at most one")
		}
	}
	problems = append(problems, s.checkOverlaps()...)
	return append(problems, s.checkChecks()...)
}
