package plan

import (
	"reflect"
	"strings"
	"testing"
)

func request() Request {
	return Request{Name: "nightly", Run: "nightly-1", Labels: "S03 || S15", Suites: []string{"partition", "outage"}, Trials: 5, PerShard: 2, Seed: 7}
}

func TestTheSameRequestGivesTheSameShards(t *testing.T) {
	a, err := request().Shards()
	if err != nil {
		t.Fatal(err)
	}
	other := request()
	other.Suites = []string{"outage", "partition"}
	b, err := other.Shards()
	if err != nil || !reflect.DeepEqual(a, b) {
		t.Fatalf("the order of suites changes the shards: %v, %v, %v", a, b, err)
	}
	if len(a) != 6 || a[0].Suite != "outage" || a[1].Suite != "partition" || a[4].First != 5 || a[4].Last != 5 {
		t.Errorf("shards are %v", a)
	}
	trials, seeds := map[string]int{}, map[int64]bool{}
	for i, s := range a {
		trials[s.Suite] += s.Trials()
		seeds[s.Seed] = true
		if s.Index != i || s.Seed <= 0 {
			t.Errorf("shard %d is %+v", i, s)
		}
	}
	if trials["outage"] != 5 || trials["partition"] != 5 || len(seeds) != len(a) {
		t.Errorf("trials %v with %d seeds", trials, len(seeds))
	}
	other.Seed = 8
	if c, _ := other.Shards(); c[0].Seed == a[0].Seed {
		t.Error("another seed gives the same shard")
	}
}

func TestABadRequestNamesItsFields(t *testing.T) {
	bad := Request{Name: "No", Suites: []string{"a b", "x", "x"}, Trials: 0, PerShard: -1}
	err := bad.Check()
	for _, want := range []string{`name "No"`, "trials 0", "trials per shard -1", `suite "a b"`, `suite "x": named twice`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
	large := request()
	large.Trials, large.PerShard = MaxShards, 1
	if err := large.Check(); err == nil || !strings.Contains(err.Error(), "200000 shards") {
		t.Errorf("too many shards: %v", err)
	}
}

func FuzzRanges(f *testing.F) {
	f.Add("0-4,7")
	f.Add("")
	f.Add("3-2,")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseRanges(text, 1000)
		if err != nil {
			return
		}
		again, err := ParseRanges(Ranges(got), 1000)
		if err != nil || !reflect.DeepEqual(got, again) {
			t.Errorf("%q is %v, then %v, %v", text, got, again, err)
		}
	})
}
