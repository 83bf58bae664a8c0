package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"

	environment "github.com/crossdc/failover/support/environment/hosts"
	"github.com/crossdc/failover/support/environment/hostsfile"
	"github.com/crossdc/failover/support/environment/ssh"
	"github.com/crossdc/failover/support/fault/agent/client"
	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// underWay is how long after a request the agent is killed at most: arming was seen to take 5 to 30 ms, firing 1 to 10 ms.
const underWay = 30 * time.Millisecond

// strikeAndDie makes a fault and lets its makers die. It was last known to act at last, and must be over at deadline.
func strikeAndDie(ctx context.Context, host hostsfile.Host, s strike, d death) (struckAfter *float64, last, deadline time.Duration, err error) {
	if d.when == apart {
		last, deadline, err = fromApart(ctx, s)
		return nil, last, deadline, err
	}
	k, err := reach(ctx, host, s)
	if k != nil {
		defer k.leave()
	}
	if err != nil {
		return nil, 0, 0, err
	}
	switch d.when {
	case arming:
		after, err := k.killWhile(ctx, func(ctx context.Context) error { return k.arm(ctx, strikes) })
		return &after, sinceBoot(), sinceBoot() + strikes, err // armed at most now, and it disarms itself
	case firing:
		if err := k.arm(ctx, time.Minute); err != nil {
			return nil, 0, 0, err
		}
		after, err := k.killWhile(ctx, func(ctx context.Context) error { _, err := k.conversation.Fire(ctx, k.armed); return err })
		// Where it was killed before it wrote down that it fires, the fault stays armed, and nobody fires it: only its record lasts until then.
		return &after, sinceBoot(), sinceBoot() + strikes, errors.Join(err, k.disarm(ctx))
	}
	if last, deadline, err = k.fire(ctx); err != nil {
		return nil, 0, 0, err
	}
	if err := d.do(ctx, k); err != nil {
		return nil, 0, 0, fmt.Errorf("%s: %w", d.name, err)
	}
	return nil, last, deadline, nil
}

// reach opens a conversation with an agent on the host. What it returns must be left, also after an error.
func reach(ctx context.Context, host hostsfile.Host, s strike) (*killed, error) {
	k := &killed{host: host, limits: ssh.DefaultLimits()}
	var err error
	if k.ssh, err = ssh.Dial(ctx, environment.Target(host), k.limits); err != nil {
		return nil, err
	}
	path, err := k.ssh.Path(ctx)
	if err != nil {
		return k, err
	}
	placed, err := k.ssh.Place(ctx, os.Getenv("CROSSDC_AGENT_PATH"))
	if err != nil {
		return k, err
	}
	session, err := k.ssh.Start(ctx, host.Command(placed.Program, "-vanish"))
	if err != nil {
		return k, err
	}
	k.conversation = client.New(session, client.WithLimit(k.limits.Request))
	welcome, err := k.conversation.Hello(ctx, protocol.Hello{Holder: "kills in the lab", Management: []protocol.Endpoint{path}})
	if err != nil {
		return k, err
	}
	k.agent = welcome.PID
	if k.product, err = k.conversation.List(ctx, host.InstallFolder); err != nil {
		return k, err
	}
	k.fault = s.make(k)
	k.fault.For = strikes
	return k, nil
}

func (k *killed) leave() {
	if k.conversation != nil {
		_ = k.conversation.Close() // its other side may be dead
	}
	_ = k.ssh.Close()
}

func (k *killed) arm(ctx context.Context, wait time.Duration) error {
	armed, err := k.conversation.Arm(ctx, protocol.Arm{Fault: k.fault, Wait: wait})
	k.armed = armed.ID
	return err
}

// fire arms and fires, and sees that it acts: else nothing is proven.
func (k *killed) fire(ctx context.Context) (last, deadline time.Duration, err error) {
	if err := k.arm(ctx, time.Minute); err != nil {
		return 0, 0, err
	}
	fired, err := k.conversation.Fire(ctx, k.armed)
	if err != nil {
		return 0, 0, err
	}
	last = sinceBoot()
	acts, err := k.conversation.Report(ctx, k.armed)
	if err == nil && acts.Phase != protocol.PhaseActive {
		err = fmt.Errorf("nothing is proven: it is %s right after it was fired", acts.Phase)
	}
	return last, time.Duration(fired.DeadlineNs), err
}

