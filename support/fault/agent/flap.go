package main

import (
	"time"

	"github.com/google/nftables"
)

// flap begins the cuts of a table that cuts now and then, but for the first one: that comes with the table. The kernel ends each of them, and
// all of them at the deadline, so that a keeper that dies or is suspended leaves a link that works.
func flap(r *record, over <-chan struct{}) {
	c := r.Fault.Cut
	if c.Down == 0 {
		return
	}
	begun := r.Deadline - int64(r.Fault.For)
	for next := begun + int64(c.Down+c.Up); next < r.Deadline; next += int64(c.Down + c.Up) {
		timer := time.NewTimer(until(next))
		select {
		case <-over:
			timer.Stop()
			return
		case <-timer.C:
		}
		if left := until(next + int64(c.Down)); left > 0 { // else we were late by all of it
			_ = begin(r.mark(), min(left, until(r.Deadline))) // a table that somebody removed is reported as lost
		}
	}
}

// begin fills the set that makes the rules of a table hit.
func begin(name string, lasts time.Duration) error {
	conn, err := connect()
	if err != nil {
		return err
	}
	table := &nftables.Table{Family: nftables.TableFamilyINet, Name: name}
	set, err := conn.GetSetByName(table, downSet)
	if err != nil {
		return err
	}
	if err := conn.SetAddElements(set, families(lasts)); err != nil {
		return err
	}
	return conn.Flush()
}
