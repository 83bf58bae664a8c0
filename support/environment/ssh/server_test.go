package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	xssh "golang.org/x/crypto/ssh"

	"github.com/crossdc/failover/support/environment/ssh/sshtest"
)

// inProcess is a server of x/crypto/ssh that runs what it is told by sh, as sshd does.
type inProcess struct {
	t         *testing.T
	listener  net.Listener
	host      xssh.Signer
	accepted  xssh.PublicKey
	path      string        // PATH of the commands; empty: ours
	forced    string        // run instead of what is asked for
	hangs     chan struct{} // logins wait for it
	silent    atomic.Bool   // connections stop answering
	most, now atomic.Int64  // commands that ran at once
	serving   sync.WaitGroup
	mu        sync.Mutex
	conns     []net.Conn
	ended     context.Context // kills the commands
}

func serve(t *testing.T, configure func(*inProcess)) (*inProcess, Target) {
	t.Helper()
	host, _ := sshtest.Pair(t, "host")
	mine, file := sshtest.Pair(t, "mine")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended, kill := context.WithCancel(context.Background())
	s := &inProcess{t: t, listener: l, host: host, accepted: mine.PublicKey(), ended: ended}
	if configure != nil {
		configure(s)
	}
	s.serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, conn)
			s.mu.Unlock()
			s.serving.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		kill()
		s.mu.Lock()
		for _, conn := range s.conns {
			_ = conn.Close()
		}
		s.mu.Unlock()
		s.serving.Wait()
	})
	return s, Target{Login: Login{Address: l.Addr().String(), User: "tester", Keys: []string{file}, KnownHosts: sshtest.Known(t, l.Addr().String(), host.PublicKey())}}
}

// gag is a connection that swallows what is written once the server is silent.
type gag struct {
	net.Conn
	silent *atomic.Bool
}

func (g gag) Write(p []byte) (int, error) {
	if g.silent.Load() {
		return len(p), nil
	}
	return g.Conn.Write(p)
}

func (s *inProcess) serve(conn net.Conn) {
	config := &xssh.ServerConfig{PublicKeyCallback: func(_ xssh.ConnMetadata, key xssh.PublicKey) (*xssh.Permissions, error) {
		if s.hangs != nil {
			<-s.hangs
		}
		if string(key.Marshal()) != string(s.accepted.Marshal()) {
			return nil, errors.New("not this one")
		}
		return nil, nil
	}}
	config.AddHostKey(s.host)
	inner, channels, requests, err := xssh.NewServerConn(gag{conn, &s.silent}, config)
	if err != nil {
		return
	}
	defer inner.Close()
	go func() { // ends with the connection
		for r := range requests {
			_ = r.Reply(false, nil)
		}
	}()
	for channel := range channels {
		switch channel.ChannelType() {
		case "session":
			s.serving.Go(func() { s.session(inner, channel) })
		case "direct-tcpip":
			s.serving.Go(func() { s.forward(channel) })
		default:
			_ = channel.Reject(xssh.UnknownChannelType, "no")
		}
	}
}

func (s *inProcess) forward(asked xssh.NewChannel) {
	var to struct {
		Host       string
		Port       uint32
		From       string
		OriginPort uint32
	}
	if err := xssh.Unmarshal(asked.ExtraData(), &to); err != nil {
		_ = asked.Reject(xssh.ConnectionFailed, err.Error())
		return
	}
	out, err := net.Dial("tcp", net.JoinHostPort(to.Host, fmt.Sprint(to.Port)))
	if err != nil {
		_ = asked.Reject(xssh.ConnectionFailed, err.Error())
		return
	}
	channel, requests, err := asked.Accept()
	if err != nil {
		_ = out.Close()
		return
	}
	go xssh.DiscardRequests(requests)
	go func() {
		_, _ = io.Copy(out, channel)
		_ = out.Close()
	}()
	_, _ = io.Copy(channel, out)
	_ = channel.Close()
}

func (s *inProcess) session(conn *xssh.ServerConn, asked xssh.NewChannel) {
	channel, requests, err := asked.Accept()
	if err != nil {
		return
	}
	defer channel.Close()
	for r := range requests {
		if r.Type != "exec" {
			_ = r.Reply(false, nil)
			continue
		}
		var line struct{ Text string }
		_ = xssh.Unmarshal(r.Payload, &line)
		_ = r.Reply(true, nil)
		go xssh.DiscardRequests(requests)
		now := s.now.Add(1)
		defer s.now.Add(-1)
		for most := s.most.Load(); now > most && !s.most.CompareAndSwap(most, now); most = s.most.Load() {
		}
		if s.forced != "" {
			line.Text = s.forced
		}
		command := exec.CommandContext(s.ended, "/bin/sh", "-c", line.Text)
		command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
		remote, _, _ := strings.Cut(conn.RemoteAddr().String(), ":")
		command.Env = append(os.Environ(), "SSH_CONNECTION="+remote+" 40000 127.0.0.1 22")
		if s.path != "" {
			command.Env = append(command.Env, "PATH="+s.path)
		}
		command.Stdout, command.Stderr = channel, channel.Stderr()
		feed, err := command.StdinPipe()
		if err != nil || command.Start() != nil {
			return
		}
		go func() {
			_, _ = io.Copy(feed, channel)
			_ = feed.Close()
		}()
		err = command.Wait()
		status := struct{ Code uint32 }{}
		if exit := new(exec.ExitError); errors.As(err, &exit) {
			status.Code = uint32(exit.ExitCode())
		}
		_, _ = channel.SendRequest("exit-status", false, xssh.Marshal(status))
		return
	}
}

// openSSH is the system's sshd.
func openSSH(t *testing.T) Target {
	t.Helper()
	s := sshtest.OpenSSH(t)
	return Target{Login: Login{Address: s.Address, User: s.User, Keys: []string{s.Key}, KnownHosts: s.KnownHosts}}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
