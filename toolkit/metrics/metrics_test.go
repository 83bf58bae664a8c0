package metrics

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestGrowthAndEpochs(t *testing.T) {
	at := func(launch int64, process string, value int64) Sample {
		return Sample{PE: "3", Launch: launch, Process: process, Value: value}
	}
	for _, tt := range []struct {
		name           string
		earlier, later Sample
		growth         int64
		reset          bool
	}{
		{"grows", at(1, "9", 5), at(1, "9", 7), 2, false},
		{"stands", at(1, "9", 5), at(1, "9", 5), 0, false},
		{"restarted and beyond", at(1, "9", 5), at(2, "9", 7), 7, true},
		{"new process", at(0, "9", 5), at(0, "10", 7), 7, true},
		{"decrease without a visible restart", at(0, "", 5), at(0, "", 3), 3, true},
		{"launch known on one side only", at(0, "", 5), at(2, "9", 7), 2, false},
		{"another PE", Sample{PE: "3", Value: 1}, Sample{PE: "4", Value: 2}, 2, true},
	} {
		if growth, reset := Growth(tt.earlier, tt.later); growth != tt.growth || reset != tt.reset {
			t.Errorf("%s: growth %d reset %t, want %d %t", tt.name, growth, reset, tt.growth, tt.reset)
		}
	}
}

func TestFromREST(t *testing.T) {
	of := Sample{Scope: Operator, Job: "12", PE: "31", Launch: 2, Process: "20511", Operator: "Op", Port: Out(0, "Out")}
	samples, err := FromREST(of, []Reading{
		{"nTuplesSubmitted", "counter", "system", 1042, 1718000300000},
		{"mine", "gauge", "custom", -3, 0},
		{"nTuplesSubmitted", "counter", "system", 1, 0},
		{"nTuplesDropped", "gauge", "system", -1, 0}, // a counter by the catalogue, whatever it claims
		{"", "counter", "system", 1, 0},
	})
	if len(samples) != 2 || samples[0].Value != 1042 || samples[1].Value != -3 || !samples[1].Custom {
		t.Fatalf("samples %v", samples)
	}
	if s := samples[0]; s.Kind != Counter || !s.At.Equal(time.UnixMilli(1718000300000)) || s.Launch != 2 || s.String() != "operator Op out 0 nTuplesSubmitted = 1042" {
		t.Errorf("sample %+v %v", s, s)
	}
	for _, text := range []string{"nTuplesSubmitted of operator Op out 0: value 1: listed twice", "nTuplesDropped of operator Op out 0: value -1: a negative counter", "no name"} {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("error %v lacks %q", err, text)
		}
	}
}

func TestFindByIndexAndByName(t *testing.T) {
	sample := func(p Port, v int64) Sample {
		return Sample{Scope: Operator, Operator: "Op", Port: p, Name: "n", Value: v}
	}
	byIndex := Set{Samples: []Sample{sample(Out(0, ""), 1), sample(Out(1, ""), 2)}}
	if s, ok := byIndex.Find("Op", Out(1, "B"), "n"); !ok || s.Value != 2 {
		t.Errorf("by index: %v %t", s, ok)
	}
	byName := Set{Samples: []Sample{sample(Out(UnknownIndex, "X.A"), 1), sample(Out(UnknownIndex, "X.B"), 2)}}
	if s, ok := byName.Find("Op", Out(1, "B"), "n"); !ok || s.Value != 2 {
		t.Errorf("by name: %v %t", s, ok)
	}
	if s, ok := byName.Find("Op", Out(0, "C"), "n"); ok {
		t.Errorf("guessed %v among two", s)
	}
	only := Set{Samples: []Sample{sample(Out(UnknownIndex, "odd"), 7)}}
	if s, ok := only.Find("Op", Out(0, "C"), "n"); !ok || s.Value != 7 {
		t.Errorf("the only port: %v %t", s, ok)
	}
	if s, ok := only.Find("Op", Out(3, "C"), "n"); ok {
		t.Errorf("took %v for port 3", s)
	}
	if s, ok := only.Find("Op", In(0, "odd"), "n"); ok {
		t.Errorf("took %v for an input", s)
	}
}

