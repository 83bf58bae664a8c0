package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skeema/knownhosts"
	xssh "golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// Login is how a machine is reached.
type Login struct {
	Address    string   // host:port
	User       string   // account
	Keys       []string // private key files without a passphrase
	Agent      string   // socket of an SSH agent; empty: none
	KnownHosts string   // file with the host's key
}

// Target is a host, behind a jump host where there is one.
type Target struct {
	Login
	Jump *Login
}

// Limits of one connection, in wall time.
type Limits struct {
	Dial      time.Duration // until a connection stands
	Handshake time.Duration // from there until the login is done
	Request   time.Duration // of one command, where its context ends no earlier, and of a keep-alive's answer
	KeepAlive time.Duration // between two keep-alives
}

// DefaultLimits are generous for a busy host: a login was seen to take 0.3 s, a command 2.3 s.
func DefaultLimits() Limits {
	return Limits{Dial: 5 * time.Second, Handshake: 10 * time.Second, Request: 10 * time.Second, KeepAlive: 5 * time.Second}
}

// MaxSessions is how many commands run at once on one host; sshd refuses more than 10.
const MaxSessions = 8

// Host is an open connection to a host.
type Host struct {
	target  Target
	limits  Limits
	client  *xssh.Client
	jump    *xssh.Client // nil without one
	slots   chan struct{}
	gone    chan struct{} // closed by Close
	close   sync.Once
	running sync.WaitGroup
}

// Dial connects and logs in. What fails is an *Error.
func Dial(ctx context.Context, target Target, limits Limits) (*Host, error) {
	var jump *xssh.Client
	dial := func(ctx context.Context, address string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
	if target.Jump != nil {
		var err error
		if jump, err = login(ctx, *target.Jump, limits, dial); err != nil {
			return nil, fmt.Errorf("through the jump host: %w", err)
		}
		dial = func(ctx context.Context, address string) (net.Conn, error) {
			return jump.DialContext(ctx, "tcp", address)
		}
	}
	client, err := login(ctx, target.Login, limits, dial)
	if err != nil {
		if jump != nil {
			_ = jump.Close() // the login is what failed
		}
		return nil, err
	}
	h := &Host{target: target, limits: limits, client: client, jump: jump, slots: make(chan struct{}, MaxSessions), gone: make(chan struct{})}
	h.running.Go(h.keepAlive)
	return h, nil
}

// Address of the host, as it was given.
func (h *Host) Address() string { return h.target.Address }

// Close ends the connection and joins what belongs to it.
func (h *Host) Close() error {
	h.end()
	h.running.Wait()
	return nil
}

func (h *Host) end() {
	h.close.Do(func() {
		close(h.gone)
		_ = h.client.Close() // it may be gone already
		if h.jump != nil {
			_ = h.jump.Close()
		}
	})
}

// keepAlive gives a connection up whose other side does not answer.
func (h *Host) keepAlive() {
	ticker := time.NewTicker(h.limits.KeepAlive)
	defer ticker.Stop()
	for {
		select {
		case <-h.gone:
			return
		case <-ticker.C:
		}
		silent := time.AfterFunc(h.limits.Request, h.end)
		_, _, err := h.client.SendRequest("keepalive@openssh.com", true, nil)
		silent.Stop()
		if err != nil {
			h.end()
			return
		}
	}
}

// login connects to one machine and logs in.
func login(ctx context.Context, l Login, limits Limits, dial func(context.Context, string) (net.Conn, error)) (*xssh.Client, error) {
	known, err := knownhosts.NewDB(l.KnownHosts)
	if err != nil {
		return nil, &Error{BadSettings, l.Address, "read known_hosts", l.KnownHosts, "name a file of the format known_hosts that can be read", reason(err)}
	}
	signers, release, err := signers(l)
	if err != nil {
		return nil, err
	}
	defer release()
	dialling, cancel := context.WithTimeout(ctx, limits.Dial)
	defer cancel()
	conn, err := dial(dialling, l.Address)
	if err != nil {
		return nil, &Error{NotReached, l.Address, "connect", "", "check the address, sshd and what stands between", err}
	}
	var identified atomic.Bool
	verify := known.HostKeyCallback()
	config := &xssh.ClientConfig{
		User: l.User, Auth: []xssh.AuthMethod{xssh.PublicKeys(signers...)}, HostKeyAlgorithms: known.HostKeyAlgorithms(l.Address),
		HostKeyCallback: func(host string, remote net.Addr, key xssh.PublicKey) error {
			if err := verify(host, remote, key); err != nil {
				return refusedKey(l, key, err)
			}
			identified.Store(true)
			return nil
		},
	}
	// The client's own timeout does not bound the handshake. A channel of a jump host has no deadlines, so that the end closes it.
	shaking, stop := context.WithTimeout(ctx, limits.Handshake)
	defer stop()
	if deadline, ok := shaking.Deadline(); ok {
		_ = conn.SetDeadline(deadline) // not supported behind a jump host; what follows covers both
	}
	closing := context.AfterFunc(shaking, func() { _ = conn.Close() })
	inner, channels, requests, err := xssh.NewClientConn(conn, l.Address, config)
	inTime := closing()
	if err == nil && !inTime {
		_ = inner.Close()
		err = shaking.Err()
	}
	if err != nil {
		_ = conn.Close()
		return nil, refusedLogin(l, identified.Load(), shaking.Err() != nil, err)
	}
	_ = conn.SetDeadline(time.Time{}) // keep-alive takes over
	return xssh.NewClient(inner, channels, requests), nil
}

// refusedKey is what is wrong with a host's key.
func refusedKey(l Login, key xssh.PublicKey, err error) error {
	shown := fmt.Sprintf("it shows %s %s", key.Type(), xssh.FingerprintSHA256(key))
	switch {
	case knownhosts.IsHostKeyChanged(err):
		return &Error{WrongHostKey, l.Address, "verify the host key", shown + ", " + l.KnownHosts + " has another", "find out why before you change known_hosts: it may be another machine", nil}
	case knownhosts.IsHostUnknown(err):
		return &Error{UnknownHost, l.Address, "verify the host key", shown + ", " + l.KnownHosts + " has none for it", "compare it on the host's console, then add it to known_hosts", nil}
	}
	return &Error{WrongHostKey, l.Address, "verify the host key", shown, "see what known_hosts says of this key", err}
}

// refusedLogin says at which step a login failed.
func refusedLogin(l Login, identified, late bool, err error) error {
	var ours *Error
	if errors.As(err, &ours) {
		return ours
	}
	var network net.Error
	late = late || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &network) && network.Timeout()
	tried := "log in as " + l.User
	switch {
	case late && !identified:
		return &Error{HandshakeHangs, l.Address, "shake hands", "", "see whether sshd runs and whether something else listens there", err}
	case late:
		return &Error{LoginHangs, l.Address, tried, "", "see what sshd waits for: a name service, a full disk, PAM", err}
	case errors.Is(err, io.EOF) || errors.As(err, &network):
		return &Error{Lost, l.Address, tried, "", "see whether sshd limits connections (MaxStartups) or refuses this address", err}
	case !identified:
		return &Error{NotReached, l.Address, "shake hands", "", "see whether it is sshd that listens there", err}
	}
	return &Error{LoginRefused, l.Address, tried, "", "check the user, and that its authorized_keys has one of the keys", err}
}

