package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// threadTime is how long cores have worked for this thread; 0 where that is not told.
func threadTime() time.Duration {
	var used unix.Rusage
	if unix.Getrusage(unix.RUSAGE_THREAD, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
