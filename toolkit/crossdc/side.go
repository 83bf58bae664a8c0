package crossdc

import "time"

// Side is the toolkit's composite in one data center: the operators of section 5 and who hears whom.
//
//	Tick ------------> Preparer, HeartbeatWatchdog   in TickOrder
//	HeartbeatBody ---> HeartbeatWatchdog --status--> Preparer, RemoteWatchdog, application
//	SnapshotBody ----> RemoteWatchdog
//	SpecialMessage --> Preparer, HeartbeatWatchdog, RemoteWatchdog
//
// Fused, a status tuple and a trigger for stored data are carried on inside the step that emits them, in connection order.
// Distributed, they come out as EmitStatus and TriggerStored and the caller feeds them back as StatusChanged and
// StoredTrigger when its queue delivers them. EmitStatus comes out in both cases: it is for the application too.
//
// The caller may also step the operators itself; restarting one (toolkit contract 5.8) is assigning a new one.
type Side struct {
	Order     TickOrder
	Placement Placement
	Preparer  Preparer
	Watchdog  HeartbeatWatchdog
	Remote    RemoteWatchdog
	Stored    StoredSender
}

// NewSide is the composite as it stands after its processing elements have started.
func NewSide(order TickOrder, placement Placement, o Options) Side {
	return Side{
		Order:     order,
		Placement: placement,
		Preparer:  NewPreparer(o),
		Watchdog:  NewHeartbeatWatchdog(o),
		Remote:    NewRemoteWatchdog(o),
		Stored:    NewStoredSender(o),
	}
}

// Step routes one event. Persisted goes to the remote watchdog. A StoredRead answers the operator that asked, which
// the side cannot know, so the caller steps Preparer (after ReturnStored), Remote (after TakeOver from Files) or
// Stored (otherwise) itself; here it is ignored.
func (s Side) Step(cfg *Config, ev Event, now time.Duration, out []Action) (Side, []Action) {
	switch ev.Kind {
	case Tick:
		if s.Order == PreparerFirst {
			s.Preparer, out = s.Preparer.Step(cfg, ev, now, out)
			return s.watch(cfg, ev, now, out)
		}
		s, out = s.watch(cfg, ev, now, out)
		s.Preparer, out = s.Preparer.Step(cfg, ev, now, out)
	case HeartbeatBody:
		return s.watch(cfg, ev, now, out)
	case SnapshotBody, Persisted:
		s.Remote, out = s.Remote.Step(cfg, ev, now, out)
	case StatusChanged:
		if s.Placement == Distributed {
			s, out = s.spread(cfg, ev.Up, now, out)
		}
	case SpecialMessage:
		return s.special(cfg, ev, now, out)
	case StoredTrigger:
		s.Stored, out = s.Stored.Step(cfg, ev, now, out)
	}
	return s, out
}

// watch steps the heartbeat watchdog. The status goes out before the body is decoded (WD1).
func (s Side) watch(cfg *Config, ev Event, now time.Duration, out []Action) (Side, []Action) {
	deaf := s.Watchdog.ShuttingDown
	var status change
	s.Watchdog, status = s.Watchdog.react(cfg, ev)
	if status != unchanged {
		if s.Placement == Fused {
			s, out = s.spread(cfg, status == up, now, out)
		}
		out = append(out, Action{Kind: EmitStatus, Up: status == up})
	}
	if ev.Kind == HeartbeatBody && !deaf {
		out = s.Watchdog.decode(ev.Body, out)
	}
	return s, out
}

// spread delivers a status tuple inside the composite.
func (s Side) spread(cfg *Config, up bool, now time.Duration, out []Action) (Side, []Action) {
	ev := Event{Kind: StatusChanged, Up: up}
	s.Preparer, out = s.Preparer.Step(cfg, ev, now, out)
	s.Remote, out = s.Remote.Step(cfg, ev, now, out)
	return s, out
}

func (s Side) special(cfg *Config, ev Event, now time.Duration, out []Action) (Side, []Action) {
	from := len(out)
	s.Preparer, out = s.Preparer.Step(cfg, ev, now, out)
	if s.Placement == Fused && len(out) > from && out[from].Kind == TriggerStored {
		s.Stored, out = s.Stored.Step(cfg, Event{Kind: StoredTrigger}, now, out[:from])
	}
	s, out = s.watch(cfg, ev, now, out)
	s.Remote, out = s.Remote.Step(cfg, ev, now, out)
	return s, out
}
