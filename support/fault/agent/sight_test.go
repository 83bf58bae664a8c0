package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

func TestWhoListensIsTold(t *testing.T) {
	l := newLab(t)
	var four, six net.Listener
	l.host.in(func() (err error) {
		if four, err = net.Listen("tcp4", hostAddress+":0"); err == nil {
			six, err = net.Listen("tcp6", "[::]:0")
		}
		return err
	})
	defer four.Close()
	defer six.Close()
	ports := []uint16{uint16(four.Addr().(*net.TCPAddr).Port), uint16(six.Addr().(*net.TCPAddr).Port), 9}
	sockets, err := l.Listening(t.Context(), ports)
	if err != nil || len(sockets) != 2 {
		t.Fatalf("%+v, %v", sockets, err)
	}
	for i, address := range []string{hostAddress, "::"} {
		if s := sockets[i]; s.Address != address || s.Port != ports[i] || s.Process == nil || s.Process.PID != os.Getpid() {
			t.Errorf("%+v (%+v), want %s port %d of process %d", s, s.Process, address, ports[i], os.Getpid())
		}
	}
	_ = four.Close()
	if sockets, err = l.Listening(t.Context(), ports[:1]); err != nil || len(sockets) > 0 {
		t.Errorf("after its end: %+v, %v", sockets, err)
	}
	if _, err = l.Listening(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "ports has 0 entries") {
		t.Errorf("no ports: %v", err)
	}
}

func TestTheFilesOfAFolderAreTold(t *testing.T) {
	l := newLab(t)
	folder := t.TempDir()
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	for name, size := range map[string]int{"dc2-A.snapshot": 10, "dc2-B.snapshot": 0} {
		path := filepath.Join(folder, name)
		noError(t, os.WriteFile(path, make([]byte, size), 0o600))
		noError(t, os.Chtimes(path, at, at))
	}
	noError(t, os.Mkdir(filepath.Join(folder, "more"), 0o700))
	files, err := l.Files(t.Context(), folder)
	if want := (protocol.File{Name: "dc2-A.snapshot", Bytes: 10, ModifiedUnixNs: at.UnixNano()}); err != nil || len(files) != 2 || files[0] != want {
		t.Errorf("%+v, %v", files, err)
	}
	_, err = l.Files(t.Context(), folder+"/none")
	refused(t, err, protocol.CodeFailed, "no such file")
}
