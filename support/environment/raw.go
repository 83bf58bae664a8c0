package environment

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/crossdc/failover/toolkit/crossdc"
)

// InjectPath is the path that a toolkit listener takes messages on; offset 0 is the heartbeat port P, 1 the first snapshot channel
// (toolkit contract 4.1, 4.2).
func InjectPath(offset int) string {
	receiver := "CrossDataCenterReceiverForHB"
	if offset > 0 {
		receiver = fmt.Sprintf("CrossDataCenterReceiver[%d]", offset-1)
	}
	return "/crossdcrx/" + receiver + "/ports/output/0/inject"
}

// Send writes bytes to a toolkit listener of a data center, as anybody who reaches it may, ends its side of the connection unless
// open is set, and returns the status of the answer; 0 when the connection was closed without one. ctx bounds the wait.
// errors.ErrUnsupported says that the listener cannot be reached from here.
func (e *Environment) Send(ctx context.Context, to *DataCenter, offset int, request string, open bool) (status int, err error) {
	if to.reach.Toolkit == "" {
		return 0, fmt.Errorf("%s: its toolkit listener cannot be reached from here (CROSSDC_DC1_TOOLKIT_HOST, CROSSDC_DC2_TOOLKIT_HOST): %w", to.Name(), errors.ErrUnsupported)
	}
	address := toolkitListener(to.reach.Toolkit, e.settings.Toolkit.Port, offset)
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, fmt.Errorf("send a request of our own to %s: %w", address, err)
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if _, err := io.WriteString(conn, request); err != nil {
		return 0, fmt.Errorf("send a request of our own to %s: %w", address, err)
	}
	if half, ok := conn.(*net.TCPConn); ok && !open {
		_ = half.CloseWrite()
	}
	method, _, _ := strings.Cut(request, " ")
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	switch {
	case ctx.Err() != nil:
		return 0, fmt.Errorf("%s neither answered nor closed: %w", address, context.Cause(ctx))
	case err != nil: // closed, or reset, without an answer
		return 0, nil
	}
	_ = response.Body.Close()
	return response.StatusCode, nil
}

// Marshal is a message in the form that the toolkit's senders write.
func Marshal(m crossdc.Message) string { return string(crossdc.Marshal(crossdc.LittleEndian, &m)) }
