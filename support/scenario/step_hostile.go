package scenario

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/crossdc"
)

const octets = "application/octet-stream"

// Where hostile requests go: heartbeats to P, snapshots to P+1.
const (
	heartbeats = 0
	snapshots  = 1
)

// unknownType is a message type that the toolkit does not have.
const unknownType crossdc.MessageType = 9

// hostileRow is a request that is none of the toolkit's own, with the statuses that the contract allows for the answer (toolkit
// contract 4.6); 0 is a connection that is closed without an answer.
type hostileRow struct {
	what    string
	offset  int
	request string
	open    bool // our side of the connection stays open: who waits for the rest of the body waits for its own timeout
	allowed []int
}

func request(method, target, contentType, body string) string {
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: toolkit\r\nContent-Length: %d\r\n", method, target, len(body))
	if contentType != "" {
		head += "Content-Type: " + contentType + "\r\n"
	}
	return head + "\r\n" + body
}

// hostileRows are the requests that must not do anything at all. None of them may count as a heartbeat: bodies that are accepted go to
// the snapshot port.
func hostileRows() []hostileRow {
	unknown := environment.Marshal(crossdc.Message{Type: unknownType, Count: 1, DataCenter: "nobody"})
	inject, beats := environment.InjectPath(snapshots), environment.InjectPath(heartbeats)
	unfinished := "POST " + inject + " HTTP/1.1\r\nHost: toolkit\r\nContent-Type: " + octets + "\r\nContent-Length: "
	return []hostileRow{
		{what: "no content type", offset: snapshots, request: request("POST", inject, "", unknown), allowed: []int{500}},
		{what: "another content type", offset: snapshots, request: request("POST", inject, "text/plain", unknown), allowed: []int{500}},
		{what: "a longer content type", offset: snapshots, request: request("POST", inject, octets+"-x", unknown), allowed: []int{500}},
		{what: "another content type as a heartbeat", offset: heartbeats, request: request("POST", beats, "text/plain", unknown), allowed: []int{500}},
		{what: "a content type with a parameter and a message of type 9", offset: snapshots, request: request("POST", inject, octets+"; x=y", unknown), allowed: []int{204}},
		{what: "GET", offset: snapshots, request: request("GET", inject, "", ""), allowed: []int{405}},
		{what: "GET as a heartbeat", offset: heartbeats, request: request("GET", beats, "", ""), allowed: []int{405}},
		{what: "PUT", offset: snapshots, request: request("PUT", inject, octets, unknown), allowed: []int{405}},
		{what: "a path that does not exist", offset: snapshots, request: request("POST", "/crossdcrx/nothing", octets, unknown), allowed: []int{404}},
		{what: "the path of another channel", offset: snapshots, request: request("POST", environment.InjectPath(98), octets, unknown), allowed: []int{404}},
		{what: "the heartbeat's path at the snapshot port", offset: snapshots, request: request("POST", beats, octets, unknown), allowed: []int{404}},
		{what: "a body that ends early", offset: snapshots, request: unfinished + "100\r\n\r\n0123456789", allowed: []int{0, 400, 500}},
		{what: "a body that never goes on", offset: snapshots, request: unfinished + "100\r\n\r\n0123456789", open: true, allowed: []int{0, 400, 408, 500}},
		{what: "a length of 9 EB", offset: snapshots, request: unfinished + "9000000000000000000\r\n\r\n0123456789", open: true, allowed: []int{0, 400, 413, 500}},
		{what: "a length that is no number", offset: snapshots, request: unfinished + "many\r\n\r\n0123456789", allowed: []int{0, 400}},
		{what: "what is no HTTP", offset: snapshots, request: "\x16\x03\x01\x00\xff\x01\r\n\r\n", allowed: []int{0, 400}},
	}
}

// hostilePatience is for how long a receiver may hold a request that does not go on: the idle timeout of its server is 30 s of toolkit
// time (toolkit contract 4.6), and in an embedded pair no less than 2 s of wall time.
const hostilePatience = 40 * time.Second

// AnswersTheHostile sends this data center what no sender of the toolkit sends, to its listeners, and expects each answer to be
// the one of the toolkit contract, row by row (4.6): nothing hangs, nothing is accepted that must not be (S50). Where the listeners
// cannot be reached from here, the scenario is skipped.
func (s *Side) AnswersTheHostile(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	d.awaitLoad(ctx)
	d.t0 = time.Now()
	limit := d.wall(hostilePatience) + 5*time.Second
	d.await(ctx, "each hostile request is answered as the contract says", limit)
	began := time.Now()
	for _, row := range hostileRows() {
		got := s.send(ctx, row, limit)
		Expect(row.allowed).To(ContainElement(got), "%s: %s answered with status %d (0: closed without an answer), and the contract allows %v", row.what, s.Name(), got, row.allowed)
		progress("    %s: %d", row.what, got)
	}
	d.observe(model.Observation{Site: s.Name(), Indicator: "http", Event: "hostile requests", When: d.interval(began, time.Now()),
		Evidence: fmt.Sprintf("%d requests that no sender of the toolkit sends were answered as the contract says", len(hostileRows()))})
	d.store()
}

func (s *Side) send(ctx context.Context, row hostileRow, limit time.Duration) int {
	ginkgo.GinkgoHelper()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	got, err := s.drill.env.Send(ctx, s.DataCenter, row.offset, row.request, row.open)
	if errors.Is(err, errors.ErrUnsupported) {
		s.drill.skip(err.Error())
	}
	Expect(err).NotTo(HaveOccurred(), row.what)
	return got
}