// signers are the keys to log in with; release ends the conversation with the agent.
func signers(l Login) (list []xssh.Signer, release func(), err error) {
	release = func() {}
	for _, file := range l.Keys {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, release, &Error{BadSettings, l.Address, "read the private key", file, "name a file that can be read", reason(err)}
		}
		signer, err := xssh.ParsePrivateKey(raw)
		if locked := new(xssh.PassphraseMissingError); errors.As(err, &locked) {
			return nil, release, &Error{BadSettings, l.Address, "read the private key", file + " has a passphrase", "put it into an SSH agent and set agent: true", nil}
		}
		if err != nil {
			return nil, release, &Error{BadSettings, l.Address, "read the private key", file, "name a private key, not its .pub", err}
		}
		list = append(list, signer)
	}
	if l.Agent == "" {
		return list, release, nil
	}
	conn, err := net.Dial("unix", l.Agent)
	if err != nil {
		return nil, release, &Error{BadSettings, l.Address, "ask the SSH agent", l.Agent, "start one and add the key (ssh-add), or name key files", reason(err)}
	}
	held, err := agent.NewClient(conn).Signers()
	if err != nil {
		_ = conn.Close()
		return nil, release, &Error{BadSettings, l.Address, "ask the SSH agent", l.Agent, "start one and add the key (ssh-add), or name key files", err}
	}
	return append(list, held...), func() { _ = conn.Close() }, nil
}

// reason is what the operating system says, without the path that the sentence has already.
func reason(err error) error {
	if path := new(os.PathError); errors.As(err, &path) {
		return path.Err
	}
	return err
}
