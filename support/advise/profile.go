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

// maxProfile bounds a profile: it is written by hand.
const maxProfile = 1 << 20

func readProfile(name string) (advise.Profile, error) {
	if name == "" {
		return advise.Typical(), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return advise.Profile{}, fmt.Errorf("read the profile: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxProfile+1))
	switch {
	case err != nil:
		return advise.Profile{}, fmt.Errorf("read the profile: %w", err)
	case len(raw) > maxProfile:
		return advise.Profile{}, fmt.Errorf("profile %s: more than %d bytes", name, maxProfile)
	}
	p, err := parseProfile(raw)
	if err != nil {
		return advise.Profile{}, fmt.Errorf("profile %s: %w", name, err)
	}
	return p, nil
}

// parseProfile reads one YAML document; unknown fields are refused with their line.
func parseProfile(raw []byte) (advise.Profile, error) {
	p := advise.Typical()
	var f file
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil {
		if errors.Is(err, io.EOF) {
			return p, nil // empty: all defaults
		}
		return p, fmt.Errorf("%w; allowed are rtt, jitter, loss, outages (length, per_year, refused), crashes_per_year, restarts_per_year, boot, reaction", err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return p, errors.New("holds more than one YAML document")
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
	return p, nil
}
