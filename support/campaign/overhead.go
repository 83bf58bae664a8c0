package main

import (
	"fmt"
	"time"

	"github.com/crossdc/failover/support/campaign/state"
)

// spent says what a campaign has cost beside its trials, from what was delivered between two instants: as many shards as run at once could
// have run trials all the time. Whatever else they did is the campaign's own share: starting pods, suites and data centers, waiting
// for room, collecting, and the end, when fewer shards are left than could run. Empty where nothing was delivered.
func spent(delivered []state.Entry, begun, ended time.Time, atOnce int) string {
	var trials, shards time.Duration
	n := 0
	for _, e := range delivered {
		whole, within := e.Ended.Sub(e.Began), overlap(e.Began, e.Ended, begun, ended)
		if whole <= 0 {
			continue
		}
		n++
		shards += within
		trials += time.Duration(float64(e.Trials) * float64(within) / float64(whole)) // of a shard that an earlier command began, its share
	}
	wall := ended.Sub(begun)
	if n == 0 || wall <= 0 {
		return ""
	}
	room := time.Duration(atOnce) * wall
	return fmt.Sprintf("%d shards in %v, %d at once: trials took %v of %v, so that the campaign's own share is %.1f %% (%v in shards beside their trials, %v between shards)",
		n, wall.Round(time.Second), atOnce, trials.Round(time.Second), room.Round(time.Second), 100*float64(room-trials)/float64(room),
		(shards - trials).Round(time.Second), max(0, room-shards).Round(time.Second))
}

func overlap(from, to, begun, ended time.Time) time.Duration {
	if from.Before(begun) {
		from = begun
	}
	if to.After(ended) {
		to = ended
	}
	return max(0, to.Sub(from))
}
