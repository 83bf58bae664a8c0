package toolkit

import (
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/crossdc/failover/toolkit/crossdc"
)

// What follows are the values in the texts of trace lines (toolkit contract 8.1). Nobody else reads those texts.

// DataCenter is the data center that a heartbeat or snapshot line names as its sender; ok is false for other lines, and for
// one whose end was left out.
func (t TraceLine) DataCenter() (name string, ok bool) {
	if t.LeftOut > 0 {
		return "", false
	}
	_, rest, ok := strings.Cut(t.Text, "data center named ")
	name, _, _ = strings.Cut(rest, originMark)
	return name, ok
}

// Origin is the fragment that a snapshot line names.
func (t TraceLine) Origin() (name string, ok bool) {
	if t.LeftOut > 0 {
		return "", false
	}
	_, name, ok = strings.Cut(t.Text, originMark)
	return name, ok
}

const originMark = ". Data snapshot origin="

// StoredIn is the file that a line names which tells that a replica was persisted; ok is false for other lines, and where
// the replica went into a database.
func (t TraceLine) StoredIn() (file string, ok bool) {
	if t.Kind() != TracePersisted {
		return "", false
	}
	_, file, ok = strings.Cut(t.Text, "in this file: ")
	return file, ok
}

// NotRead is the replica ("<data center>-<fragment>") that a line names which tells that it could not be read; ok is false for other lines, for
// one whose end was left out, and where the replica is in a database.
func (t TraceLine) NotRead() (name string, ok bool) {
	if t.Kind() != TraceReadFailed || t.LeftOut > 0 {
		return "", false
	}
	_, file, ok := strings.Cut(t.Text, "from this file: ")
	if !ok {
		_, file, ok = strings.Cut(t.Text, "on the stored replica ")
	}
	// What follows the name is the reason. A folder may be named like a replica, and a data center may be named anything.
	at := strings.LastIndex(file, crossdc.ReplicaSuffix)
	if !ok || at < 0 {
		return "", false
	}
	return path.Base(file[:at]), true
}

// Posting is what a sender traced about a message that was taken.
type Posting struct {
	Bytes    int64  // of the body
	Snapshot bool   // it went to a snapshot port; else to the heartbeat port
	URL      string // where it went
}

// Posted reads the line of a sender about a message that was taken: "<n> bytes have been sent to this URL: <u>".
func (t TraceLine) Posted() (p Posting, ok bool) {
	count, address, ok := strings.Cut(t.Text, " bytes have been sent to this URL: ")
	if !ok {
		return p, false
	}
	size, err := strconv.ParseInt(count, 10, 64)
	if err != nil || size < 0 {
		return p, false
	}
	to, err := url.Parse(address)
	if err != nil {
		return p, false
	}
	// Snapshot channels have an index, as in CrossDataCenterReceiver[0] (toolkit contract 4.3).
	return Posting{Bytes: size, Snapshot: strings.Contains(to.Path, "/CrossDataCenterReceiver["), URL: address}, true
}
