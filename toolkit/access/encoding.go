package access

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// decoded lets the body of an answer be read as what it was before the service, or a proxy in front of it, compressed it. Limits
// of a reader count what was decoded.
func decoded(response *http.Response) error {
	var codings []string
	for coding := range strings.SplitSeq(strings.Join(response.Header.Values("Content-Encoding"), ","), ",") {
		if coding = strings.ToLower(strings.TrimSpace(coding)); coding != "" && coding != "identity" {
			codings = append(codings, coding)
		}
	}
	if len(codings) == 0 || response.Body == nil || response.Body == http.NoBody {
		return nil
	}
	body := response.Body
	var reader io.Reader = body
	for _, coding := range slices.Backward(codings) { // the last one was applied last
		switch coding {
		case "gzip", "x-gzip", "deflate":
			reader = &inflater{coding: coding, from: bufio.NewReader(reader)}
		default:
			return fmt.Errorf("%w: Content-Encoding %.40q: want none, gzip or deflate", ErrMalformed, coding)
		}
	}
	response.Header.Del("Content-Encoding")
	response.Header.Del("Content-Length")
	response.ContentLength, response.Uncompressed = -1, true
	response.Body = struct {
		io.Reader
		io.Closer
	}{reader, body}
	return nil
}

// inflater opens its decompressor at the first read: an empty body is empty, whatever its header says.
type inflater struct {
	coding string
	from   *bufio.Reader
	opened io.Reader
}

func (i *inflater) Read(p []byte) (int, error) {
	if i.opened == nil {
		head, err := i.from.Peek(2)
		if len(head) == 0 {
			return 0, err
		}
		switch {
		case i.coding != "deflate":
			i.opened, err = gzip.NewReader(i.from)
		case len(head) == 2 && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0:
			i.opened, err = zlib.NewReader(i.from)
		default:
			i.opened, err = flate.NewReader(i.from), nil // what some servers take for deflate
		}
		if err != nil {
			i.opened = nil
			return 0, undecodable(i.coding, err)
		}
	}
	n, err := i.opened.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = undecodable(i.coding, err)
	}
	return n, err
}

// undecodable tells a body that is no such stream from a connection that ended in the middle of one.
func undecodable(coding string, err error) error {
	var corrupt flate.CorruptInputError
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, zlib.ErrHeader) || errors.Is(err, zlib.ErrChecksum) || errors.As(err, &corrupt) {
		return fmt.Errorf("%w: the body is not %s as its header says: %w", ErrMalformed, coding, err)
	}
	return err
}
