package distance

import (
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// account is what the kernel says of a connection's handshake. How long this process waited for a core is not in it.
func account(connection *net.TCPConn) (rtt time.Duration, repeated bool, err error) {
	raw, err := connection.SyscallConn()
	if err != nil {
		return 0, false, err
	}
	var info *unix.TCPInfo
	var asked error
	if err := raw.Control(func(fd uintptr) { info, asked = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO) }); err != nil {
		return 0, false, err
	}
	if asked != nil {
		return 0, false, fmt.Errorf("ask the kernel about a connection: %w", asked)
	}
	return time.Duration(info.Rtt) * time.Microsecond, info.Total_retrans > 0, nil
}
