package crossdc

import (
	"fmt"
	"math"
	"time"
)

// Preparer is the state of HeartbeatMessagePreparer (toolkit contract 5.2, HP1-HP9). Start with NewPreparer.
type Preparer struct {
	Options      Options
	Count        uint64 // cnt: the number that the next message carries
	Sensed       bool   // a first contact was made in this operator's life
	JustStarted  bool   // no tick seen yet
	Active       bool   // last status heard
	ShuttingDown bool   // irreversible until the operator restarts (Q16)
}

// NewPreparer is the preparer as it stands after its processing element has started.
func NewPreparer(o Options) Preparer { return Preparer{Options: o, Count: 1, JustStarted: true} }

// Step handles Tick, StatusChanged, SpecialMessage and, as the answers to ReturnStored from Files, StoredRead. Other
// events change nothing. now, in toolkit time, is part of every Step; no rule of this operator reads it.
func (p Preparer) Step(cfg *Config, ev Event, _ time.Duration, out []Action) (Preparer, []Action) {
	switch ev.Kind {
	case Tick:
		return p.tick(cfg, out)
	case StatusChanged:
		return p.status(cfg, ev.Up, out)
	case SpecialMessage:
		return p.special(cfg, ev.Text, out)
	case StoredRead:
		return p.returnFile(cfg, ev, out)
	}
	return p, out
}

func (p Preparer) tick(cfg *Config, out []Action) (Preparer, []Action) {
	if p.ShuttingDown { // HP1
		return p, out
	}
	if p.JustStarted { // HP2
		p.JustStarted = false
		if !cfg.RetainOlderSnapshots && !cfg.SendSnapshotsToOriginDC {
			out = purge(cfg, out)
		}
	}
	if p.Sensed && !p.Active { // HP3: mute after DOWN
		return p, out
	}
	if p.Active { // HP4: the modulo comes before the test of the mode, so a passive side divides by zero too (Q8)
		hb, ds := truncate(cfg.HeartbeatInterval), truncate(cfg.SnapshotInterval)
		if ds == 0 {
			return p, append(out, Action{Kind: Abort,
				Text: "integer division by zero: dataSnapshotExchangeInterval is below 1 s (toolkit rule HP4)"})
		}
		if p.Count*hb%ds == 0 && cfg.OperationMode == 1 {
			out = append(out, Action{Kind: SignalSnapshot, Message: Message{Type: Snapshot, Count: p.Count, DataCenter: cfg.LocalDataCenterName}})
			p.Count++
		}
	}
	out = append(out, Action{Kind: SendHeartbeat, Message: Message{Type: Heartbeat, Count: p.Count, DataCenter: cfg.LocalDataCenterName}}) // HP5
	p.Count++
	return p, out
}

// purge is the deletion of HP2. It asks for the directory first, unlike everything that persists: with both
// configured the database is never purged (C8).
func purge(cfg *Config, out []Action) []Action {
	switch {
	case cfg.StorageDirectory != "":
		return append(out, Action{Kind: PurgeStored, Store: Files})
	case cfg.JDBCURL != "":
		return append(out, Action{Kind: PurgeStored, Store: Database})
	}
	return out
}

func (p Preparer) status(cfg *Config, up bool, out []Action) (Preparer, []Action) {
	if p.ShuttingDown { // HP6
		return p, out
	}
	p.Active = up
	if !up || p.Sensed { // HP7: at first contact only
		return p, out
	}
	p.Sensed = true
	if !cfg.SendSnapshotsToOriginDC {
		return p, out
	}
	store := cfg.store()
	out = append(out, Action{Kind: ReturnStored, Store: store})
	if store == Files { // unconditional; rows are purged by the caller, after the last row has been read
		out = append(out, Action{Kind: PurgeStored, Store: Files})
	}
	return p, out
}

func (p Preparer) special(cfg *Config, text string, out []Action) (Preparer, []Action) {
	switch text {
	case OrderlyShutdownText: // HP8
		p.ShuttingDown = true
		out = append(out,
			Action{Kind: SendOther, Message: Message{Type: OrderlyShutdown, Count: p.Count, DataCenter: cfg.LocalDataCenterName}},
			trace(ErrorLevel, AspectPreparer, "We sent an orderly shutdown message from the local DC "+cfg.LocalDataCenterName))
		p.Count++
	case SendStoredText: // HP9
		out = append(out, Action{Kind: TriggerStored})
	}
	return p, out
}

// returnFile is one turn of the loop of HP7. ev.Name is the file name as the directory lists it.
func (p Preparer) returnFile(cfg *Config, ev Event, out []Action) (Preparer, []Action) {
	path := cfg.StorageDirectory + "/" + ev.Name
	if !ev.OK {
		return p, append(out, trace(ErrorLevel, AspectPreparer, fmt.Sprintf(
			"During application startup, we are unable to read the binary data snapshot from this file to be sent to the Remote DC: %s. Error code=%d", path, ev.Code)))
	}
	if len(ev.Body) == 0 {
		return p, out
	}
	out = append(out,
		Action{Kind: SendOther, Message: Message{Type: ReturnedData, Count: p.Count, DataCenter: cfg.LocalDataCenterName, Snapshot: ev.Body}},
		trace(ErrorLevel, AspectPreparer, fmt.Sprintf(
			"During application startup, we sent %d bytes of the binary data snapshot to the remote DC from this file: %s", len(ev.Body), path)))
	p.Count++
	return p, out
}

// returnedRowCount is the constant count of a type 4 that comes from a database row (toolkit contract 3.3).
const returnedRowCount = 1234567

// ReturnRow is the message in which SnapshotReaderAnalyzerAtRemoteDCFirstContact sends one database row back to the
// data center it came from (toolkit contract HP7). The caller sends it on Sender2 for every row, then purges.
func ReturnRow(cfg *Config, row []byte) Message {
	return Message{Type: ReturnedData, Count: returnedRowCount, DataCenter: cfg.LocalDataCenterName, Snapshot: row}
}

// truncate is the toolkit's cast of an interval to uint64. Negative, huge and NaN values are undefined behaviour of
// the C++ cast; we take what x86-64 gives for the negative ones (wrap of int64) and zero for the others.
func truncate(seconds float64) uint64 {
	switch {
	case math.IsNaN(seconds) || seconds >= 1<<64 || seconds < math.MinInt64:
		return 0
	case seconds < 0:
		return uint64(int64(seconds))
	}
	return uint64(seconds)
}
