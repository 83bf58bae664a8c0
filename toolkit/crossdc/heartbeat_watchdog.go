package crossdc

import (
	"fmt"
	"time"
)

// HeartbeatWatchdog is the state of RemoteDataCenterHeartbeatWatchdog (toolkit contract 5.3, WD1-WD3). The zero value
// with Options set is the operator after its start.
type HeartbeatWatchdog struct {
	Options      Options
	Missed       uint8 // ticks since the last body; wraps like the toolkit's uint8 (Q44)
	Active       bool
	ShuttingDown bool
}

// NewHeartbeatWatchdog is the watchdog as it stands after its processing element has started.
func NewHeartbeatWatchdog(o Options) HeartbeatWatchdog { return HeartbeatWatchdog{Options: o} }

// Step handles HeartbeatBody, Tick and SpecialMessage. Other events change nothing; now is not read.
func (w HeartbeatWatchdog) Step(cfg *Config, ev Event, _ time.Duration, out []Action) (HeartbeatWatchdog, []Action) {
	next, status := w.react(cfg, ev)
	if status != unchanged {
		out = append(out, Action{Kind: EmitStatus, Up: status == up})
	}
	if ev.Kind == HeartbeatBody && !w.ShuttingDown {
		out = next.decode(ev.Body, out)
	}
	return next, out
}

// change is what a watchdog step says about the status.
type change uint8

const (
	unchanged change = iota
	up
	down
)

// react is everything that happens before the body is looked at. A Side fans the status out between react and decode.
func (w HeartbeatWatchdog) react(cfg *Config, ev Event) (HeartbeatWatchdog, change) {
	switch ev.Kind {
	case HeartbeatBody: // WD1: any body counts, whatever it holds (Q5)
		if w.ShuttingDown {
			return w, unchanged
		}
		w.Missed = 0
		if !w.Active {
			w.Active = true
			return w, up
		}
	case Tick: // WD2
		if w.ShuttingDown || w.Missed > cfg.MissesAllowed {
			return w, unchanged
		}
		w.Missed++
		if w.Missed > cfg.MissesAllowed && w.Active { // the guard on active is why a peer never seen is never DOWN (Q7)
			w.Active = false
			return w, down
		}
	case SpecialMessage: // WD3
		if ev.Text == OrderlyShutdownText {
			w.ShuttingDown = true
		}
	}
	return w, unchanged
}

// decode is the second half of WD1: the body is deserialized only to be traced, and kills the operator if it cannot be.
func (w HeartbeatWatchdog) decode(body []byte, out []Action) []Action {
	if w.Options.Trace >= InfoLevel {
		out = traceBody(out, AspectHeartbeatWatchdog, body)
	}
	if _, err := scan(w.Options.ByteOrder, body); err != nil {
		return malformed(w.Options, out, AspectHeartbeatWatchdog, "heartbeat port", err)
	}
	if w.Options.Trace >= InfoLevel {
		if m, _ := DecodeLenient(w.Options.ByteOrder, body); m.Type == Heartbeat {
			out = append(out, trace(InfoLevel, AspectHeartbeatWatchdog, fmt.Sprintf(
				"Received the heartbeat message %d with no data snapshot from the data center named %s", m.Count, m.DataCenter)))
		}
	}
	return out
}

// malformed is what a body that the real decoder would read out of bounds does to its operator.
func malformed(o Options, out []Action, aspect, where string, err error) []Action {
	if o.Malformed == RejectOnMalformed {
		return append(out, trace(ErrorLevel, aspect, fmt.Sprintf("Rejected a malformed body on the %s: %v", where, err)))
	}
	return append(out, Action{Kind: Abort, Text: fmt.Sprintf("malformed body on the %s: %v", where, err)})
}

// traceBody is the three lines that both watchdogs trace for every body.
func traceBody(out []Action, aspect string, body []byte) []Action {
	return append(out,
		trace(InfoLevel, aspect, "HTTP Request Headers="),
		trace(InfoLevel, aspect, fmt.Sprintf("Blob size=%d", len(body))),
		trace(InfoLevel, aspect, "Blob data="+hexText(body)))
}
