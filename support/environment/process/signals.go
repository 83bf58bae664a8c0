package process

import (
	"os"
	"os/signal"
	"syscall"
)

// hangupIgnored is whether we were started by nohup: asked at once, because a handler of our own would hide it.
var hangupIgnored = signal.Ignored(syscall.SIGHUP)

// EndSignals are the signals that end a program of ours in good order: Ctrl-C, SIGTERM, and SIGHUP (a terminal that is
// closed) unless it was ignored when the program started, as nohup has it.
func EndSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !hangupIgnored {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// EndOnHangup makes SIGHUP end this process as SIGTERM does, unless it was ignored when the process started. Whoever waits
// for our output may be gone by then: writing to nobody is no reason to die before everything is taken back.
func EndOnHangup() {
	if hangupIgnored {
		return
	}
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // writes fail then, instead of killing us
	go func() {
		for range hangups {
			_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
		}
	}()
}
