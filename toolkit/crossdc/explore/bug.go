package explore

import (
	"context"
	"fmt"
	"strings"

	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/crossdc/model"
)

// Bug is something that the toolkit does not do, switched on to prove that exploration would notice if it did. The names are
// those of the emulator's switches.
type Bug struct {
	Name string
	bug  model.Bug
}

// Bugs is the table.
func Bugs() []Bug {
	victim := func(a crossdc.Action) bool { return strings.HasSuffix(a.Name, "-0") } // the fragment with origin 0
	none := func(drops func(life int, a crossdc.Action) bool) model.Bug {
		return model.Bug{Repeats: func(life int, a crossdc.Action) int {
			if drops(life, a) {
				return 0
			}
			return 1
		}}
	}
	return []Bug{
		{"never-notices", model.Bug{Alter: func(c *crossdc.Config) { c.MissesAllowed = 255 }}},
		{"notices-early", model.Bug{Alter: func(c *crossdc.Config) { c.MissesAllowed = max(c.MissesAllowed, 1) - 1 }}},
		{"notices-late", model.Bug{Alter: func(c *crossdc.Config) { c.MissesAllowed = min(c.MissesAllowed, 254) + 1 }}},
		{"mute-after-restart", none(func(life int, a crossdc.Action) bool { return life > 1 && a.Kind == crossdc.SendHeartbeat })},
		{"drops-fragment", none(func(_ int, a crossdc.Action) bool { return a.Kind == crossdc.TakeOver && victim(a) })},
		{"doubles-fragment", model.Bug{Repeats: func(_ int, a crossdc.Action) int {
			if a.Kind == crossdc.Deliver && a.Message.Type == crossdc.Snapshot && a.Message.Origin == "0" {
				return 2
			}
			return 1
		}}},
		{"spares-a-file", none(func(_ int, a crossdc.Action) bool { return a.Kind == crossdc.RemoveReplica && victim(a) })},
		{"sends-no-snapshots", none(func(_ int, a crossdc.Action) bool { return a.Kind == crossdc.SignalSnapshot })},
		{"never-announces", none(func(_ int, a crossdc.Action) bool {
			return a.Kind == crossdc.SendOther && a.Message.Type == crossdc.OrderlyShutdown
		})},
	}
}

// FindBug is Find for a bug: it draws cases until one fails in a way that no quirk explains and that it does not fail in without
// the bug, and shrinks it.
func FindBug(ctx context.Context, bug Bug, seed uint64) (Found, error) {
	shows := func(c *Case, want Invariant) (Finding, bool, error) {
		f, ok, err := unknown(c)
		if err != nil || !ok || want != "" && f.Invariant != want {
			return Finding{}, false, err
		}
		sound := *c
		sound.Bug = nil
		_, also, err := unknown(&sound)
		return f, !also, err
	}
	for n := uint64(0); ; n++ {
		if err := ctx.Err(); err != nil {
			return Found{}, fmt.Errorf("find bug %s in %d cases of seed %d: %w", bug.Name, n, seed, err)
		}
		c := Draw(seed, n)
		c.Bug = &bug
		finding, ok, err := shows(&c, "")
		if err != nil {
			return Found{}, err
		}
		if !ok {
			continue
		}
		small := Shrink(c, func(c *Case) bool {
			_, ok, err := shows(c, finding.Invariant)
			return err == nil && ok
		})
		finding, _, err = shows(&small, finding.Invariant)
		return Found{Quirk: bug.Name, Cases: n + 1, Case: small, Finding: finding}, err
	}
}

// unknown is the first finding of a case that nothing known explains.
func unknown(c *Case) (Finding, bool, error) {
	findings, err := Judge(c)
	if err != nil {
		return Finding{}, false, err
	}
	f, ok := Unexplained(findings, "")
	return f, ok, nil
}