// KeepsToItsDirectory sends a replica whose data center is named so that its file lies outside the storage directory, and takes it back.
// A user wants it refused; toolkit 1.x writes it, wherever the name leads (Q29): that is reported. Nothing else may come of it.
func (s *Side) KeepsToItsDirectory(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	since := time.Now()
	message := crossdc.Message{Type: crossdc.Snapshot, Count: 1, DataCenter: "../hostile", Snapshot: []byte("hostile"), Origin: "0"}
	post := func(m crossdc.Message) int {
		return s.send(ctx, hostileRow{what: "a replica of a data center named " + m.DataCenter, offset: snapshots,
			request: request("POST", environment.InjectPath(snapshots), octets, environment.Marshal(m))}, d.wall(hostilePatience)+5*time.Second)
	}
	Expect(post(message)).To(BeElementOf(204, 400, 403, 500), "a replica with a name that leads elsewhere must be answered")
	d.watchFor(ctx, 2*d.Timing.Interval)
	taken := message
	taken.Snapshot = nil // of zero length: the file is deleted again
	Expect(post(taken)).To(BeElementOf(204, 400, 403, 500), "what takes the replica back must be answered")
	claim := "whether a replica can be written outside the storage directory of " + s.Name()
	received, file, err := s.tracedOf(ctx, message)
	switch {
	case err != nil:
		d.notChecked(claim, err)
	case !received:
		d.notChecked(claim, errors.New("no trace tells of the replica that was sent: tracing at level info is needed"))
	case file == "":
		progress("    %s never said that it has stored what would have been outside its directory", s.Name())
	default:
		d.hazard("Q29", fmt.Sprintf("%s stored a replica of a data center called %q as %s, which is %s", s.Name(), message.DataCenter, file, path.Clean(file)))
		d.observe(model.Observation{Site: s.Name(), Indicator: string(toolkit.TraceLines), Event: "escapes", When: d.interval(since, time.Now()), Evidence: "stored a replica as " + file})
	}
	d.store()
}

// tracedOf reads this data center's traces until they tell that a message was received, and then in which file it was persisted: what a PE
// traced is handed on with a delay, for which a few heartbeat intervals are enough.
func (s *Side) tracedOf(ctx context.Context, m crossdc.Message) (received bool, file string, err error) {
	ginkgo.GinkgoHelper()
	d := s.drill
	for began := time.Now(); ; d.watchFor(ctx, d.Timing.Interval/4) {
		late := time.Since(began) > d.wall(4*d.Timing.Interval)
		lines, err := d.tracesOf(ctx, s)
		for _, line := range lines {
			if dc, ok := line.DataCenter(); ok && dc == m.DataCenter {
				received = true
			}
			if stored, ok := line.StoredIn(); ok && path.Base(stored) == path.Base(m.ReplicaName())+crossdc.ReplicaSuffix {
				file = stored
			}
		}
		if file != "" || late {
			return received, file, err
		}
	}
}

// OutlivesMalformedBodies sends a body that is no message to the heartbeat port and an empty one to the snapshot port. A user wants both to be
// refused; toolkit 1.x answers 204, counts the first as a heartbeat (Q5: that is reported) and
// dies of either (toolkit contract WD1, 4.4).
// Whatever it does, the pair must be back in steady operation after it.
func (s *Side) OutlivesMalformedBodies(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	pes, err := s.Management().PEs(ctx)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "the PEs of %s must be known before one of them is made to die", s.Name())
	if len(pes) < 2 {
		d.notChecked("whether "+s.Name()+" outlives bodies that are no message", errors.New("the application shares its only PE with the toolkit, and would lose its own state with it"))
		return
	}
	for _, row := range []hostileRow{
		{what: "a truncated heartbeat", offset: heartbeats, request: request("POST", environment.InjectPath(heartbeats), octets, "\x01\x00\x00\x00\x01")},
		{what: "an empty body as a snapshot", offset: snapshots, request: request("POST", environment.InjectPath(snapshots), octets, "")},
	} {
		before, err := d.env.Client.Status(ctx)
		ended.Doubt().Expect(err).NotTo(HaveOccurred(), "both data centers must be observable before a malformed body is sent")
		since := time.Now()
		got := s.send(ctx, row, d.wall(hostilePatience)+5*time.Second)
		Expect(got).To(BeElementOf(204, 400, 500), "%s must be answered", row.what)
		progress("    %s: %d", row.what, got)
		d.returnsToNormal(ctx, before)
		restarted := 0
		for _, sighting := range d.board.Since(s.Name(), since) {
			if sighting.Event == string(toolkit.PERestarted) {
				restarted++
			}
		}
		text := fmt.Sprintf("%s answered %s with %d; PEs of it were seen to restart %d times because of it", s.Name(), row.what, got, restarted)
		Expect(restarted).To(BeNumerically("<=", 1), "one body may end one process, once: %s", text)
		if got == 204 && row.offset == heartbeats {
			d.hazard("Q5", text)
		}
		progress("    %s", text)
		d.observe(model.Observation{Site: s.Name(), Indicator: string(toolkit.JobHealth), Event: "malformed body", When: d.interval(since, time.Now()), Evidence: text})
		for _, sighting := range d.board.Since("", since) {
			d.claims(ctx, sight{since: since}).Expect(sighting.Event).NotTo(Equal(board.TakenOver), "%s must not cause a takeover: %s at %s (%s)", row.what, sighting.Subject, sighting.Site, sighting.Evidence)
		}
	}
	d.store()
}
