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

// trace is one thing that a fault could leave behind on a host.
type trace struct {
	Kind traceKind `json:"kind"`
	// Of names what a fault knows it by: a table by its name, a queue by its interface, a process by processName, a mount by its folder.
	Of string `json:"of"`
	// Line describes it for people; traces with the same line are the same.
	Line string `json:"line"`
}

type traceKind string

const (
	tableTrace    traceKind = "table" // and its chains
	queueTrace    traceKind = "queue"
	stoppedTrace  traceKind = "stopped"
	mountTrace    traceKind = "mount"
	unlistedTrace traceKind = "not listed"
)

// survey is what faults could leave behind on a host: chains with the number of their rules, qdiscs, stopped processes,
// mounts. A list that cannot be read (no nftables in the kernel, say) has a trace that says so: two surveys that could both not
// look are alike, and one that could not differs from one that could.
type survey []trace

// listing is one kind of what faults leave behind.
type listing struct {
	what string
	read func() (survey, error)
}

var listings = []listing{{"nftables chains", chains}, {"qdiscs", qdiscs}, {"stopped processes", stopped}, {"mounts", mounts}}

func look() survey { return surveyOf(listings) }

func surveyOf(listings []listing) (s survey) {
	for _, l := range listings {
		found, err := l.read()
		s = append(s, found...)
		if err != nil {
			s = append(s, trace{unlistedTrace, l.what, fmt.Sprintf("not listed: %s: %v", l.what, err)})
		}
	}
	slices.SortFunc(s, func(a, b trace) int { return strings.Compare(a.Line, b.Line) })
	return s
}

// difference of two surveys; ours says which traces belong to the fault.
func difference(before, after survey, ours func(trace) bool) protocol.Difference {
	var d protocol.Difference
	count := map[trace]int{}
	for _, t := range after {
		count[t]++
	}
	for _, t := range before {
		count[t]--
	}
	for t, n := range count {
		sign := "+ "
		if n < 0 {
			sign = "- "
		}
		switch {
		case n == 0:
		case ours(t):
			d.Ours = append(d.Ours, sign+t.Line)
		default:
			d.Foreign = append(d.Foreign, sign+t.Line)
		}
	}
	slices.Sort(d.Ours)
	slices.Sort(d.Foreign)
	return d
}

func chains() (found survey, err error) {
	conn, err := nftables.New()
	if err != nil {
		return nil, err
	}
	tables, err := conn.ListTables()
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		found = append(found, trace{tableTrace, t.Name, fmt.Sprintf("table %d %s", t.Family, t.Name)})
	}
	list, err := conn.ListChains()
	if err != nil {
		return found, err
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
		found = append(found, trace{tableTrace, c.Table.Name, fmt.Sprintf("table %d %s chain %s: %d rules", c.Table.Family, c.Table.Name, c.Name, len(rules))})
	}
	return found, unread
}

func qdiscs() (found survey, err error) {
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
			found = append(found, trace{queueTrace, link.Attrs().Name, fmt.Sprintf("qdisc %s %s handle %s parent %s", link.Attrs().Name, q.Type(),
				netlink.HandleStr(q.Attrs().Handle), netlink.HandleStr(q.Attrs().Parent))})
		}
	}
	return found, unread
}

func stopped() (found survey, err error) {
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
			found = append(found, trace{stoppedTrace, processName(pid, stat.start), "stopped process " + processName(pid, stat.start)})
		}
	}
	return found, nil
}

// processName names one process for ever: numbers of processes are used again.
func processName(pid int, start uint64) string { return fmt.Sprintf("%d started %d", pid, start) }

func mounts() (found survey, err error) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		// 36 35 98:0 /root /mount/point options ...: the two numbers are those of this mount only.
		if f := strings.Fields(line); len(f) > 5 {
			found = append(found, trace{mountTrace, unescaped.Replace(f[4]), "mount " + f[4] + " of " + f[2] + " " + f[3] + " " + f[5]})
		}
	}
	return found, nil
}

// unescaped undoes how the kernel writes paths in its list of mounts.
var unescaped = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`, `\043`, "#")

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