// killWhile kills the agent at a random moment while it does what it is told. Whoever kills it waits on the host already, so that the moment is
// not that of a login.
func (k *killed) killWhile(ctx context.Context, told func(context.Context) error) (afterMS float64, err error) {
	other, err := ssh.Dial(ctx, environment.Target(k.host), k.limits)
	if err != nil {
		return 0, err
	}
	defer other.Close()
	trigger, err := other.Start(ctx, k.host.Command("/bin/bash", "-c", `echo ready; read -r _; kill -9 "$1" && echo killed`, "bash", strconv.Itoa(k.agent)))
	if err != nil {
		return 0, err
	}
	defer trigger.Close()
	if _, err := io.ReadFull(trigger, make([]byte, len("ready\n"))); err != nil {
		return 0, fmt.Errorf("prepare to kill the agent: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- told(ctx) }()
	after := rand.N(underWay) // told in the results, so that what shows at one moment only is found again
	time.Sleep(after)
	if _, err = io.WriteString(trigger, "now\n"); err == nil {
		_, err = io.ReadFull(trigger, make([]byte, len("killed\n")))
	}
	if err != nil {
		err = fmt.Errorf("kill the agent: %w", err)
	}
	<-ended // either answer is fine: it may have done what it was told before
	return milliseconds(after), err
}

// disarm ends by hand what was armed and never fired, as the next run does.
func (k *killed) disarm(ctx context.Context) error {
	next, err := reach(ctx, k.host, strike{make: func(*killed) protocol.Fault { return protocol.Fault{} }})
	if next != nil {
		defer next.leave()
	}
	if err != nil {
		return err
	}
	welcome, err := next.conversation.Hello(ctx, protocol.Hello{Holder: "kills in the lab", NoManagement: true})
	if err != nil {
		return err
	}
	i := slices.IndexFunc(welcome.Open, func(known protocol.Known) bool { return known.ID == k.armed && known.Phase == protocol.PhaseArmed })
	if i < 0 {
		return nil // it acts, or is over
	}
	_, err = next.conversation.Heal(ctx, k.armed)
	return err
}

// made is what a process says that fired a fault.
type made struct {
	Last, Deadline time.Duration // since boot
}

// makeAndStay fires a fault on the first host, says so, and stays until it is killed.
func makeAndStay(ctx context.Context, class string) error {
	i := slices.IndexFunc(strikesOn(), func(s strike) bool { return s.name == class })
	if i < 0 {
		return fmt.Errorf("-make is %q: a class of faults expected", class)
	}
	file, err := hostsfile.Load(os.Getenv("CROSSDC_DC1_HOSTS_FILE"))
	if err != nil {
		return err
	}
	k, err := reach(ctx, file.Hosts[0], strikesOn()[i])
	if k != nil {
		defer k.leave()
	}
	if err != nil {
		return err
	}
	var m made
	if m.Last, m.Deadline, err = k.fire(ctx); err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(m); err != nil {
		return fmt.Errorf("say that the fault acts: %w", err)
	}
	<-ctx.Done()
	return context.Cause(ctx)
}

// fromApart lets a process of its own fire the fault, and kills it.
func fromApart(ctx context.Context, s strike) (last, deadline time.Duration, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, 0, fmt.Errorf("find this program: %w", err)
	}
	maker := exec.CommandContext(ctx, self, "-make", s.name) // ends with SIGKILL also where we are told to end
	maker.Stderr = os.Stderr
	said, err := maker.StdoutPipe()
	if err == nil {
		err = maker.Start()
	}
	if err != nil {
		return 0, 0, fmt.Errorf("start a process that fires a fault: %w", err)
	}
	var m made
	if err = json.NewDecoder(said).Decode(&m); err != nil {
		err = fmt.Errorf("read what the process that fires a fault says: %w", err)
	}
	killed := maker.Process.Kill()
	_ = maker.Wait() // with SIGKILL, which is no success
	return m.Last, m.Deadline, errors.Join(err, killed)
}
