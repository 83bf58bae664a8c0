// Command agent carries out faults on a target host: one process per host, pushed there by whoever runs the suites, speaking
// the package protocol over its standard input and output. It installs nothing and needs no library.
//
//	agent [-state FOLDER] [-vanish]  serve until the input ends; with -vanish its own file is removed first
//	agent [-state FOLDER] keep ID    be the second deadline of one fault; started by the agent, not by people
//	agent [-state FOLDER] keep-lease ID    remove the host's lease once it has expired; started by the agent as well
//
// Ended by itself: rules in nftables carry a timeout, so the kernel ends them with no process alive. Everything else is ended by a
// keeper, a second process in a session of its own (a transient unit where systemd is PID 1), which is armed before the
// fault acts. The end of the agent's input, its death or its suspension change neither.
//
// What a fault cannot do is part of it: a packet that is cut on its way out gives UDP senders EPERM, a read-only folder stays
// writable for files that are open, and a delay loses packets while its keeper is suspended, until its deadline. Measured on two
// busy cores, in network namespaces: cuts ended 0 to 9 ms before their deadline (two ticks of the kernel), hangs and commands 5 to
// 75 ms after it, whether the agent lived, was killed or was suspended.
//
// Each fault is one value in kinds.go with its file. The journal of a target lies in memory-backed storage (record.go).
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	vanish := flag.Bool("vanish", false, "remove the program's own file, and its folder if that is empty then: nothing is left of it once it ends")
	state := flag.String("state", "", "folder of the journal, on a tmpfs; by default /run/crossdc-fault, else /dev/shm/crossdc-fault")
	flag.Parse()
	signal.Ignore(syscall.SIGHUP) // the end of a terminal is no reason to stop
	if *vanish {
		if err := removeSelf(); err != nil {
			fmt.Fprintln(os.Stderr, "fault agent:", err)
			os.Exit(1)
		}
	}
	if err := start(*state, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "fault agent:", err)
		os.Exit(1)
	}
}

// removeSelf removes the file that this program was started from: whoever put it there may die before it takes it away.
func removeSelf() error {
	self, err := os.Executable()
	if err == nil {
		err = os.Remove(self)
	}
	if err != nil {
		return fmt.Errorf("remove its own file: %w", err)
	}
	_ = os.Remove(filepath.Dir(self)) // only succeeds if it was put there alone
	return nil
}

func start(state string, arguments []string) error {
	j, err := openJournal(state)
	if err != nil {
		return err
	}
	switch {
	case len(arguments) == 0:
		h := &host{journal: j, ssh: os.Getenv("SSH_CONNECTION")}
		return h.serve(os.Stdin, os.Stdout)
	case len(arguments) == 2 && arguments[0] == "keep":
		return keep(j, arguments[1])
	case len(arguments) == 2 && arguments[0] == "keep-lease":
		return keepLease(j, arguments[1])
	}
	return fmt.Errorf("arguments %q: none, or keep or keep-lease and an id, expected", arguments)
}
