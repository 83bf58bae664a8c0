package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/crossdc/failover/toolkit/crossdc/advise"
)

// file is a profile as it is written: every field may be left out, and stands then as in advise.Typical.
type file struct {
	RTT      *text    `yaml:"rtt"`
	Jitter   *text    `yaml:"jitter"`
	Loss     *float64 `yaml:"loss"`
	Outages  []outage `yaml:"outages"`
	Crashes  *float64 `yaml:"crashes_per_year"`
	Restarts *float64 `yaml:"restarts_per_year"`
	Boot     *text    `yaml:"boot"`
	Reaction *text    `yaml:"reaction"`
}

type outage struct {
	Length  text    `yaml:"length"`
	PerYear float64 `yaml:"per_year"`
	Refused bool    `yaml:"refused"`
}

// text is a duration as Go writes it, "80ms", "3m".
type text time.Duration

// UnmarshalYAML reads a duration; the error has the line.
func (t *text) UnmarshalYAML(node *yaml.Node) error {
	d, err := time.ParseDuration(node.Value)
	if err != nil {
		return fmt.Errorf("line %d: %q is no duration; write it with its unit, such as 80ms or 3m", node.Line, node.Value)
	}
	*t = text(d)
	return nil
}

// maxInput bounds a file that is read: it is written by hand.
const maxInput = 1 << 20

// bounded reads a file of a user; what says in words what it is.
func bounded(name, what string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxInput+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", what, err)
	case len(raw) > maxInput:
		return nil, fmt.Errorf("read %s: %s has more than %d bytes", what, name, maxInput)
	}
	return raw, nil
}

func readProfile(name string) (advise.Profile, error) {
	if name == "" {
		return advise.Typical(), nil
	}
	raw, err := bounded(name, "the profile")
	if err != nil {
		return advise.Profile{}, err
	}
	p, err := parseProfile(raw)
	if err != nil {
		return advise.Profile{}, fmt.Errorf("profile %s: %w", name, err)
	}
	return p, nil
}

// allowed says what a profile may hold.
const allowed = "allowed are rtt, jitter, boot and reaction (durations such as 80ms), loss (a share such as 0.001), crashes_per_year and restarts_per_year (numbers), " +
	"and outages, a list of {length: 3m, per_year: 1, refused: false}"

// parseProfile reads one YAML document; whatever is wrong is refused with its line and what is allowed.
func parseProfile(raw []byte) (advise.Profile, error) {
	p := advise.Typical()
	var f file
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil {
		if errors.Is(err, io.EOF) {
			return p, nil // empty: all defaults
		}
		return p, fmt.Errorf("%w; %s", err, allowed)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return p, errors.New("holds more than one YAML document: give one")
	}
	for from, to := range map[*text]*time.Duration{f.RTT: &p.RTT, f.Jitter: &p.Jitter, f.Boot: &p.Boot, f.Reaction: &p.Reaction} {
		if from != nil {
			*to = time.Duration(*from)
		}
	}
	for from, to := range map[*float64]*float64{f.Loss: &p.Loss, f.Crashes: &p.Crashes, f.Restarts: &p.Restarts} {
		if from != nil {
			*to = *from
		}
	}
	if f.Outages != nil {
		p.Outages = nil
		for _, o := range f.Outages {
			p.Outages = append(p.Outages, advise.Outage{Length: time.Duration(o.Length), PerYear: o.PerYear, Refused: o.Refused})
		}
	}
	return p, errors.Join(located(raw, p.Problems())...)
}

// located says of each problem on which line its value stands.
func located(raw []byte, problems []advise.Problem) (errs []error) {
	var document yaml.Node
	if len(problems) == 0 || yaml.Unmarshal(raw, &document) != nil || len(document.Content) == 0 {
		return nil // it was decoded before
	}
	lines := map[string]int{}
	fields := func(prefix string, node *yaml.Node) {
		for i := 0; i+1 < len(node.Content); i += 2 {
			lines[prefix+node.Content[i].Value] = node.Content[i+1].Line
		}
	}
	top := document.Content[0]
	fields("", top)
	for i := 0; i+1 < len(top.Content); i += 2 {
		if top.Content[i].Value != "outages" {
			continue
		}
		for n, outage := range top.Content[i+1].Content {
			lines[fmt.Sprintf("outages[%d].length", n)], lines[fmt.Sprintf("outages[%d].per_year", n)] = outage.Line, outage.Line // of one that is left out
			fields(fmt.Sprintf("outages[%d].", n), outage)
		}
	}
	for _, problem := range problems {
		errs = append(errs, fmt.Errorf("line %d: %w", lines[problem.Field], problem))
	}
	return errs
}
