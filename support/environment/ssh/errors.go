package ssh

import (
	"fmt"
	"strings"
)

// Problem is the class of what went wrong.
type Problem string

// Problems.
const (
	BadSettings    Problem = "bad settings"    // a key file or known_hosts that cannot be used
	NotReached     Problem = "not reached"     // no connection
	HandshakeHangs Problem = "handshake hangs" // connected, and then nothing
	LoginHangs     Problem = "login hangs"     // host key shown, and then nothing
	WrongHostKey   Problem = "wrong host key"  // another one than known_hosts has
	UnknownHost    Problem = "unknown host"    // known_hosts has none
	LoginRefused   Problem = "login refused"   // no key was accepted
	NoCommands     Problem = "no commands"     // the account does not run what it is told
	SudoAsks       Problem = "sudo asks"       // for a password, or refuses
	MissingTool    Problem = "missing tool"    // a program that is not there
	CannotWrite    Problem = "cannot write"    // no memory-backed folder that takes a program
	Lost           Problem = "lost"            // the connection ended or went silent
	TimedOut       Problem = "timed out"       // a command that took longer than allowed
)

// Error says what was attempted on which host, and what to do next.
type Error struct {
	Problem Problem
	Host    string // address
	Tried   string // "log in as streams"
	Says    string // what was found
	Remedy  string
	Err     error // beneath it; may be nil
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %s: %s", e.Host, e.Tried, e.Problem)
	if e.Says != "" {
		text += ": " + e.Says
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Remedy != "" {
		text += "; " + e.Remedy
	}
	return text
}

// Unwrap gives what is beneath it.
func (e *Error) Unwrap() error { return e.Err }

// maxSaid bounds what of a host's own words goes into an error, in bytes.
const maxSaid = 300

// said are a host's own words, fit for an error.
func said(text []byte) string {
	trimmed := strings.TrimSpace(string(text))
	if trimmed == "" {
		return ""
	}
	if len(trimmed) > maxSaid {
		trimmed = trimmed[:maxSaid] + "..."
	}
	return fmt.Sprintf("it said %q", trimmed)
}
