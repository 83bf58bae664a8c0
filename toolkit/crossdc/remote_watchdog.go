package crossdc

import (
	"fmt"
	"slices"
	"time"
)

// RemoteWatchdog is the state of RemoteDataCenterWatchdog (toolkit contract 5.4, RW1-RW8): what it keeps of the peer's
// replicas. The zero value with Options set is the operator after its start.
type RemoteWatchdog struct {
	Options      Options
	ShuttingDown bool
	names        []string // sorted, shared between states and never changed in place
}

// NewRemoteWatchdog is the watchdog as it stands after its processing element has started: it knows no replica, whatever
// the store holds (Q21).
func NewRemoteWatchdog(o Options) RemoteWatchdog { return RemoteWatchdog{Options: o} }

// Names returns the replicas that a DOWN would hand over, sorted. The real operator goes through them in hash order,
// so nothing may rely on ours. The caller must not change the slice.
func (w RemoteWatchdog) Names() []string { return w.names }

// Step handles SnapshotBody, StatusChanged, SpecialMessage, and the answers Persisted and StoredRead. Other events change
// nothing; now is not read.
func (w RemoteWatchdog) Step(cfg *Config, ev Event, _ time.Duration, out []Action) (RemoteWatchdog, []Action) {
	switch ev.Kind {
	case SnapshotBody:
		return w.body(cfg, ev.Body, out)
	case StatusChanged:
		return w.status(cfg, ev.Up, out)
	case SpecialMessage: // RW8
		if ev.Text == OrderlyShutdownText {
			w.ShuttingDown = true
		}
	case Persisted:
		return w.persisted(cfg, ev, out)
	case StoredRead: // RW7, one file
		return w, handOver(w.Options, AspectRemoteWatchdog, cfg.ReplicaFile(ev.Name), ev,
			Action{Kind: RemoveReplica, Store: Files, Name: ev.Name}, out)
	}
	return w, out
}

func (w RemoteWatchdog) body(cfg *Config, body []byte, out []Action) (RemoteWatchdog, []Action) {
	if w.ShuttingDown { // deaf: drops type 4 too (Q16)
		return w, out
	}
	info := w.Options.Trace >= InfoLevel
	if info {
		out = traceBody(out, AspectRemoteWatchdog, body)
	}
	if name, known := w.replicaKnown(body); known && !info {
		return w, append(out, Action{Kind: Persist, Store: cfg.store(), Name: name, Body: body}) // RW4, as below
	}
	m, err := DecodeLenient(w.Options.ByteOrder, body)
	if err != nil {
		return w, malformed(w.Options, out, AspectRemoteWatchdog, "snapshot port", err)
	}
	switch m.Type {
	case OrderlyShutdown: // RW1: only names in memory (Q15), and no status tuple (Q12)
		if info {
			out = append(out, trace(InfoLevel, AspectRemoteWatchdog, fmt.Sprintf("Received a remote DC orderly shutdown message with a heartbeat count %d", m.Count)))
		}
		for _, name := range w.names {
			out = append(out, Action{Kind: RemoveReplica, Store: cfg.store(), Name: name})
		}
		w.names = nil
	case ReturnedData:
		out = w.returned(m, info, out)
	case Snapshot:
		return w.snapshot(cfg, m, body, info, out)
	}
	return w, out
}

// replicaKnown is the name of a snapshot's replica where it is kept already and the snapshot is not empty. It is what RW4 comes to in steady
// operation, without a new string for each body.
func (w RemoteWatchdog) replicaKnown(body []byte) (string, bool) {
	if len(w.names) == 0 {
		return "", false
	}
	l, err := scan(w.Options.ByteOrder, body)
	if err != nil || MessageType(w.Options.ByteOrder.order().Uint32(body)) != Snapshot || l.snapshot.from == l.snapshot.to {
		return "", false
	}
	dc, origin := body[l.dataCenter.from:l.dataCenter.to], body[l.origin.from:l.origin.to]
	for _, name := range w.names {
		if len(name) == len(dc)+1+len(origin) && name[:len(dc)] == string(dc) && name[len(dc)] == replicaSeparator && name[len(dc)+1:] == string(origin) {
			return name, true
		}
	}
	return "", false
}

