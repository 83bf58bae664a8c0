package environment

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/toolkit/access"
)

// Obstacle is an error that keeps the application from being tested: its cause is ours, or lies between us and the data
// centers.
type Obstacle struct {
	Cause model.Cause
	Err   error // what it was concluded from; nil when the cause says all
}

// Error is the cause's sentence, and what it was concluded from.
func (o *Obstacle) Error() string {
	text := o.Cause.Sentence()
	if o.Err != nil {
		text += " (" + o.Err.Error() + ")"
	}
	return text
}

// Unwrap gives what it was concluded from.
func (o *Obstacle) Unwrap() error { return o.Err }

// CauseOf types an error by what it is, never by what it says: an obstacle's own cause, what an error of our clients says
// of itself, else an environment that is not as it should be.
func CauseOf(err error) model.Cause {
	if cause, known := KnownCause(err); known {
		return cause
	}
	return model.Cause{Kind: model.CauseEnvironment, Problem: "the environment is not ready: " + err.Error()}
}

// KnownCause is the cause that an error carries, if it carries one.
func KnownCause(err error) (cause model.Cause, known bool) {
	var obstacle *Obstacle
	if errors.As(err, &obstacle) {
		return obstacle.Cause, true
	}
	var ours *access.Error
	if errors.As(err, &ours) {
		return causeOfCall("", "", ours), true
	}
	return model.Cause{}, false
}

// unreached is the obstacle of a call to a data center that failed. address names the setting of the address that was called.
func unreached(dc, address string, err error) error {
	var already *Obstacle
	if errors.As(err, &already) {
		return err
	}
	var ours *access.Error
	if errors.As(err, &ours) {
		return &Obstacle{causeOfCall(dc, address, ours), err}
	}
	return &Obstacle{model.Cause{Kind: model.CauseEnvironment, DataCenter: dc, Problem: "could not be reached: " + err.Error(), Setting: address}, err}
}

// causeOfCall types what a call failed with.
func causeOfCall(dc, address string, e *access.Error) model.Cause {
	c := model.Cause{DataCenter: dc, Object: e.URL, Setting: e.Setting, Remedy: e.Remedy, Detail: e.Error()}
	if c.Setting == "" {
		c.Setting = address
	}
	c.Kind, c.Problem = kindOfTrouble(e)
	if c.Kind != "" {
		return c
	}
	running := "check that it runs"
	if address != "" {
		running = fmt.Sprintf("check %s, and that the data center runs", address)
	}
	switch {
	case e.Status == http.StatusForbidden:
		c.Kind, c.Problem = model.CauseRights, "does not allow what the suite needs (403)"
	case errors.Is(e, access.ErrUnauthorized):
		c.Kind, c.Problem = model.CauseLogin, fmt.Sprintf("refused the login (%d)", e.Status)
	case errors.Is(e, access.ErrTLS):
		c.Kind, c.Problem = model.CauseCertificate, "has a certificate or a handshake that is not accepted"
	case errors.Is(e, access.ErrUntrustedHost):
		c.Kind, c.Problem = model.CauseName, "answers with links to another host"
	case errors.Is(e, access.ErrNotFound):
		c.Kind, c.Problem, c.Remedy = model.CauseName, "does not have what was asked for (404)", "check path and port of "+c.Setting
	case errors.Is(e, access.ErrBusy), errors.Is(e, access.ErrServer):
		c.Kind, c.Problem, c.Remedy = model.CauseNoAnswer, fmt.Sprintf("answered %d %s", e.Status, http.StatusText(e.Status)), "wait until it is ready"
	case errors.Is(e, access.ErrMalformed):
		c.Kind, c.Problem = model.CauseProtocol, "answered something that is not the service"
	case errors.Is(e, access.ErrUnreachable):
		c.Kind, c.Problem, c.Remedy = model.CauseUnreachable, unreachable(e), running
		if e.Timeout() || errors.Is(e, context.DeadlineExceeded) {
			c.Kind = model.CauseNoAnswer
		}
	default:
		c.Kind, c.Problem = model.CauseEnvironment, "could not be asked"
	}
	return c
}

// kindOfTrouble is for what the client knows more closely than by its class.
func kindOfTrouble(e *access.Error) (kind model.CauseKind, problem string) {
	switch e.Trouble {
	case access.PlainServer:
		return model.CauseProtocol, "speaks http where https is expected"
	case access.TLSServer:
		return model.CauseProtocol, "speaks https where http is expected"
	case access.OldProtocol:
		return model.CauseProtocol, "speaks no version of TLS that is accepted"
	case access.UnknownAuthority:
		return model.CauseCertificate, "has a certificate of an unknown authority"
	case access.WrongHost:
		return model.CauseCertificate, "has a certificate of another host"
	case access.Expired:
		return model.CauseCertificate, "has a certificate that is not valid now"
	case access.WrongFingerprint:
		return model.CauseCertificate, "has another certificate than the pinned one"
	case access.ClientWanted:
		return model.CauseCertificate, "wants a client certificate"
	case access.StaleSession:
		return model.CauseLogin, "ended our session and refuses the login"
	case access.LoginPage:
		return model.CauseLogin, "answers with a login page"
	case access.WebPage:
		return model.CauseProtocol, "answers with a web page"
	case access.Redirected:
		return model.CauseProtocol, "redirects to another address"
	case access.ForeignLink:
		return model.CauseName, "answers with links to another host"
	}
	return "", ""
}

func unreachable(e *access.Error) string {
	var name *net.DNSError
	switch {
	case errors.As(e, &name) && name.IsNotFound:
		return "cannot be found: no host is called " + name.Name
	case errors.Is(e, syscall.ECONNREFUSED):
		return "refuses connections"
	case errors.Is(e, syscall.EHOSTUNREACH), errors.Is(e, syscall.ENETUNREACH):
		return "cannot be reached: there is no route"
	case e.Timeout(), errors.Is(e, context.DeadlineExceeded):
		return "did not answer in time"
	}
	return "ended the connection"
}
