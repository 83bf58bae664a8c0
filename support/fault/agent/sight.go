package main

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// listening are the TCP sockets of this network namespace that listen on one of the ports, with their processes as far as we may see them.
func listening(ports []uint16) (list []protocol.Socket, err error) {
	at := map[string]int{} // inode -> place in the list
	for _, table := range []string{"tcp", "tcp6"} {
		text, err := os.ReadFile("/proc/thread-self/net/" + table)
		if errors.Is(err, fs.ErrNotExist) { // a kernel without IPv6
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list the sockets that listen: %w", err)
		}
		for line := range strings.Lines(string(text)) {
			// sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode
			f := strings.Fields(line)
			if len(f) < 10 || f[3] != "0A" { // TCP_LISTEN
				continue
			}
			local, ok := localAddress(f[1])
			if ok && slices.Contains(ports, local.Port()) {
				at[f[9]] = len(list)
				list = append(list, protocol.Socket{Address: local.Addr().String(), Port: local.Port()})
			}
		}
	}
	if len(list) == 0 {
		return list, nil
	}
	owners, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return nil, err
	}
	for _, fd := range owners {
		target, err := os.Readlink(fd)
		inode, is := strings.CutPrefix(strings.TrimSuffix(target, "]"), "socket:[")
		if i, ours := at[inode]; err == nil && is && ours && list[i].Process == nil {
			list[i].Process = processOf(strings.Split(fd, "/")[2])
		}
	}
	return list, nil
}

// localAddress reads the kernel's text of an address and a port: the words of the address are in the host's order.
func localAddress(text string) (netip.AddrPort, bool) {
	address, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(address)
	number, bad := strconv.ParseUint(port, 16, 16)
	if err != nil || bad != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		binary.BigEndian.PutUint32(raw[i:], binary.NativeEndian.Uint32(raw[i:]))
	}
	ip, ok := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(ip.Unmap(), uint16(number)), ok
}

// processOf is nil for one that ended, or that we may not look at.
func processOf(pid string) *protocol.Process {
	number, err := strconv.Atoi(pid)
	if err != nil {
		return nil
	}
	program, err := os.Readlink(filepath.Join("/proc", pid, "exe"))
	if err != nil {
		return nil
	}
	stat, err := readStat(number)
	var s unix.Stat_t
	if err == nil {
		err = unix.Stat(filepath.Join("/proc", pid), &s)
	}
	if err != nil {
		return nil
	}
	return &protocol.Process{PID: number, Executable: program, UID: s.Uid, StartTicks: stat.start}
}

// filesIn are the regular files of a folder. One that goes away meanwhile is left out.
func filesIn(folder string) (list []protocol.File, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("list the files of a folder: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list the files of %s: %w", folder, err)
		}
		if len(list) == protocol.MaxListed {
			return nil, fmt.Errorf("list the files of %s: there are more than %d", folder, protocol.MaxListed)
		}
		list = append(list, protocol.File{Name: e.Name(), Bytes: info.Size(), ModifiedUnixNs: info.ModTime().UnixNano()})
	}
	return list, nil
}
