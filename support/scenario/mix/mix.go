// Package mix draws a long random mix of faults (toolkit contract 10, S56). It is pure: the same seed gives the same schedule, whatever
// becomes of it when it is carried out.
//
// It imports nothing of ours; support/scenario imports it.
package mix

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Kind is a kind of trouble.
type Kind string

// The kinds, each with the scenario that it comes from.
const (
	Crash          Kind = "crash"           // S03
	Restart        Kind = "restart"         // S09
	ShortPartition Kind = "short partition" // S15
	SlowLink       Kind = "slow link"       // S20
	Jitter         Kind = "jitter"          // S21
	Loss           Kind = "packet loss"     // S22
	ShortHang      Kind = "short hang"      // S37
	LongHang       Kind = "long hang"       // S37
)

// Kinds are all of them.
func Kinds() []Kind {
	return []Kind{Crash, Restart, ShortPartition, SlowLink, Jitter, Loss, ShortHang, LongHang}
}

// Action is one trouble of a schedule.
type Action struct {
	// At is when it comes, in toolkit time since the beginning. Where what was before takes longer, it comes later.
	At   time.Duration
	Kind Kind
	// Target is the place of the data center that is struck, 0 or 1; a trouble of the link strikes both.
	Target int
	// Part says how much of what its kind may be it is, 0 to 1.
	Part float64
}

func (a Action) String() string {
	return fmt.Sprintf("%s of dc%d (%.2f) at %s", a.Kind, a.Target+1, a.Part, a.At.Round(time.Second))
}

// Schedule draws the troubles of a stretch of toolkit time. Two are at least a pause apart, and at most two. Every kind comes once before one
// comes again, so that a short schedule has as many as possible.
func Schedule(seed int64, length, pause time.Duration, kinds []Kind) []Action {
	if len(kinds) == 0 || pause <= 0 {
		return nil
	}
	random := rand.New(rand.NewPCG(uint64(seed), 56))
	var schedule []Action
	var bag []Kind
	for at := time.Duration(0); at <= length-pause; at += pause + time.Duration(random.Float64()*float64(pause)) {
		if len(bag) == 0 {
			for _, i := range random.Perm(len(kinds)) {
				bag = append(bag, kinds[i])
			}
		}
		schedule = append(schedule, Action{At: at, Kind: bag[0], Target: random.IntN(2), Part: random.Float64()})
		bag = bag[1:]
	}
	return schedule
}
