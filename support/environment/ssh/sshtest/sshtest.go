// Package sshtest gives tests keys, and an sshd of the system that is theirs alone. It imports nothing of ours.
package sshtest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeema/knownhosts"
	xssh "golang.org/x/crypto/ssh"
)

// Server is how a server is reached.
type Server struct {
	Address    string // host:port
	User       string // account that the key is of
	Key        string // private key file
	KnownHosts string // file with the server's key
}

// Pair is a new key, and the file that it lies in.
func Pair(t testing.TB, name string) (xssh.Signer, string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := xssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	signer, err := xssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer, file
}

// Known is a known_hosts file with one key.
func Known(t testing.TB, address string, key xssh.PublicKey) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(file, []byte(knownhosts.Line([]string{address}, key)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// OpenSSH starts an sshd of the system on a port of its own for this test alone, or skips the test where there is none.
func OpenSSH(t testing.TB) Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	return OpenSSHAt(t, address)
}

// OpenSSHAt is OpenSSH at an address, started by the given command, such as one that enters a namespace.
func OpenSSHAt(t testing.TB, address string, by ...string) Server {
	t.Helper()
	program, err := exec.LookPath("sshd")
	if err != nil {
		if program = "/usr/sbin/sshd"; !exists(program) {
			t.Skip("there is no sshd here (openssh-server)")
		}
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	argv := []string{program}
	if me.Uid == "0" {
		// sshd as root wants the folder /run/sshd, which a service manager makes; this one has a /run of its own, so that nothing is left. It has a
		// home of its own as well: what the account's shells do when they start, such as wait for a lock, is not under test.
		if out, err := exec.Command("unshare", "--mount", "true").CombinedOutput(); err != nil {
			t.Skipf("sshd as root needs a mount namespace of its own, which cannot be made here: %v %s", err, out)
		}
		argv = []string{"unshare", "--mount", "--propagation", "private", "sh", "-c", `mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/sshd && mount -t tmpfs -o mode=700 tmpfs "$0" && exec "$@"`, me.HomeDir, program}
	}
	host, hostFile := Pair(t, "host")
	mine, file := Pair(t, "mine")
	folder := t.TempDir()
	ip, port, _ := net.SplitHostPort(address)
	authorized := filepath.Join(folder, "authorized_keys")
	config := filepath.Join(folder, "sshd_config")
	for name, text := range map[string]string{
		authorized: string(xssh.MarshalAuthorizedKey(mine.PublicKey())),
		config: fmt.Sprintf("ListenAddress %s\nPort %s\nHostKey %s\nAuthorizedKeysFile %s\nPidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n",
			ip, port, hostFile, authorized),
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var said strings.Builder
	argv = append(slices.Clone(by), append(argv, "-D", "-e", "-f", config)...)
	command := exec.Command(argv[0], argv[1:]...)
	command.Stderr = &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			t.Log(said.String())
		}
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("tcp", address); err == nil {
			_ = conn.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("sshd does not listen")
		}
	}
	return Server{Address: address, User: me.Username, Key: file, KnownHosts: Known(t, address, host.PublicKey())}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
