package scenario

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/crossdc/failover/support/watch/board"
)

// lineWidth keeps the living line on one line of any terminal.
const lineWidth = 99

// living is a line of a terminal that is written anew until it is stopped. The cursor stays at its beginning, so that whatever is
// printed meanwhile takes its place.
type living struct {
	out  io.Writer
	stop chan struct{}
	done chan struct{}
	once sync.Once
}

// enliven writes text at every tick until the line is stopped.
func enliven(out io.Writer, ticks <-chan time.Time, text func() string) *living {
	l := &living{out: out, stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		for {
			select {
			case <-l.stop:
				return
			case <-ticks:
				line := []rune(text())
				if len(line) > lineWidth {
					line = append(line[:lineWidth-1], '…')
				}
				fmt.Fprintf(out, "\r%s\x1b[K\r", string(line))
			}
		}
	}()
	return l
}

// end stops the line and takes it away. It may be called more than once.
func (l *living) end() {
	if l == nil {
		return
	}
	l.once.Do(func() {
		close(l.stop)
		<-l.done
		fmt.Fprint(l.out, "\x1b[K")
	})
}

// enliven shows, in a terminal, how long has been waited for what await names, and what was seen meanwhile by whom. Anywhere else,
// and where NO_COLOR is set, the plain line of await is all.
func (d *Drill) enliven(limit time.Duration) {
	d.living.end()
	suite, reporter := ginkgo.GinkgoConfiguration()
	if suite.ParallelTotal != 1 || reporter.Verbosity().GTE(types.VerbosityLevelVerbose) || !colored() ||
		ginkgo.CurrentSpecReport().LeafNodeType != types.NodeTypeIt {
		return
	}
	began := time.Now()
	ticker := time.NewTicker(200 * time.Millisecond)
	line := enliven(os.Stdout, ticker.C, func() string {
		now := time.Now()
		return fmt.Sprintf("      %.0f of %.0f s; %s", d.toolkit(now.Sub(began)).Seconds(), d.toolkit(limit).Seconds(), lastSeen(d.board.Since("", began), now, d.toolkit))
	})
	d.living = line
	ginkgo.DeferCleanup(func() { // of the step, so that Ginkgo's own mark stands on a line that is free
		ticker.Stop()
		line.end()
	})
}

// lastSeen says in a few words what was seen, and by which indicator.
func lastSeen(all []board.Sighting, now time.Time, toolkit func(time.Duration) time.Duration) string {
	if len(all) == 0 {
		return "nothing new was seen yet"
	}
	last := all[len(all)-1]
	ago := max(toolkit(now.Sub(last.Latest)).Seconds(), 0) // the last instant at which it can have happened may be yet to come
	return fmt.Sprintf("%d seen, last: %s, %s, by %s, %.0f s ago", len(all), last.Site, last.Event, last.Indicator, ago)
}

func (d *Drill) watchFor(ctx context.Context, stretch time.Duration) {
	ginkgo.GinkgoHelper()
	timer := time.NewTimer(d.wall(stretch))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		ginkgo.Fail(fmt.Sprintf("interrupted while watching for %s of toolkit time: %v", inSeconds(stretch), context.Cause(ctx)))
	}
}

// await tells a person what is awaited, and for how long at most; in a terminal a line below it lives until the step ends.
func (d *Drill) await(_ context.Context, what string, limit time.Duration) {
	progress("    waiting until %s, at most %s (%.1f s wall)", what, inSeconds(d.toolkit(limit)), limit.Seconds())
	d.enliven(limit)
}
