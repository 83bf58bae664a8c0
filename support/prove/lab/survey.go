package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	environment "github.com/crossdc/failover/support/environment/hosts"
	"github.com/crossdc/failover/support/environment/hostsfile"
	"github.com/crossdc/failover/support/environment/ssh"
)

// surveyed prints what a fault could leave on a host, a line each: rules and queues of the kernel, mounts, files in memory, and programs that run
// (but for what looks at them). A survey that cannot look at rules or queues ends with another status: it would find nothing left.
const surveyed = `rules=$(nft -s list ruleset) && queues=$(tc qdisc show) || exit 3
echo "$rules" | grep -v '^ *$' | sed 's/^/nft: /'
echo "$queues" | grep -v '^ *$' | sed 's/^/qdisc: /'
cut -d' ' -f2-4 /proc/self/mounts | sed 's/^/mount: /'
find /dev/shm /tmp /run /opt/streams/instance/data -mindepth 1 ! -name '*.snapshot*' ! -type s | sed 's/^/file: /'
ls -l /proc/[0-9]*/exe 2>/dev/null | sed -n 's/.* -> /process: /p' | grep -vE '/(sshd|sshd-session|bash|dash|sed|grep|find|ls|cut|nft|tc)( \(deleted\))?$'
grep -l 'State:.T' /proc/[0-9]*/status 2>/dev/null | while read -r s; do echo "suspended: $(readlink "${s%/status}/exe")"; done
true`

// hosts surveys every host that the settings name, by its address.
func hosts(ctx context.Context) (map[string][]string, error) {
	found := map[string][]string{}
	for _, setting := range []string{"CROSSDC_DC1_HOSTS_FILE", "CROSSDC_DC2_HOSTS_FILE"} {
		file, err := hostsfile.Load(os.Getenv(setting))
		if err != nil {
			return nil, err
		}
		for _, h := range file.Hosts {
			if found[h.Address], err = surveyOf(ctx, h); err != nil {
				return nil, fmt.Errorf("survey host %s: %w", h.Address, err)
			}
		}
	}
	return found, nil
}

func surveyOf(ctx context.Context, h hostsfile.Host) (_ []string, err error) {
	host, err := ssh.Dial(ctx, environment.Target(h), ssh.DefaultLimits())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, host.Close()) }()
	return look(ctx, h, host)
}

// look surveys a host over a connection that is open.
func look(ctx context.Context, h hostsfile.Host, host *ssh.Host) ([]string, error) {
	result, err := host.Run(ctx, h.Command("/bin/bash", "-c", surveyed), nil)
	if err != nil {
		return nil, err
	}
	if result.Exit != 0 {
		return nil, fmt.Errorf("survey the host: it exits with %d: %s", result.Exit, result.Complaints)
	}
	return strings.Split(strings.TrimSpace(string(result.Out)), "\n"), nil
}

// machine surveys what the lab could leave here: network interfaces, mounts, and programs that run from its
// folder. What runs on the hosts is in process namespaces that end with the first of those.
func machine(folder string) (list []string, err error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list network interfaces: %w", err)
	}
	for _, i := range interfaces {
		list = append(list, "interface: "+i.Name)
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return nil, fmt.Errorf("list mounts: %w", err)
	}
	for line := range strings.Lines(string(mounts)) {
		list = append(list, "mount: "+strings.TrimSpace(line))
	}
	programs, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	for _, file := range programs {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		if line := strings.ReplaceAll(string(raw), "\x00", " "); strings.Contains(line, folder) {
			list = append(list, "process: "+line)
		}
	}
	return list, nil
}

// difference is what is gone (-) and what is new (+).
func difference(before, after []string) []string {
	count := map[string]int{}
	for _, line := range before {
		count[line]--
	}
	for _, line := range after {
		count[line]++
	}
	list := []string{}
	for line, n := range count {
		for ; n < 0; n++ {
			list = append(list, "- "+line)
		}
		for ; n > 0; n-- {
			list = append(list, "+ "+line)
		}
	}
	slices.Sort(list)
	return list
}
