package adapter

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"sync/atomic"
	"testing"
)

// cutFirstProduceAnswer dials the broker; the first answer to a produce request is read whole, so that the broker has surely stored, and then the
// connection ends instead of handing it on.
func cutFirstProduceAnswer(t *testing.T, broker string, cut *atomic.Bool) func(context.Context, string, string) (net.Conn, error) {
	t.Helper()
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, broker)
		if err != nil {
			return nil, err
		}
		return &cuttingConn{Conn: conn, cut: cut}, nil
	}
}

type cuttingConn struct {
	net.Conn
	cut      *atomic.Bool
	produced atomic.Bool // the last request of this connection was a produce request
}

func (c *cuttingConn) Write(p []byte) (int, error) {
	if len(p) >= 6 { // size, then the key of the request
		c.produced.Store(binary.BigEndian.Uint16(p[4:]) == 0)
	}
	return c.Conn.Write(p)
}

func (c *cuttingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && c.produced.Load() && c.cut.CompareAndSwap(false, true) {
		_ = c.Conn.Close()
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}
