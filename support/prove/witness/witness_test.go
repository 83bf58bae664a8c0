package main

import (
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/config"
)

// The comparison tells an order that the model never shows, and an instant outside of its span.
func TestWhatDiffersIsTold(t *testing.T) {
	settings, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows() {
		p, err := predict(settings, r)
		if err != nil {
			t.Fatalf("%s: %v", r.name, err)
		}
		for k, n := range p.times {
			t.Logf("%s: %d of %d: %s", r.name, n, phases, k)
		}
	}
	crash, err := selected([]string{"crash dc1"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := predict(settings, crash[0])
	if err != nil {
		t.Fatal(err)
	}
	at := func(d time.Duration) [2]statuses { return [2]statuses{nil, {{false, d, d + time.Second}}} }
	if why := p.differs(at(2 * time.Minute)); why != "" {
		t.Error(why)
	}
	for name, x := range map[string]struct {
		seen [2]statuses
		want string
	}{
		"early": {at(time.Minute), "in the model after"}, "late": {at(5 * time.Minute), "in the model after"}, "never": {[2]statuses{}, "the model"},
		"twice": {[2]statuses{nil, {at(2 * time.Minute)[1][0], {true, 0, 0}}}, "DOWN UP"},
	} {
		if why := p.differs(x.seen); !strings.Contains(why, x.want) {
			t.Errorf("%s: %q", name, why)
		}
	}
	if _, err := selected([]string{"flood"}); err == nil {
		t.Error("flood is no row")
	}
}
