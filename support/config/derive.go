package config

import (
	"fmt"
	"strconv"
	"time"
)

// restartAllowance is what is allowed, beyond detection, for the takeover and the first event served (toolkit time).
const restartAllowance = 30 * time.Second

func (c *Config) objectives() Objectives {
	i, n := c.Toolkit.HeartbeatInterval, c.Toolkit.Misses
	period := c.Toolkit.SnapshotPeriod()
	o := Objectives{RTO: c.RTO, RPO: c.RPO}
	rto, rpo := "RTO as given", "RPO as given"
	if o.RTO == 0 {
		o.RTO = time.Duration(int64(n)+1)*i + restartAllowance
		rto = fmt.Sprintf("RTO = (N+1)*I + %s = (%d+1)*%s + %s = %s", inSeconds(restartAllowance), n, inSeconds(i), inSeconds(restartAllowance), inSeconds(o.RTO))
	}
	if o.RPO == 0 {
		o.RPO = period + i
		rpo = fmt.Sprintf("RPO = P_s + I = %s + %s = %s (snapshot period P_s from I = %s, S = %s)", inSeconds(period), inSeconds(i), inSeconds(o.RPO),
			inSeconds(i), inSeconds(c.Toolkit.SnapshotInterval))
	}
	o.Derivation = rto + "; " + rpo
	return o
}

// inSeconds is a time as objectives are given: in seconds.
func inSeconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " s" }

// SnapshotPeriod is P_s, the real time between two snapshot rounds (toolkit contract 6.6): max(1, k-1)*I with
// k = ds/gcd(hb, ds), hb and ds being I and S truncated to seconds. Zero when the toolkit would divide by zero.
func (t Toolkit) SnapshotPeriod() time.Duration {
	hb, ds := int64(t.HeartbeatInterval/time.Second), int64(t.SnapshotInterval/time.Second)
	if ds <= 0 {
		return 0
	}
	if hb <= 0 {
		return t.HeartbeatInterval
	}
	a, b := hb, ds
	for b != 0 {
		a, b = b, a%b
	}
	ticks := max(1, ds/a-1)
	if ticks > int64(maxDuration/t.HeartbeatInterval) {
		return maxDuration // as good as never, and no overflow
	}
	return time.Duration(ticks) * t.HeartbeatInterval
}
