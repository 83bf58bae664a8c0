package scenario

import (
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/scenario/ended"
)

// judgeReplication expects the peer to have accepted one replica of every fragment for each round that a side asked for, give or
// take one that was on its way when the counters were read.
func (d *Drill) judgeReplication(side *Side, beats map[string][]beat, period time.Duration) {
	ginkgo.GinkgoHelper()
	quiet := min(d.Timing.Interval, period/3)
	rounds, accepted, ok := betweenRounds(beats[side.Name()], beats[side.peer.Name()], d.wall(quiet))
	ended.Doubt().Expect(ok).To(BeTrue(), "no two instants were seen at which no round of %s was under way; watch for longer (CROSSDC_STEADY_HEARTBEATS)", side.Name())
	text := fmt.Sprintf("%s asked for %d rounds of snapshots, and %s accepted %d replicas of %d fragments", side.Name(), rounds, side.peer.Name(), accepted, d.env.Fragments)
	Expect(accepted).To(BeNumerically("~", rounds*int64(d.env.Fragments), 1), text)
	progress("    %s", text)
}

// betweenRounds is how many rounds a side asked for and how many replicas its peer accepted between the first and the last instant at
// which no round was under way: none had been asked for shortly before, nor was shortly after.
func betweenRounds(sender, receiver []beat, quiet time.Duration) (rounds, accepted int64, ok bool) {
	var still []int
	for i := range min(len(sender), len(receiver)) {
		at := sender[i].at
		moved := false
		for j := i; j > 0 && at.Sub(sender[j].at) < quiet; j-- {
			moved = moved || sender[j].rounds != sender[j-1].rounds
		}
		for j := i + 1; j < len(sender) && sender[j].at.Sub(at) < quiet; j++ {
			moved = moved || sender[j].rounds != sender[j-1].rounds
		}
		known := at.Sub(sender[0].at) >= quiet && sender[len(sender)-1].at.Sub(at) >= quiet
		if known && !moved {
			still = append(still, i)
		}
	}
	if len(still) < 2 {
		return 0, 0, false
	}
	first, last := still[0], still[len(still)-1]
	rounds = sender[last].rounds - sender[first].rounds
	return rounds, receiver[last].accepted - receiver[first].accepted, rounds > 0
}

// beat is one look at the counters that show a data center's rhythm.
type beat struct {
	at           time.Time // when it had been read
	since, until time.Time // around the instant at which the platform sampled heartbeats
	heartbeats   int64     // received
	rounds       int64     // snapshot rounds requested
	accepted     int64     // snapshots accepted from the peer
	backlog      int64     // heartbeats waiting to be sent
}
