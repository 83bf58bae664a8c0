package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/google/nftables"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// survey is what faults could leave behind on a host, one line each: chains with the number of their rules, qdiscs, stopped
// processes, mounts. A list that cannot be read (no nftables in the kernel, say) has a line that says so: two surveys that could both not
// look are alike, and one that could not differs from one that could.
type survey []string

// listing is one kind of what faults leave behind.
type listing struct {
	what string
	read func() ([]string, error)
}

var listings = []listing{{"nftables chains", chains}, {"qdiscs", qdiscs}, {"stopped processes", stopped}, {"mounts", mounts}}

func look() survey { return surveyOf(listings) }

func surveyOf(listings []listing) (s survey) {
	for _, l := range listings {
		lines, err := l.read()
		s = append(s, lines...)
		if err != nil {
			s = append(s, fmt.Sprintf("not listed: %s: %v", l.what, err))
		}
	}
	slices.Sort(s)
	return s
}

// difference of two surveys; ours says which lines belong to the fault.
func difference(before, after survey, ours func(string) bool) protocol.Difference {
	var d protocol.Difference
	count := map[string]int{}
	for _, line := range after {
		count[line]++
	}
	for _, line := range before {
		count[line]--
	}
	for line, n := range count {
		sign := "+ "
		if n < 0 {
			sign = "- "
		}
		switch {
		case n == 0:
		case ours(line):
			d.Ours = append(d.Ours, sign+line)
		default:
			d.Foreign = append(d.Foreign, sign+line)
		}
	}
	slices.Sort(d.Ours)
	slices.Sort(d.Foreign)
	return d
}

func chains() (lines []string, err error) {
	conn, err := nftables.New()
	if err != nil {
		return nil, err
	}
	tables, err := conn.ListTables()
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		lines = append(lines, fmt.Sprintf("table %d %s", t.Family, t.Name))
	}
	list, err := conn.ListChains()
	if err != nil {
		return lines, err
	}
	var unread error
	for _, c := range list {
		rules, err := conn.GetRules(c.Table, c)
		if errors.Is(err, unix.ENOENT) {
			continue // it is gone since
		}
		if err != nil {
			unread = errors.Join(unread, fmt.Errorf("rules of chain %s of table %s: %w", c.Name, c.Table.Name, err))
			continue
		}
		lines = append(lines, fmt.Sprintf("table %d %s chain %s: %d rules", c.Table.Family, c.Table.Name, c.Name, len(rules)))
	}
	return lines, unread
}

func qdiscs() (lines []string, err error) {
	links, err := netlink.LinkList()
	if err != nil {
		return nil, err
	}
	var unread error
	for _, link := range links {
		list, err := netlink.QdiscList(link)
		if errors.Is(err, unix.ENODEV) {
			continue // it is gone since
		}
		if err != nil {
			unread = errors.Join(unread, fmt.Errorf("qdiscs of %s: %w", link.Attrs().Name, err))
			continue
		}
		for _, q := range list {
			lines = append(lines, fmt.Sprintf("qdisc %s %s handle %s parent %s", link.Attrs().Name, q.Type(),
				netlink.HandleStr(q.Attrs().Handle), netlink.HandleStr(q.Attrs().Parent)))
		}
	}
	return lines, unread
}

func stopped() (lines []string, err error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := readStat(pid)
		if err == nil && stat.state == 'T' {
			lines = append(lines, stoppedLine(pid, stat.start))
		}
	}
	return lines, nil
}

func stoppedLine(pid int, start uint64) string {
	return fmt.Sprintf("stopped process %d started %d", pid, start)
}

func mounts() (lines []string, err error) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		// 36 35 98:0 /root /mount/point options ...: the two numbers are those of this mount only.
		if f := strings.Fields(line); len(f) > 5 {
			lines = append(lines, mountLine(f[4])+" of "+f[2]+" "+f[3]+" "+f[5])
		}
	}
	return lines, nil
}

func mountLine(point string) string { return "mount " + point }

// processStat is what /proc/PID/stat says.
type processStat struct {
	state  byte
	parent int
	start  uint64 // clock ticks after boot
}

func readStat(pid int) (processStat, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return processStat{}, err
	}
	// The name, in parentheses, may contain anything: what follows its last one counts.
	_, rest, _ := strings.Cut(string(text), "(")
	end := strings.LastIndexByte(rest, ')')
	fields := strings.Fields(rest[end+1:])
	if end < 0 || len(fields) < 20 {
		return processStat{}, fmt.Errorf("/proc/%d/stat has %d fields after the name", pid, len(fields))
	}
	parent, err1 := strconv.Atoi(fields[1])
	start, err2 := strconv.ParseUint(fields[19], 10, 64)
	if err1 != nil || err2 != nil {
		return processStat{}, fmt.Errorf("/proc/%d/stat: parent %q, start %q", pid, fields[1], fields[19])
	}
	return processStat{fields[0][0], parent, start}, nil
}
