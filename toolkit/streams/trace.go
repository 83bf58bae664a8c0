package streams

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/crossdc/failover/toolkit/access"
)

// TraceRange says which part of a trace to read. The zero value reads it whole, up to 64 MiB.
type TraceRange struct {
	From  int64 // offset in bytes, e.g. TraceEnd.Next of the last reading
	Limit int64 // most bytes to read; default 64 MiB
}

// TraceEnd says what a reading gave.
type TraceEnd struct {
	Written int64 // bytes
	Next    int64 // offset to go on from
	More    bool  // the limit ended the reading
	Shorter bool  // the trace is shorter than From: it was rotated or its PE restarted; go on from 0
}

const defaultTraceLimit = 64 << 20

// PETrace copies the application trace of a PE to w. The service is asked for the range; one that ignores ranges (the contract
// names none) is read from its start and the beginning discarded. On error TraceEnd still says how far it came.
func (c *Client) PETrace(ctx context.Context, pe PE, part TraceRange, w io.Writer) (TraceEnd, error) {
	return c.text(ctx, "read the trace of PE "+pe.ID, pe.Element, "applicationTrace", part, w)
}

// PEConsole copies standard output and error of a PE to w, as PETrace.
func (c *Client) PEConsole(ctx context.Context, pe PE, part TraceRange, w io.Writer) (TraceEnd, error) {
	return c.text(ctx, "read the console of PE "+pe.ID, pe.Element, "consoleLog", part, w)
}

func (c *Client) text(ctx context.Context, op string, e Element, name string, part TraceRange, w io.Writer) (TraceEnd, error) {
	if part.Limit <= 0 {
		part.Limit = defaultTraceLimit
	}
	part.From = max(0, part.From)
	end := TraceEnd{Next: part.From}
	link, err := linkOr(e, name)
	if err != nil {
		return end, c.fail(op, e.Self, err)
	}
	request := access.Request{Op: op, URL: link, Accept: "text/plain", Header: http.Header{}}
	_, request.Timeout = c.access.Timeout()
	if part.From > 0 {
		request.Header.Set("Range", "bytes="+strconv.FormatInt(part.From, 10)+"-")
		request.Success = []int{http.StatusRequestedRangeNotSatisfiable}
	}
	err = c.access.Stream(ctx, request, func(response *http.Response) error {
		skip := part.From
		switch response.StatusCode {
		case http.StatusRequestedRangeNotSatisfiable:
			// "bytes */N": nothing at or after From. N below From means that the trace is a new one.
			total, err := strconv.ParseInt(strings.TrimPrefix(response.Header.Get("Content-Range"), "bytes */"), 10, 64)
			end.Shorter = err == nil && total < part.From
			return nil
		case http.StatusPartialContent:
			var from int64
			if _, err := fmt.Sscanf(response.Header.Get("Content-Range"), "bytes %d-", &from); err != nil || from != part.From {
				return fmt.Errorf("%w: asked for bytes from %d, got range %q", access.ErrMalformed, part.From, response.Header.Get("Content-Range"))
			}
			skip = 0
		}
		return copyPart(w, response.Body, skip, part.Limit, &end)
	})
	return end, err
}

// copyPart discards skip bytes and copies at most limit.
func copyPart(w io.Writer, r io.Reader, skip, limit int64, end *TraceEnd) error {
	if skip > 0 {
		got, err := io.CopyN(io.Discard, r, skip)
		if errors.Is(err, io.EOF) {
			end.Shorter = got < skip
			return nil
		}
		if err != nil {
			return err
		}
	}
	written, err := io.Copy(w, io.LimitReader(r, limit))
	end.Written, end.Next = written, end.Next+written
	if err != nil {
		return err
	}
	if written == limit {
		var one [1]byte
		if n, _ := io.ReadFull(r, one[:]); n > 0 {
			end.More = true
		}
	}
	return nil
}

// LogArchive copies a job's log and trace archive (gzip tar, contract 2.13) to w, at most limit bytes (0: 1 GiB), and returns its size.
func (c *Client) LogArchive(ctx context.Context, job Job, limit int64, w io.Writer) (int64, error) {
	op := "read the log archive of job " + job.ID
	if limit <= 0 {
		limit = 1 << 30
	}
	link, err := linkOr(job.Element, "applicationLogTrace")
	if err != nil {
		return 0, c.fail(op, job.Self, err)
	}
	var end TraceEnd
	_, long := c.access.Timeout()
	request := access.Request{Op: op, URL: link, Accept: "application/x-compressed, application/octet-stream, application/gzip", Timeout: long}
	err = c.access.Stream(ctx, request, func(response *http.Response) error {
		if err := copyPart(w, response.Body, 0, limit, &end); err != nil {
			return err
		}
		if end.More {
			return fmt.Errorf("%w: archive of more than %d bytes", access.ErrMalformed, limit)
		}
		return nil
	})
	return end.Written, err
}
