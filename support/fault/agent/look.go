package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// probe opens a new connection and asks for the page.
func probe(ctx context.Context, p protocol.Probe) *protocol.Probed {
	ctx, cancel := context.WithTimeout(ctx, p.Limit)
	defer cancel()
	start := time.Now()
	status, err := get(ctx, "http://"+p.Address+p.Path)
	probed := &protocol.Probed{TookNs: int64(time.Since(start)), Status: status, Outcome: protocol.Answered}
	if err == nil {
		return probed
	}
	probed.Text = err.Error()
	var network net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		probed.Outcome = protocol.Refused
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		probed.Outcome = protocol.WasReset
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		probed.Outcome = protocol.Silent
	default:
		probed.Outcome = protocol.Failed
	}
	return probed
}

func get(ctx context.Context, url string) (status int, err error) {
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
	return response.StatusCode, err
}

// below lists the processes whose program lies below the folder, without ours and those that carry us.
func below(folder string) ([]protocol.Process, error) {
	folder, err := filepath.EvalSymlinks(folder) // the kernel tells programs by their real paths
	if err != nil {
		return nil, fmt.Errorf("list the processes below a folder: %w", err)
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("list the processes below %s: %w", folder, err)
	}
	carriers := carriers()
	var list []protocol.Process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || carriers[pid] {
			continue
		}
		program, err := os.Readlink(filepath.Join("/proc", e.Name(), "exe"))
		if err != nil || !strings.HasPrefix(program, folder+"/") {
			continue // it ended, the kernel's own, or not ours to look at
		}
		stat, err := readStat(pid)
		var s unix.Stat_t
		if err == nil {
			err = unix.Stat(filepath.Join("/proc", e.Name()), &s)
		}
		if err != nil || stat.state == 'Z' || stat.state == 'X' {
			continue
		}
		if len(list) == protocol.MaxListed {
			return nil, fmt.Errorf("list the processes below %s: there are more than %d", folder, protocol.MaxListed)
		}
		list = append(list, protocol.Process{PID: pid, Executable: program, UID: s.Uid, StartTicks: stat.start})
	}
	return list, nil
}

// carriers are this process and its ancestors.
func carriers() map[int]bool {
	list := map[int]bool{}
	for pid := os.Getpid(); pid > 0 && !list[pid]; {
		list[pid] = true
		stat, err := readStat(pid)
		if err != nil {
			break
		}
		pid = stat.parent
	}
	return list
}

// interfaces are those that are up, but for loopback. What cannot be listed is left out.
func interfaces() (list []protocol.Interface) {
	all, err := net.Interfaces()
	if err != nil {
		return nil
	}
	for _, i := range all {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil {
			continue
		}
		one := protocol.Interface{Name: i.Name}
		for _, a := range addresses {
			one.Prefixes = append(one.Prefixes, a.String())
		}
		list = append(list, one)
	}
	return list
}
