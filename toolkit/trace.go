package toolkit

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
)

// TraceLine is one line of a PE's application trace.
//
// The line format is inferred (the contract gives texts and aspects, not the frame), so this file is the only one that
// knows it:
//
//	22 Nov 2026 19:58:20.123456 [20511] INFO #splapptrc,J[12],P[31],<operator>,<aspect> M[<file>:<function>:<line>]  - <text>
type TraceLine struct {
	At       time.Time // host clock, UTC
	Process  string
	Level    string // lower case
	Job, PE  string
	Operator string
	Aspect   string
	Text     string           // without the marker _XXXXX_
	LeftOut  crossdc.Omission // how much of a long text its writer left out
}

const traceTime = "02 Jan 2006 15:04:05.000000"

// ParseTraceLine reads one line; ok is false for lines in another format, such as continuation lines.
func ParseTraceLine(line string) (t TraceLine, ok bool) {
	if len(line) < len(traceTime) {
		return t, false
	}
	at, err := time.ParseInLocation(traceTime, line[:len(traceTime)], time.UTC)
	if err != nil {
		return t, false
	}
	t.At = at
	head, text, ok := strings.Cut(line[len(traceTime):], "  - ")
	if !ok {
		return t, false
	}
	fields := strings.Fields(head)
	if len(fields) < 3 {
		return t, false
	}
	if t.Process, ok = bracketed(fields[0], ""); !ok {
		return t, false
	}
	t.Level = strings.ToLower(fields[1])
	source := strings.SplitN(fields[2], ",", 5)
	if len(source) < 4 || source[0] != "#splapptrc" {
		return t, false
	}
	job, okJob := bracketed(source[1], "J")
	pe, okPE := bracketed(source[2], "P")
	if !okJob || !okPE {
		return t, false
	}
	t.Job, t.PE, t.Operator = job, pe, source[3]
	if len(source) == 5 {
		t.Aspect = source[4]
	}
	kept, leftOut := crossdc.SplitOmission(strings.TrimSpace(text))
	t.Text, t.LeftOut = strings.TrimSpace(strings.TrimPrefix(kept, crossdc.TraceMarker)), leftOut
	return t, true
}

func bracketed(s, prefix string) (string, bool) {
	s, ok := strings.CutPrefix(s, prefix+"[")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(s, "]")
}

// TraceKind is what a trace line is about (toolkit contract 8.1).
type TraceKind string

// The kinds of lines that say something about status, takeover or replication.
const (
	TraceOther             TraceKind = ""
	TraceHeartbeat         TraceKind = "heartbeat received"
	TraceSnapshot          TraceKind = "snapshot received"
	TracePersisted         TraceKind = "replica persisted"
	TracePersistFailed     TraceKind = "replica not persisted"
	TraceShutdownSent      TraceKind = "orderly shutdown sent"
	TraceShutdownReceived  TraceKind = "orderly shutdown received"
	TraceReturned          TraceKind = "returned snapshot received"
	TraceReadFailed        TraceKind = "replica not readable"
	TraceRemoteUp          TraceKind = "remote coming up"   // traced by sample applications, never by the toolkit (Q38)
	TraceRemoteDown        TraceKind = "remote going down"  // likewise
	TraceTakingOver        TraceKind = "taking over"        // likewise, one for every entry of a fragment
	TraceTakeoverCompleted TraceKind = "takeover completed" // likewise
	TraceSendFailed        TraceKind = "send failed"
	TraceStatementFailed   TraceKind = "database statement failed"
	TraceDatabaseLost      TraceKind = "database connection lost"
	TraceDatabaseBack      TraceKind = "database connection back"
)

