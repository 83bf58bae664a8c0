package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	environment "github.com/crossdc/failover/support/environment/hosts"
	"github.com/crossdc/failover/support/environment/hostsfile"
	"github.com/crossdc/failover/support/environment/ssh"
	"github.com/crossdc/failover/support/fault/agent/client"
	"github.com/crossdc/failover/support/fault/agent/protocol"
)

const (
	strikes = 4 * time.Second        // how long a fault lasts
	early   = 100 * time.Millisecond // how much before its deadline it may be gone: the kernel ends a rule up to two ticks early
	grace   = 2 * time.Second        // within which it must be gone after its deadline
	looked  = 5 * time.Second        // for how long it is looked for after its deadline
)

// moment is when the makers of a fault die.
type moment int

const (
	acting moment = iota // it was fired, and was seen to act
	arming               // the agent is being told to arm it
	firing               // the agent is being told to fire it
	apart                // it acts, and was fired by a process of its own, which is what dies
)

// death is what happens to those who make a fault.
type death struct {
	name string
	when moment
	do   func(ctx context.Context, k *killed) error // while it acts; nil for the other moments
}

// servers kills the SSH servers that we, and the agent, are connected through, by id: those that are parents of either. Others on the
// host are not ours.
const servers = `ours=
for p in $$ "$1"; do
  while [ -n "$p" ] && [ "$p" -gt 1 ]; do
    case "$(cat "/proc/$p/comm" 2>/dev/null)" in sshd*) ours="$ours $p" ;; esac
    p=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$p/status" 2>/dev/null)
  done
done
[ -n "$ours" ] || exit 3
kill -9 $ours`

// deaths are the ways in which the makers of a fault end.
func deaths() []death {
	elsewhere := func(ctx context.Context, k *killed, command string) error {
		host, err := ssh.Dial(ctx, environment.Target(k.host), k.limits)
		if err != nil {
			return err
		}
		defer host.Close()
		result, err := host.Run(ctx, k.host.Command("/bin/bash", "-c", command, "bash", strconv.Itoa(k.agent)), nil)
		if err == nil && result.Exit != 0 {
			err = fmt.Errorf("it exits with %d: %s", result.Exit, result.Complaints)
		}
		return err
	}
	return []death{
		{"our connection ends", acting, func(_ context.Context, k *killed) error { return k.ssh.Close() }},
		{"kill -9 of our sshd", acting, func(ctx context.Context, k *killed) error {
			err := elsewhere(ctx, k, servers)
			if lost := new(ssh.Error); errors.As(err, &lost) && lost.Problem == ssh.Lost {
				return nil // it ends our connection as well
			}
			return errors.Join(errors.New("our connection outlived it"), err)
		}},
		{"kill -9 of the agent", acting, func(ctx context.Context, k *killed) error { return elsewhere(ctx, k, `kill -9 "$1"`) }},
		{"kill -9 of the agent while it arms", arming, nil},
		{"kill -9 of the agent while it fires", firing, nil},
		{"kill -9 of the process that fired it", apart, nil},
		{"the agent is suspended", acting, func(ctx context.Context, k *killed) error { return elsewhere(ctx, k, `kill -STOP "$1"`) }},
	}
}

// strike is a class of faults that a host ends by itself.
type strike struct {
	name string
	make func(k *killed) protocol.Fault
}

func strikesOn() []strike {
	traffic := func(k *killed) protocol.Traffic {
		return protocol.Traffic{Peers: []string{k.host.ApplicationNetwork}, Ports: []uint16{25091}, At: protocol.OnHost}
	}
	return []strike{
		{"cut", func(k *killed) protocol.Fault { return protocol.Fault{Cut: &protocol.Cut{Traffic: traffic(k)}} }},
		{"delay", func(k *killed) protocol.Fault {
			return protocol.Fault{Delay: &protocol.Delay{Traffic: traffic(k), Delay: 20 * time.Millisecond}}
		}},
		{"rate", func(*killed) protocol.Fault {
			return protocol.Fault{Rate: &protocol.Rate{Interface: "app0", BytesPerSecond: 1 << 20}}
		}},
		{"hang", func(k *killed) protocol.Fault { return protocol.Fault{Hang: &protocol.Hang{Processes: k.product}} }},
		{"fill", func(k *killed) protocol.Fault {
			return protocol.Fault{Fill: &protocol.Fill{Folder: k.host.ReplicaFolder, Limit: 64 << 20}}
		}},
		{"readOnly", func(k *killed) protocol.Fault {
			return protocol.Fault{ReadOnly: &protocol.ReadOnly{Folder: k.host.ReplicaFolder}}
		}},
		{"service", func(k *killed) protocol.Fault {
			return protocol.Fault{Service: &protocol.Service{Do: k.host.Service.Stop, Undo: k.host.Service.Start, Limit: 30 * time.Second}}
		}},
	}
}

