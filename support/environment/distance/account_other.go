//go:build !linux

package distance

import (
	"errors"
	"fmt"
	"net"
	"time"
)

// account needs what only Linux tells of a connection.
func account(*net.TCPConn) (rtt time.Duration, repeated bool, err error) {
	return 0, false, fmt.Errorf("ask the kernel about a connection: %w on this system", errors.ErrUnsupported)
}
