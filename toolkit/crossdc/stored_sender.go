package crossdc

import "time"

// StoredSender is SendSnapshotFilesData (toolkit contract 5.5, SF) together with the reader analyzer after a failure or
// special message (RA). It keeps no state but its options.
type StoredSender struct {
	Options Options
}

// NewStoredSender is the operator after its start.
func NewStoredSender(o Options) StoredSender { return StoredSender{Options: o} }

// Step handles StoredTrigger and, as the answers to ReadStored and to TakeOver from a database, StoredRead. It works in any
// mode, at any time, and touches no list of names. With Files, Event.Name is the file name as the directory lists it,
// and comes back in RemoveFile.
func (s StoredSender) Step(cfg *Config, ev Event, _ time.Duration, out []Action) (StoredSender, []Action) {
	switch ev.Kind {
	case StoredTrigger:
		out = append(out, Action{Kind: ReadStored, Store: cfg.store()})
	case StoredRead:
		if cfg.store() == Database {
			return s, s.row(ev, out)
		}
		return s, handOver(s.Options, AspectStoredSender, cfg.StorageDirectory+"/"+ev.Name, ev,
			Action{Kind: RemoveFile, Store: Files, Name: ev.Name}, out)
	}
	return s, out
}

// row is RA: a row that is not empty goes to the application; every row read is deleted.
func (s StoredSender) row(ev Event, out []Action) []Action {
	if !ev.OK {
		return out // the reader drops a failed request: an error trace of its own, and the row stays
	}
	if len(ev.Body) > 0 {
		m, err := DecodeLenient(s.Options.ByteOrder, ev.Body)
		if err != nil {
			out = malformed(s.Options, out, AspectStoredSender, "stored row "+ev.Name, err)
			if s.Options.Malformed == CrashOnMalformed {
				return out
			}
		} else {
			out = append(out, Action{Kind: Deliver, Message: m})
		}
	}
	return append(out, Action{Kind: RemoveReplica, Store: Database, Name: ev.Name})
}
