package adapter

import (
	"errors"
	"net"
	"net/http"
	"syscall"

	"github.com/crossdc/failover/toolkit/access"
)

// Refuses reports whether an error of a call over HTTP proves that nothing of it was taken: the service refused it, or no connection was made.
// Everything else proves nothing, whatever it says: what answers for a service may have handed the request on before.
func Refuses(err error) bool {
	for _, class := range []error{access.ErrNotFound, access.ErrRejected, access.ErrTooLarge, access.ErrUnauthorized} {
		if errors.Is(err, class) {
			return statusOf(err) != http.StatusRequestTimeout // the service waited for more, and may have used what came
		}
	}
	if ours := new(access.Error); errors.As(err, &ours) && errors.Is(ours, access.ErrBusy) {
		// The service refuses with Retry-After (streams contract 3.3), or says that it took nothing. A bare 503 may come from a
		// proxy that had handed the request on.
		return ours.RetryAfter > 0 || ours.Status == 0
	}
	return NeverConnected(err)
}

func statusOf(err error) int {
	if ours := new(access.Error); errors.As(err, &ours) {
		return ours.Status
	}
	return 0
}

// NeverConnected says that the operating system made no connection, so that nothing can have been sent.
func NeverConnected(err error) bool {
	var operation *net.OpError
	return errors.Is(err, syscall.ECONNREFUSED) || errors.As(err, &operation) && operation.Op == "dial"
}