// killed is one fault whose makers die.
type killed struct {
	host    hostsfile.Host
	limits  ssh.Limits
	ssh     *ssh.Host
	agent   int // its process id on the host
	product []protocol.Process

	conversation *client.Client
	fault        protocol.Fault
	armed        string // its id; empty until then
}

// kill is the outcome of one, as lab.json has it.
type kill struct {
	Fault string `json:"fault"`
	Death string `json:"death"`
	// StruckAfter is how long after the request the agent was killed, where it was killed while it did what it was told. The fault may then never have
	// acted, and its deadline is the latest that it can have had.
	StruckAfter *float64 `json:"struck_after_ms,omitempty"`
	// The fault was still seen EarliestMS after its deadline and not any more LatestMS after it; negative: before it. What a look over SSH
	// takes lies between the two.
	Earliest float64  `json:"gone_earliest_ms"`
	Latest   float64  `json:"gone_latest_ms"`
	Left     []string `json:"left,omitempty"` // what differs when it was looked at last
	Problem  string   `json:"problem,omitempty"`
}

// kills lets the makers of each class of fault die each death, rounds times, on the first host.
func kills(ctx context.Context, rounds int) ([]kill, error) {
	file, err := hostsfile.Load(os.Getenv("CROSSDC_DC1_HOSTS_FILE"))
	if err != nil {
		return nil, err
	}
	var list []kill
	for range rounds {
		for _, s := range strikesOn() {
			for _, d := range deaths() {
				one, err := oneKill(ctx, file.Hosts[0], s, d)
				if ctx.Err() != nil {
					return list, context.Cause(ctx)
				}
				if err != nil {
					one.Problem = err.Error()
				}
				list = append(list, one)
				fmt.Printf("  %-9s %-36s gone %.0f to %.0f ms after its deadline; left: %q %s\n", s.name, d.name, one.Earliest, one.Latest, one.Left, one.Problem)
			}
		}
	}
	return list, nil
}

func oneKill(ctx context.Context, host hostsfile.Host, s strike, d death) (one kill, err error) {
	one = kill{Fault: s.name, Death: d.name}
	before, err := surveyOf(ctx, host)
	if err != nil {
		return one, err
	}
	limits := ssh.DefaultLimits()
	var last, deadline time.Duration // of the clock of the hosts' kernel: when it was last seen, and when it must be over
	if one.StruckAfter, last, deadline, err = strikeAndDie(ctx, host, s, d); err != nil {
		return one, err
	}
	eye, err := ssh.Dial(ctx, environment.Target(host), limits) // one that is open sees more often
	if err != nil {
		eye = nil // no SSH server just now
	}
	defer func() {
		if eye != nil {
			_ = eye.Close()
		}
	}()
	for {
		began := sinceBoot()
		var now []string
		if eye == nil {
			eye, err = ssh.Dial(ctx, environment.Target(host), limits)
			began = sinceBoot()
		}
		if eye != nil {
			if now, err = look(ctx, host, eye); err != nil {
				_ = eye.Close()
				eye = nil
			}
		}
		ended := sinceBoot()
		if err == nil {
			differs := difference(before, now)
			left := slices.DeleteFunc(slices.Clone(differs), func(line string) bool { return strings.HasPrefix(line, "-") }) // what an earlier one left may go meanwhile
			if ours := effects(differs); len(ours) > 0 {
				last, one.Left = began, ours
			} else {
				one.Earliest, one.Latest, one.Left = milliseconds(last-deadline), milliseconds(ended-deadline), left
				if began > deadline+grace || len(left) == 0 {
					break // what is no effect, such as the agent's file, has had its time too
				}
			}
		}
		if began > deadline+looked || ctx.Err() != nil {
			return one, errors.Join(fmt.Errorf("still there %v after its deadline", looked), err)
		}
	}
	return one, nil
}

// effects are the differences that are a fault's; the rest is what carried it out.
func effects(differences []string) (list []string) {
	for _, line := range differences {
		if !strings.Contains(line, "/dev/shm/") && !strings.Contains(line, "crossdc-fault") || strings.Contains(line, "nft:") {
			list = append(list, line)
		}
	}
	return list
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// sinceBoot is the clock of the hosts' kernel, which in the lab is ours.
func sinceBoot() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now); err != nil {
		return 0
	}
	return time.Duration(now.Nano())
}
