package main

import (
	"testing"
	"time"

	"github.com/crossdc/failover/support/campaign/state"
)

// TestTheCampaignsOwnShareIsWhatTrialsDidNotTake: two at once for ten minutes have room for twenty.
func TestTheCampaignsOwnShareIsWhatTrialsDidNotTake(t *testing.T) {
	begun := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	at := func(minutes float64) time.Time { return begun.Add(time.Duration(minutes * float64(time.Minute))) }
	shard := func(from, to, trials float64) state.Entry {
		return state.Entry{Kind: state.Delivered, Began: at(from), Ended: at(to), Trials: time.Duration(trials * float64(time.Minute))}
	}
	for _, c := range []struct {
		name      string
		delivered []state.Entry
		atOnce    int
		want      string
	}{
		{"nothing was delivered", nil, 2, ""},
		{"an older command kept no times", []state.Entry{{Kind: state.Delivered}}, 2, ""},
		{"trials all the time", []state.Entry{shard(0, 10, 10), shard(0, 10, 10)}, 2,
			"2 shards in 10m0s, 2 at once: trials took 20m0s of 20m0s, so that the campaign's own share is 0.0 % (0s in shards beside their trials, 0s between shards)"},
		{"shards that start and wait", []state.Entry{shard(0, 9, 8), shard(1, 10, 8)}, 2,
			"2 shards in 10m0s, 2 at once: trials took 16m0s of 20m0s, so that the campaign's own share is 20.0 % (2m0s in shards beside their trials, 2m0s between shards)"},
		{"a shard that an earlier command began", []state.Entry{shard(-5, 5, 8), shard(0, 10, 10)}, 2,
			"2 shards in 10m0s, 2 at once: trials took 14m0s of 20m0s, so that the campaign's own share is 30.0 % (1m0s in shards beside their trials, 5m0s between shards)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := spent(c.delivered, begun, at(10), c.atOnce); got != c.want {
				t.Errorf("said\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
