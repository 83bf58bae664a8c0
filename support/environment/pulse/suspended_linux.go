package pulse

import (
	"time"

	"golang.org/x/sys/unix"
)

// suspended is for how long this machine has been suspended since it was started: the boot clock goes on then, the monotonic
// one does not (clock_gettime(2)).
func suspended() time.Duration {
	var boot, monotonic unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &monotonic) != nil || unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot) != nil {
		return 0
	}
	return max(0, time.Duration(boot.Nano()-monotonic.Nano()))
}
