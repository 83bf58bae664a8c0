package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strings"
	"time"

	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/distance"
)

// vacant says why a profile cannot be written to a file: it is there already, and what stands in it is somebody's.
func vacant(name string) error {
	switch _, err := os.Lstat(name); {
	case err == nil:
		return fmt.Errorf("%s exists and is not overwritten: name another file, or move it away", name)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("look for %s: %w", name, err)
	}
	return nil
}

// writeProfile writes what was measured as a profile that support/advise reads. A file that has come to be meanwhile is left alone.
func writeProfile(name string, distances []environment.Distance, now time.Time) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("write the profile: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.WriteString(profile(distances, now)); err != nil {
		return fmt.Errorf("write the profile %s: %w", name, err)
	}
	return nil
}

// profile is the network in the terms of support/advise. What the rates are nobody can measure in a minute: they stay as lines to fill in.
func profile(distances []environment.Distance, now time.Time) string {
	var b strings.Builder
	line := func(format string, values ...any) { fmt.Fprintf(&b, format+"\n", values...) }
	line("# Measured by make doctor, %s. For make advise PROFILE=<this file>.", now.UTC().Format("2006-01-02 15:04 MST"))
	for _, d := range distances {
		line("# %s", told(d))
	}
	link := linkOf(distances)
	switch {
	case link.between:
		line("# Both directions of the link count together.")
	default:
		line("# From one data center to the other nothing could be sent with these settings (that needs CROSSDC_ENVIRONMENT=hosts): the sum of both ways")
		line("# stands for the link. It is too long where this machine is far from both; then write down what you know.")
	}
	line("rtt: %s", link.rtt)
	line("jitter: %s # each way, so that nine of ten round trips are as short as was measured", link.jitter)
	if link.blind {
		line("# loss: 0             # not measured: only handshakes of our own show which packets were sent again")
	} else {
		line("loss: %s # with 95 %% confidence at most %s", share(link.loss), share(link.mostLoss))
	}
	line("# Nobody can measure these in a minute; without a value the defaults count (support/README.md):")
	line("# boot: 45s            # from the death of the processes until they run again: not known")
	line("# restarts_per_year: 12")
	line("# crashes_per_year: 0.2")
	line("# reaction: 1h         # until somebody ends a mutual silence by hand")
	line("# outages:")
	line("#   - {length: 3m, per_year: 1}")
	return b.String()
}

// link is the network between both data centers, as far as it is known.
type link struct {
	between        bool
	rtt, jitter    time.Duration
	loss, mostLoss float64
	blind          bool // nobody looked for losses
}

// triangular is the 90th percentile of the sum of two uniform draws from 0 to 1.
var triangular = 2 - math.Sqrt(0.2)

// linkOf puts the distances together: those of the link itself count as one, our own ways to both data centers one after the other.
func linkOf(distances []environment.Distance) link {
	l := link{between: len(distances) > 0}
	arrives, surely := 1.0, 1.0
	var least, late time.Duration
	for _, d := range distances {
		l.between = l.between && d.Between
		l.blind = l.blind || d.Way.Blind
		share, most := d.Way.Loss()
		least, late = least+d.Way.Quantile(0), late+d.Way.Quantile(0.9)
		arrives, surely = arrives*(1-share), surely*(1-most)
	}
	l.loss, l.mostLoss = 1-arrives, 1-surely
	if n := time.Duration(len(distances)); l.between {
		least, late = least/n, late/n
		l.loss, l.mostLoss = l.loss/float64(n), l.mostLoss/float64(n)
	}
	l.rtt = rounded(least)
	l.jitter = rounded(time.Duration(float64(late-least) / triangular))
	return l
}

func rounded(d time.Duration) time.Duration {
	if d > 10*time.Millisecond {
		return d.Round(100 * time.Microsecond)
	}
	return d.Round(time.Microsecond)
}

func share(p float64) string { return fmt.Sprintf("%.2g", p) }

// told is a distance in one sentence.
func told(d environment.Distance) string {
	return fmt.Sprintf("%s (%s): %s", d.Where, d.Means, toldWay(d.Way))
}

func toldWay(w distance.Way) string {
	lost := fmt.Sprintf("%d with a packet that was lost", w.Repeated)
	if w.Blind {
		lost = "whether packets were lost is not known"
	}
	return fmt.Sprintf("round trip P50 %s, P90 %s, P99 %s in %d of %d tries, %s, %d in vain",
		rounded(w.Quantile(0.5)), rounded(w.Quantile(0.9)), rounded(w.Quantile(0.99)), len(w.RTT), w.Tried, lost, w.Failed)
}

// measured tells the distances and writes them down.
func (t *teller) measured(name string, distances []environment.Distance, now time.Time) {
	for _, d := range distances {
		t.add(environment.Finding{Where: "network", What: d.Where, State: environment.Fits, Says: d.Means + ": " + toldWay(d.Way)})
	}
	if err := writeProfile(name, distances, now); err != nil {
		t.obstacle(err)
		return
	}
	t.add(environment.Finding{Where: "network", What: "profile", State: environment.Fits, Says: name + " is written; make advise PROFILE=" + name + " uses it"})
}
