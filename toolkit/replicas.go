package toolkit

import (
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
)

// Replica is one replica of a fragment that a data center accepted from its peer, as its traces tell.
type Replica struct {
	Name      string    // "<data center>-<fragment>", as the toolkit names what it stores (toolkit contract 5.4)
	Count     uint64    // the peer's heartbeat counter of the round
	At        time.Time // by the host's clock
	Persisted bool      // traced as persisted
}

// Of reports whether it is a replica of a fragment of that data center, whatever characters its name has.
func (r Replica) Of(dc string) bool {
	at := strings.LastIndexByte(r.Name, '-')
	return at >= 0 && r.Name[:at] == dc
}

// Replicas returns the replicas that trace lines tell of, in the order of the lines. They need the trace level info; without
// any such line there is nothing to conclude.
func Replicas(lines []TraceLine) []Replica {
	var list []Replica
	last := map[string]int{}      // by operator: one handles one message at a time
	waiting := map[string][]int{} // by process: what a database has not answered yet
	for _, line := range lines {
		source := line.Process + " " + line.Operator
		switch line.Kind() {
		case TraceSnapshot:
			if replica, ok := received(line); ok {
				last[source] = len(list)
				waiting[line.Process] = append(waiting[line.Process], len(list))
				list = append(list, replica)
			}
		case TraceStatementFailed: // of all operators only the writer is asked once for every replica
			if strings.HasSuffix(line.Operator, snapshotWriter) {
				next(waiting, line.Process)
			}
		case TracePersistFailed:
			if strings.Contains(line.Text, inDatabase) {
				next(waiting, line.Process)
				continue
			}
			waiting[line.Process] = nil // of files each is answered before the next is received
		case TracePersisted:
			if strings.Contains(line.Text, inDatabase) { // says which replica by its place only: one operator writes them one after the other
				if at, ok := next(waiting, line.Process); ok {
					list[at].Persisted = true
				}
				continue
			}
			waiting[line.Process] = nil
			at, ok := last[source]
			if name := stored(line); ok && (name == "" || name == list[at].Name) {
				list[at].Persisted = true
			}
		default:
		}
	}
	return list
}

// inDatabase is how lines about a replica in a database end, instead of naming a file; snapshotWriter is the operator that writes it.
const inDatabase, snapshotWriter = " in the DB. Result=", "SnapshotInserter"

// next takes the oldest replica of a process that its database has not answered.
func next(waiting map[string][]int, process string) (at int, ok bool) {
	if len(waiting[process]) == 0 {
		return 0, false
	}
	at, waiting[process] = waiting[process][0], waiting[process][1:]
	return at, true
}

// received reads "... the heartbeat message <cnt> with a non-zero length data snapshot from the data center named <dc>. Data
// snapshot origin=<o>"; one of zero length deletes a replica and is none.
func received(line TraceLine) (Replica, bool) {
	count, ok := line.Count()
	if !ok || !strings.Contains(line.Text, "with a non-zero length") {
		return Replica{}, false
	}
	dc, named := line.DataCenter()
	origin, from := line.Origin() // of a cut line the fragment is not known
	return Replica{Name: dc + "-" + origin, Count: count, At: line.At}, named && from
}

// stored is the name of the replica that a line tells to be persisted; empty where it names no file.
func stored(line TraceLine) string {
	file, ok := line.StoredIn()
	if !ok {
		return ""
	}
	return strings.TrimSuffix(path.Base(file), crossdc.ReplicaSuffix)
}

// HandedEntry is one entry of a fragment's state as the application traced that it was handed to it. The contents of a
// replica are the application's own; these are those of the toolkit contract, section 9.4.
type HandedEntry struct {
	Fragment int32 // who was handed it
	From     string
	FragmentEntry
	At time.Time // by the host's clock
}

// HandedEntries returns the entries that trace lines tell of, in the order of the lines. ok is false when a line about a
// takeover has another form, so that not all of them are known.
func HandedEntries(lines []TraceLine) (list []HandedEntry, ok bool) {
	for _, line := range lines {
		if line.Kind() != TraceTakingOver {
			continue
		}
		entry, ok := handedEntry(line)
		if !ok {
			return list, false
		}
		list = append(list, entry)
	}
	return list, true
}

// handedEntry reads "UDP channel <n>-->Taking-over the replicated data: Remote DC=<dc>, Key=<stream>/<channel>,
// Value={lastSeq=<n>,count=<n>,sum=<n>}".
func handedEntry(line TraceLine) (HandedEntry, bool) {
	head, rest, ok := strings.Cut(line.Text, "-->Taking-over the replicated data: Remote DC=")
	if !ok {
		return HandedEntry{}, false
	}
	fragment, bad := strconv.ParseInt(strings.TrimPrefix(head, "UDP channel "), 10, 32)
	from, rest, okFrom := strings.Cut(rest, ", Key=")
	key, value, okKey := strings.Cut(rest, ", Value={")
	value, closed := strings.CutSuffix(value, "}")
	slash := strings.LastIndexByte(key, '/')
	if bad != nil || !okFrom || !okKey || !closed || slash < 0 {
		return HandedEntry{}, false
	}
	channel, err := strconv.ParseInt(key[slash+1:], 10, 32)
	if err != nil {
		return HandedEntry{}, false
	}
	entry := HandedEntry{Fragment: int32(fragment), From: from, At: line.At}
	entry.DC, entry.Channel = key[:slash], int32(channel)
	fields := strings.Split(value, ",")
	into := map[string]*uint64{"lastSeq": &entry.LastSeq, "count": &entry.FragmentEntry.Count, "sum": &entry.Sum}
	for _, field := range fields {
		name, text, _ := strings.Cut(field, "=")
		target := into[name]
		if target == nil {
			return HandedEntry{}, false
		}
		if *target, err = strconv.ParseUint(text, 10, 64); err != nil {
			return HandedEntry{}, false
		}
		delete(into, name)
	}
	return entry, len(into) == 0
}
