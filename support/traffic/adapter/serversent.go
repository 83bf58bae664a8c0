package adapter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

// serverSentEvents listens to an event stream.
func serverSentEvents() Adapter {
	return Adapter{
		Name:    "http-sse",
		Summary: "Results as server-sent events.",
		Parameters: append(httpParameters(),
			Parameter{Name: "event", Doc: "name of the events that are results; without it those without a name, or named message", Way: WayOut},
			Parameter{Name: "resumes", Doc: "true: the server goes on after Last-Event-ID, so that a lost connection misses nothing", Way: WayOut, Kind: Switch, Default: "false"},
			Parameter{Name: "retry", Doc: "how long to wait before connecting again", Way: WayOut, Kind: Duration, Default: "100ms"},
		),
		Out: func(_ context.Context, o Opening) (Out, error) {
			client, header, err := httpClient(o.Values)
			if err != nil {
				return nil, err
			}
			out := &serverSentOut{
				site: o.Site, client: client, name: o.Values["event"], resumes: o.Values.on("resumes"), retry: o.Values.duration("retry"), now: o.now(), ids: recent{seen: map[string]bool{}},
			}
			if out.name == "" {
				out.name = "message"
			}
			out.request = access.Request{Op: "listen over the " + o.at(WayOut, "http-sse"), URL: client.Base().String(), Header: header, Accept: "text/event-stream", Timeout: forever}
			return out, nil
		},
	}
}

// forever is longer than any run.
const forever = 10000 * time.Hour

type serverSentOut struct {
	site, name string
	client     *access.Client
	request    access.Request
	resumes    bool
	retry      time.Duration
	now        func() time.Time
	ids        recent
	lastID     string
}

// Receive implements Out. Events that a server sends again after a reconnection are known by their id.
func (s *serverSentOut) Receive(ctx context.Context, to Receiver) error {
	blind := blindness{site: s.site, since: s.now(), why: "nobody listened to the event stream yet"}
	defer func() { blind.end(s.now(), to) }()
	for {
		request := s.request
		request.Header = request.Header.Clone()
		if s.lastID != "" {
			request.Header.Set("Last-Event-ID", s.lastID)
		}
		err := s.client.Stream(ctx, request, func(response *http.Response) error {
			if kind := response.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
				return fmt.Errorf("%w: content type %q is no event stream", access.ErrMalformed, kind)
			}
			if s.resumes && s.lastID != "" {
				blind.forget()
			}
			blind.end(s.now(), to)
			if whole := s.read(response.Body, to); ctx.Err() == nil {
				blind.begin(whole, "the connection to the event stream was lost")
			}
			return nil
		})
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, access.ErrUnauthorized), errors.Is(err, access.ErrTLS), errors.Is(err, access.ErrUntrustedHost), errors.Is(err, access.ErrMalformed):
			return err // connecting again does not mend it
		}
		if !pause(ctx, s.retry) {
			return nil
		}
	}
}

// read gives events until the stream ends, and says when it was last whole.
func (s *serverSentOut) read(from io.Reader, to Receiver) (whole time.Time) {
	w := watch{now: s.now}
	p := eventParser{}
	whole = s.now()
	for {
		chunk := make([]byte, 32<<10)
		w.begin()
		n, err := from.Read(chunk)
		earliest, latest := w.end(n == len(chunk))
		var results []Result
		for _, e := range p.take(chunk[:n]) {
			if e.hasID {
				s.lastID = e.id
			}
			if e.name != s.name || e.hasID && e.id != "" && !s.ids.add(e.id) {
				continue
			}
			results = append(results, Result{Bytes: e.data, Site: s.site, Earliest: earliest, Latest: latest})
		}
		if len(results) > 0 {
			to.Results(results)
		}
		if n > 0 {
			whole = latest
		}
		if err != nil {
			return whole
		}
	}
}

// Close implements Out.
func (s *serverSentOut) Close() error {
	s.client.CloseIdle()
	return nil
}

// recent remembers the last ids.
type recent struct {
	seen  map[string]bool
	order []string
}

// add reports whether an id is new.
func (r *recent) add(id string) bool {
	const most = 65536
	if r.seen[id] {
		return false
	}
	if len(r.order) == most {
		delete(r.seen, r.order[0])
		r.order = r.order[1:]
	}
	r.seen[id], r.order = true, append(r.order, id)
	return true
}

// sent is one server-sent event.
type sentEvent struct {
	name  string
	data  []byte
	id    string
	hasID bool // the event says its id, be it empty
}

// eventParser reads an event stream (HTML standard, 9.2) in chunks.
type eventParser struct {
	rest    []byte
	begun   bool // the first bytes were looked at for a byte order mark
	skipLF  bool // the last chunk ended with CR
	hasData bool
	now     sentEvent
}

func (p *eventParser) take(chunk []byte) (events []sentEvent) {
	p.rest = append(p.rest, chunk...)
	if !p.begun {
		mark := []byte("\xef\xbb\xbf")
		if len(p.rest) < len(mark) && bytes.HasPrefix(mark, p.rest) {
			return nil
		}
		p.rest, p.begun = bytes.TrimPrefix(p.rest, mark), true
	}
	for {
		if p.skipLF && len(p.rest) > 0 {
			p.rest, p.skipLF = bytes.TrimPrefix(p.rest, []byte{'\n'}), false
		}
		i := bytes.IndexAny(p.rest, "\r\n")
		if i < 0 {
			if len(p.rest) > maxLine || len(p.now.data) > maxLine {
				p.rest, p.now, p.hasData = nil, sentEvent{}, false // too long to be a result
			}
			return events
		}
		line := p.rest[:i]
		p.skipLF = p.rest[i] == '\r'
		p.rest = p.rest[i+1:]
		if len(line) > 0 {
			p.field(line)
			continue
		}
		if p.hasData || p.now.hasID {
			e := p.now
			if e.name == "" {
				e.name = "message"
			}
			if !p.hasData {
				e.name = "" // it carries an id and no result
			}
			events = append(events, e)
		}
		p.now, p.hasData = sentEvent{}, false
	}
}

func (p *eventParser) field(line []byte) {
	name, value, _ := bytes.Cut(line, []byte{':'})
	value = bytes.TrimPrefix(value, []byte{' '})
	switch string(name) {
	case "event":
		p.now.name = string(value)
	case "data":
		if p.hasData {
			p.now.data = append(p.now.data, '\n')
		}
		p.now.data, p.hasData = append(p.now.data, value...), true
	case "id":
		if bytes.IndexByte(value, 0) < 0 {
			p.now.id, p.now.hasID = string(value), true
		}
	}
}