var traceTexts = []struct {
	text string
	kind TraceKind
}{
	{"with no data snapshot from the data center named", TraceHeartbeat},
	{"length data snapshot", TraceSnapshot},
	{"Successfully replicated and persisted the data snapshot", TracePersisted},
	{"Unable to replicate and persist the data snapshot", TracePersistFailed},
	{"We sent an orderly shutdown message from the local DC", TraceShutdownSent},
	{"Received a remote DC orderly shutdown message", TraceShutdownReceived},
	{"received a data snapshot that originally belonged to this DC", TraceReturned},
	{"Unable to read the binary data snapshot from this file", TraceReadFailed},
	{"Skipping the zero length binary data snapshot", TraceReadFailed},
	{"Rejected a malformed body on the stored replica", TraceReadFailed}, // by a toolkit that checks what it reads; 1.x does not (Q27)
	{"remote data center coming up", TraceRemoteUp},
	{"remote data center going down", TraceRemoteDown},
	{"Taking-over the replicated data", TraceTakingOver},
	{"Completed the taking-over", TraceTakeoverCompleted},
	{"Exception while communicating with", TraceSendFailed},
	{"Error in posting the binary contents to this URL", TraceSendFailed},
	{"SQL operation threw an exception", TraceStatementFailed},
	{"DB connection is not valid", TraceDatabaseLost},
	{"Successfully reconnected after", TraceDatabaseBack},
}

// Kind classifies the line by its distinguishing text.
func (t TraceLine) Kind() TraceKind {
	for _, k := range traceTexts {
		if strings.Contains(t.Text, k.text) {
			return k.kind
		}
	}
	return TraceOther
}

