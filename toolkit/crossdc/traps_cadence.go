package crossdc

import (
	"fmt"
	"math"
	"strconv"
)

// Keys that findings name.
const (
	keyInterval         = "heartbeatExchangeInterval"
	keyMisses           = "consecutiveHeartbeatMissesAllowed"
	keySnapshotInterval = "dataSnapshotExchangeInterval"
	keyPort             = "crossDCHttpPort"
	keyMachines         = "remoteDataCenterApplicationMachineNames"
	keyDirectory        = "dataSnapshotStorageDirectory"
	keyJDBCURL          = "dataSnapshotJdbcUrl"
)

// C1
func nothingConfigured(k *knowledge) []Finding {
	if k.local.HeartbeatInterval < offInterval {
		return nil
	}
	return []Finding{{
		Trap: C1, Key: keyInterval, Value: real64(k.local.HeartbeatInterval),
		Effect: fmt.Sprintf("one heartbeat at D0 to %q and then none for 14 years: the status goes UP at most once and never DOWN", k.local.RemoteMachineNames),
		Remedy: "check that configFileName opens on every host and that the property prefix is the application's, and set it (shipped: 30)",
	}}
}

// C4
func differentCadence(k *knowledge) []Finding {
	if k.remote == nil {
		return nil
	}
	var found []Finding
	if l, r := k.local.HeartbeatInterval, k.remote.HeartbeatInterval; l != r {
		found = append(found, Finding{
			Trap: C4, Key: keyInterval, Value: both(real64(l), real64(r)),
			Effect: "flapping on the side with the shorter interval, slow detection on the other; here, with the peer's interval, flapping is " +
				k.local.Timing().Flaps(seconds(r)).String(),
			Remedy: "set the same interval in both data centers",
		})
	}
	if l, r := k.local.MissesAllowed, k.remote.MissesAllowed; l != r {
		found = append(found, Finding{
			Trap: C4, Key: keyMisses, Value: both(fmt.Sprint(l), fmt.Sprint(r)),
			Effect: "the two sides detect after different times, and one may declare a DOWN that the other never sees",
			Remedy: "set the same number in both data centers",
		})
	}
	return found
}

// C5
func shortInterval(k *knowledge) []Finding {
	if i := k.local.HeartbeatInterval; i >= 1 || i <= 0 {
		return nil
	}
	return []Finding{{
		Trap: C5, Key: keyInterval, Value: real64(k.local.HeartbeatInterval),
		Effect: "the interval is truncated to 0 for the snapshot arithmetic: a snapshot round at every tick, whatever " + keySnapshotInterval + " says",
		Remedy: "set at least 1",
	}}
}

// C6
func shortSnapshotInterval(k *knowledge) []Finding {
	if truncate(k.local.SnapshotInterval) != 0 {
		return nil
	}
	return []Finding{{
		Trap: C6, Key: keySnapshotInterval, Value: real64(k.local.SnapshotInterval),
		Effect: "integer division by zero at the first tick after UP, in any mode: the processing element restarts in a loop",
		Remedy: "set at least 1, and a multiple of " + keyInterval,
	}}
}

// C7
func unevenSnapshotInterval(k *knowledge) []Finding {
	c := k.local
	if c.HeartbeatInterval < 1 || c.HeartbeatInterval >= offInterval || c.SnapshotInterval >= offSnapshotInterval || truncate(c.SnapshotInterval) == 0 {
		return nil // C1, C5 and C6 say what happens then; snapshots that are off have no period
	}
	whole := math.Trunc(c.HeartbeatInterval) == c.HeartbeatInterval
	if whole && math.Mod(c.SnapshotInterval, c.HeartbeatInterval) == 0 {
		return nil
	}
	period, err := c.Timing().SnapshotPeriod()
	if err != nil {
		return nil
	}
	return []Finding{{
		Trap: C7, Key: keySnapshotInterval, Value: real64(c.SnapshotInterval),
		Effect: fmt.Sprintf("with %s = %s snapshots are taken every %s", keyInterval, real64(c.HeartbeatInterval), inSeconds(period)),
		Remedy: "set a whole number of seconds for " + keyInterval + " and a multiple of it here",
	}}
}

// C14
func noInterval(k *knowledge) []Finding {
	if k.local.HeartbeatInterval > 0 {
		return nil
	}
	return []Finding{{
		Trap: C14, Key: keyInterval, Value: real64(k.local.HeartbeatInterval),
		Effect: "ticks without a pause: heartbeats flood until the sender's queue of 1000 blocks them",
		Remedy: "set at least 1 (shipped: 30)",
	}}
}

func real64(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func both(local, remote string) string { return local + " here, " + remote + " at the peer" }