// returned is RW2: unwrap, call it type 4, deliver; in any mode, whoever sent it.
func (w RemoteWatchdog) returned(m Message, info bool, out []Action) []Action {
	if len(m.Snapshot) == 0 {
		return out
	}
	inner, err := DecodeLenient(w.Options.ByteOrder, m.Snapshot)
	if err != nil {
		return malformed(w.Options, out, AspectRemoteWatchdog, "snapshot port, inside a type 4 message", err)
	}
	inner.Type = ReturnedData
	if info {
		out = append(out, trace(InfoLevel, AspectRemoteWatchdog, fmt.Sprintf(
			"We received a data snapshot that originally belonged to this DC. Heartbeat count=%d, Data snapshot origin=%s", m.Count, inner.Origin)))
	}
	return append(out, Action{Kind: Deliver, Message: inner})
}

func (w RemoteWatchdog) snapshot(cfg *Config, m Message, body []byte, info bool, out []Action) (RemoteWatchdog, []Action) {
	name, store := m.ReplicaName(), cfg.store()
	if info {
		size := "non-zero"
		if len(m.Snapshot) == 0 {
			size = "zero"
		}
		out = append(out, trace(InfoLevel, AspectRemoteWatchdog, fmt.Sprintf(
			"Received the heartbeat message %d with a %s length data snapshot from the data center named %s. Data snapshot origin=%s", m.Count, size, m.DataCenter, m.Origin)))
	}
	if len(m.Snapshot) == 0 { // RW3
		return w.forget(name), append(out, Action{Kind: RemoveReplica, Store: store, Name: name})
	}
	out = append(out, Action{Kind: Persist, Store: store, Name: name, Body: body}) // RW4: the exact body
	if store == Database {
		w = w.remember(name) // without waiting for the result (Q34)
	}
	return w, out
}

// persisted is the rest of RW4 after the write.
func (w RemoteWatchdog) persisted(cfg *Config, ev Event, out []Action) (RemoteWatchdog, []Action) {
	database := cfg.store() == Database
	where := func() string { // only where a trace needs it: a replica is written more often than it is traced
		if database {
			return fmt.Sprintf("in the DB. Result=%t", ev.OK)
		}
		return "in this file: " + cfg.ReplicaFile(ev.Name)
	}
	switch {
	case ev.OK && !database:
		w = w.remember(ev.Name)
		fallthrough
	case ev.OK:
		if w.Options.Trace >= InfoLevel {
			out = append(out, trace(InfoLevel, AspectRemoteWatchdog, "Successfully replicated and persisted the data snapshot "+where()))
		}
		return w, out
	}
	text := "Unable to replicate and persist the data snapshot " + where()
	if database {
		return w, append(out, trace(ErrorLevel, AspectRemoteWatchdog, text))
	}
	return w.forget(ev.Name), append(out,
		trace(ErrorLevel, AspectRemoteWatchdog, fmt.Sprintf("%s. Error code=%d", text, ev.Code)),
		Action{Kind: RemoveReplica, Store: Files, Name: ev.Name})
}

// status is RW5-RW7.
func (w RemoteWatchdog) status(cfg *Config, up bool, out []Action) (RemoteWatchdog, []Action) {
	if up || cfg.OperationMode == 0 {
		return w, out
	}
	for _, name := range w.names {
		out = append(out, Action{Kind: TakeOver, Store: cfg.store(), Name: name})
	}
	w.names = nil
	return w, out
}

func (w RemoteWatchdog) remember(name string) RemoteWatchdog {
	at, known := slices.BinarySearch(w.names, name)
	if !known {
		w.names = slices.Insert(slices.Clone(w.names), at, name)
	}
	return w
}

func (w RemoteWatchdog) forget(name string) RemoteWatchdog {
	at, known := slices.BinarySearch(w.names, name)
	if known {
		w.names = slices.Delete(slices.Clone(w.names), at, at+1)
	}
	return w
}

// handOver is what RW7 and SF do with one file: deserialize it for the application, and remove it in every case (Q24).
func handOver(o Options, aspect, path string, ev Event, remove Action, out []Action) []Action {
	switch {
	case !ev.OK:
		out = append(out, trace(ErrorLevel, aspect, fmt.Sprintf("Unable to read the binary data snapshot from this file: %s. Error code=%d", path, ev.Code)))
	case len(ev.Body) == 0:
		out = append(out, trace(ErrorLevel, aspect, "Skipping the zero length binary data snapshot from this file: "+path))
	default:
		m, err := DecodeLenient(o.ByteOrder, ev.Body)
		if err != nil {
			out = malformed(o, out, aspect, "stored replica "+path, err)
			if o.Malformed == CrashOnMalformed {
				return out // the file survives the crash (Q27)
			}
		} else {
			out = append(out, Action{Kind: Deliver, Message: m})
		}
	}
	return append(out, remove)
}