// Count returns the peer's heartbeat counter of a heartbeat, snapshot or shutdown line.
func (t TraceLine) Count() (uint64, bool) {
	for _, before := range []string{"heartbeat message ", "heartbeat count "} {
		if _, after, ok := strings.Cut(t.Text, before); ok {
			digits := after
			if end := strings.IndexFunc(after, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
				digits = after[:end]
			}
			n, err := strconv.ParseUint(digits, 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}

// traceMemory remembers how much of each PE's trace was read.
type traceMemory struct {
	read    map[string]int       // bytes of the trace seen, in complete lines, by PE
	last    map[string]string    // the last line of them, to notice a trace that started again
	process map[string]string    // newest process id by PE
	count   map[string]uint64    // last heartbeat counter of the peer, by PE
	asked   map[string]bounds    // start and end of the last reading
	entries map[string]merged    // by PE and operator
	ahead   map[string]carried   // the last heartbeat before the count went down, by PE
	stuck   map[string]int       // how many heartbeats in a row did not count up, by PE
	beat    map[string]time.Time // stamp of the last heartbeat, by PE
}

// merged is when an operator traced the last two entries of the fragment that it takes over, by the host's clock.
type merged struct{ lastButOne, last time.Time }

// taken is when the fragment that an operator completed was not yet: no entry is merged before the one before it was
// traced, whether the application traces an entry before it merges it or afterwards.
func (t *traceMemory) taken(pe string, line TraceLine) (after time.Time, known bool) {
	kind := line.Kind()
	if kind != TraceTakingOver && kind != TraceTakeoverCompleted {
		return after, false
	}
	key := pe + " " + line.Operator
	entries := t.entries[key]
	if kind == TraceTakingOver {
		t.entries[key] = merged{entries.last, line.At}
		return after, false
	}
	delete(t.entries, key)
	return entries.lastButOne, !entries.lastButOne.IsZero()
}

// traces takes in the text of one PE's trace. The first text of a PE is history: it gives facts, but no changes.
func (m *memory) traces(pe, text string, asked, answered time.Time) (changes []Change) {
	mem := &m.traced
	if mem.read == nil {
		*mem = traceMemory{
			read: map[string]int{}, last: map[string]string{}, process: map[string]string{}, count: map[string]uint64{}, asked: map[string]bounds{},
			entries: map[string]merged{}, ahead: map[string]carried{}, stuck: map[string]int{}, beat: map[string]time.Time{},
		}
	}
	if m.trace == nil {
		m.trace = &TraceFacts{}
	}
	before, again := mem.asked[pe]
	if again && asked.Before(before.latest) { // they overlap: what this one shows may be older
		return nil
	}
	// It took some time from the toolkit's operator to the application that traces.
	since := before.earliest.Add(-m.cfg.delay(answered))
	mem.asked[pe] = bounds{asked, answered}
	text = text[:strings.LastIndexByte(text, '\n')+1] // what follows the last newline is still being written
	from, fresh := mem.read[pe], before.earliest      // nothing that follows was there when the last reading began
	if from > len(text) || !strings.HasSuffix(text[:from], mem.last[pe]) {
		if from = afterLine(text, mem.last[pe]); from == 0 {
			fresh = time.Time{}
		}
	}
	shown := bounds{since, answered}
	for raw := range strings.Lines(text[from:]) {
		mem.last[pe] = raw
		line, ok := ParseTraceLine(strings.TrimSuffix(raw, "\n"))
		if !ok {
			continue
		}
		if line.Process != mem.process[pe] { // a new life of the PE: what the old one said about itself is over
			mem.process[pe] = strings.Clone(line.Process) // a part of the text would keep all of it
			delete(mem.count, pe)
			delete(mem.stuck, pe)
			delete(mem.ahead, pe)
			*m.trace = TraceFacts{PeerCountDecrease: m.trace.PeerCountDecrease}
			maps.DeleteFunc(mem.entries, func(key string, _ merged) bool { return strings.HasPrefix(key, pe+" ") })
		}
		incomplete, known := mem.taken(pe, line)
		if again {
			m.silence.line(line, shown)
		}
		if why := m.irregularCount(pe, line); why != "" && again {
			changes = append(changes, m.irregular(TraceLines, "heartbeats of "+m.peer, shown, why))
		}
		event, subject := m.fact(pe, line)
		if event == "" || !again {
			continue
		}
		c := Change{
			Site: m.site.Name, Indicator: TraceLines, Event: event, Subject: subject, Count: 1, Earliest: since, Latest: answered,
			Evidence: fmt.Sprintf("pe %s traced %q", pe, clip(line.Text)),
		}
		stamped, ok := m.stamped(line.At, fresh, answered)
		if ok && known && incomplete.After(line.At) {
			m.clockBroken, ok = fmt.Errorf("%w: pe %s stamped a line %v before the one above it", ErrClock, pe, incomplete.Sub(line.At)), false
		}
		if ok {
			c.Earliest = stamped.earliest.Add(-m.cfg.traceDelay(Traced{
				Site: m.site.Name, At: stamped.earliest, Process: line.Process, Origin: m.origin(line, event),
			}))
			if known {
				c.Earliest = later(c.Earliest, m.clock().ours(answered, incomplete).earliest)
			}
			if by := stamped.latest.Add(time.Microsecond); by.Before(answered) {
				c.Latest = by
			}
		}
		changes = append(changes, c)
	}
	mem.read[pe] = len(text)
	mem.last[pe] = strings.Clone(mem.last[pe]) // a part of the text would keep all of it
	delete(m.problems, TraceLines)
	return changes
}

// afterLine is where a text goes on after its last line that is this one; 0 where it has no such line. The beginning of a long
// trace is let go of, so that a line lies further to the front than it did.
func afterLine(text, line string) int {
	at := strings.LastIndex(text, line)
	if line == "" || at < 0 || at > 0 && text[at-1] != '\n' {
		return 0
	}
	return at + len(line)
}

// origin is the process in which an event happened that a line tells: the heartbeat watchdog decides on the status,
// everything else is done by the operator that traces it.
func (m *memory) origin(line TraceLine, e Event) string {
	if e != PeerUp && e != PeerDown {
		return line.Process
	}
	for _, v := range m.views {
		if t := v.tracks[StatusTuples]; t != nil && t.sample.Process != "" {
			return t.sample.Process
		}
	}
	return ""
}

// fact files what one line says and returns the event that it is, if it is one.
func (m *memory) fact(pe string, line TraceLine) (Event, string) {
	facts, mem := m.trace, &m.traced
	switch line.Kind() {
	case TraceHeartbeat:
		if n, ok := line.Count(); ok {
			if before, known := mem.count[pe]; known && n < before {
				facts.PeerCountDecrease = true
			}
			mem.count[pe] = n
		}
	case TraceShutdownSent:
		facts.ShutdownSent = true
		return ShutdownSent, m.site.Name
	case TraceShutdownReceived:
		facts.ShutdownReceived = true
		return ShutdownReceived, m.peer
	case TraceReadFailed:
		facts.ReadErrors++
	case TraceRemoteUp, TraceRemoteDown:
		facts.StatusKnown, facts.StatusUp = true, line.Kind() == TraceRemoteUp
		if facts.StatusUp {
			return PeerUp, m.peer
		}
		return PeerDown, m.peer
	case TraceTakeoverCompleted:
		return FragmentTakenOver, m.peer
	}
	return "", ""
}

func clip(s string) string {
	if len(s) > 120 {
		return s[:120] + ".."
	}
	return s
}