func TestCamel(t *testing.T) {
	for snake, want := range map[string]string{"n_tuples_processed": "nTuplesProcessed", "queue_size": "queueSize", "": "", "_x": "x"} {
		if got := Camel(snake); got != want {
			t.Errorf("Camel(%q) = %q, want %q", snake, got, want)
		}
	}
}

func TestOfOneOrigin(t *testing.T) {
	set := Set{
		Samples: []Sample{
			{Job: "a", Instance: "I", Domain: "D"}, {Job: "b", Instance: "I", Domain: "D"}, {Job: "b", Instance: "other"}, {Job: "b"},
		},
		Conditions: []Condition{{Job: "b", Instance: "I"}, {Job: "b", Instance: "other"}},
	}
	for origin, want := range map[Origin][2]int{
		{}: {4, 2}, {Job: "b"}: {3, 2}, {Job: "b", Instance: "I"}: {2, 1}, {Job: "b", Instance: "I", Domain: "E"}: {1, 1}, {Instance: "nobody"}: {1, 0},
	} {
		if got := set.Of(origin); len(got.Samples) != want[0] || len(got.Conditions) != want[1] {
			t.Errorf("%+v: got %v", origin, got)
		}
	}
}

func TestOneOfSeveralSeries(t *testing.T) {
	good, bad := Good, Bad
	sample := func(instance, pe, resource string, launch, value int64) Sample {
		return Sample{Scope: Operator, Operator: "Op", Port: Out(UnknownIndex, "A"), Name: "n", Job: "j", Instance: instance, PE: pe, Resource: resource, Launch: launch, Value: value}
	}
	pe := func(instance, pe string, status *Level) Condition {
		return Condition{Scope: PE, Job: "j", Instance: instance, PE: pe, Status: status}
	}
	for name, test := range map[string]struct {
		set  Set
		want int64  // 0: refused
		says string // of the refusal
	}{
		"the same PE on its new host": {Set{Samples: []Sample{sample("I", "3", "h1", 1, 7), sample("I", "3", "h2", 2, 9)}}, 9, ""},
		"two PEs, one of them runs": {Set{Samples: []Sample{sample("I", "3", "", 4, 7), sample("I", "5", "", 1, 9)},
			Conditions: []Condition{pe("I", "3", &bad), pe("I", "5", &good)}}, 9, ""},
		"two PEs that run": {Set{Samples: []Sample{sample("I", "3", "", 4, 7), sample("I", "5", "", 1, 9)},
			Conditions: []Condition{pe("I", "3", &good), pe("I", "5", &good)}}, 0, "instance I job j pe 3 launch 4; instance I job j pe 5 launch 1"},
		"two PEs of which nothing is known":        {Set{Samples: []Sample{sample("I", "3", "", 0, 7), sample("I", "5", "", 0, 9)}}, 0, "2 series may be operator Op out A n"},
		"launches of different PEs do not compare": {Set{Samples: []Sample{sample("I", "3", "", 4, 7), sample("I", "5", "", 1, 9)}}, 0, "none is taken"},
		"two instances": {Set{Samples: []Sample{sample("I", "3", "", 1, 7), sample("K", "3", "", 2, 9)}}, 0, "instance I job j pe 3 launch 1; instance K job j pe 3 launch 2"},
		"two instances, one of them runs": {Set{Samples: []Sample{sample("I", "3", "", 1, 7), sample("K", "3", "", 2, 9)},
			Conditions: []Condition{pe("K", "3", &good)}}, 0, "none is taken"},
		"the same host and launch twice": {Set{Samples: []Sample{sample("I", "3", "h1", 2, 7), sample("I", "3", "h2", 2, 9)}}, 0, "resource h1"},
	} {
		got, ok, err := test.set.Pick("Op", Out(0, "A"), "n")
		var ambiguous *AmbiguousError
		if test.want != 0 && (!ok || err != nil || got.Value != test.want) ||
			test.want == 0 && (ok || !errors.As(err, &ambiguous) || !strings.Contains(err.Error(), test.says)) {
			t.Errorf("%s: %v %t %v", name, got, ok, err)
		}
		if _, found := test.set.Find("Op", Out(0, "A"), "n"); found != (test.want != 0) {
			t.Errorf("%s: Find %t", name, found)
		}
	}
}
