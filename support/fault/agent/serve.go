package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// host is the target as one agent sees it.
type host struct {
	journal    journal
	ssh        string // SSH_CONNECTION: client address and port, server address and port
	holder     string // "" until hello
	management []protocol.Endpoint
	last       int // number of the last fault
	// over are faults of ours that have ended. Their files are gone, so that nothing stays of them whatever becomes of us.
	over map[string]*record
}

// serve answers requests one after the other, but for probes, until the input ends. That heals nothing: what acts ends at its deadline.
func (h *host) serve(in io.Reader, out io.Writer) error {
	defer h.leave()
	write := serialized(out)
	ctx, stop := context.WithCancel(context.Background())
	var probing sync.WaitGroup
	defer func() { stop(); probing.Wait() }()
	lines := protocol.NewReader(in)
	for {
		line, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		request, err := protocol.ParseRequest(line)
		answer := protocol.Answer{ID: request.ID}
		if err != nil {
			answer.Error = &protocol.Error{Code: protocol.CodeInvalid, Text: err.Error()}
		} else if request.Probe != nil && h.holder != "" {
			probing.Go(func() { // it may take seconds, and what ends a fault must not wait for it
				answer.Probe = probe(ctx, *request.Probe)
				_ = write(answer) // who asked is gone: the next read sees that
			})
			continue
		} else if refused := h.answer(request, &answer); refused != nil {
			answer = protocol.Answer{ID: request.ID, Error: refused}
		}
		if err := write(answer); err != nil {
			return err
		}
	}
}

// serialized keeps the lines of several goroutines apart.
func serialized(out io.Writer) func(protocol.Answer) error {
	var one sync.Mutex
	return func(answer protocol.Answer) error {
		one.Lock()
		defer one.Unlock()
		return protocol.Write(out, answer)
	}
}

// leave forgets what is over. Records of faults that act, or of another holder, stay.
func (h *host) leave() {
	records, _ := h.journal.all()
	for _, r := range records {
		if !r.open() && r.Holder == h.holder || r.abandoned() {
			h.journal.forget(r.ID)
		}
	}
	_ = os.Remove(string(h.journal)) // only succeeds once it is empty
}

func (h *host) answer(request protocol.Request, out *protocol.Answer) *protocol.Error {
	if request.Clock != nil {
		out.Clock = &protocol.Clock{BootNs: bootNow(), UnixNs: time.Now().UnixNano()}
		return nil
	}
	if request.Hello != nil {
		var err *protocol.Error
		out.Hello, err = h.hello(*request.Hello)
		return err
	}
	if h.holder == "" {
		return &protocol.Error{Code: protocol.CodeInvalid, Text: "nobody said hello", Remedy: "open the conversation by hello"}
	}
	if request.Lease != nil {
		var err *protocol.Error
		out.Lease, err = h.lease(*request.Lease)
		return err
	}
	if request.Sockets != nil {
		list, err := listening(request.Sockets.Ports)
		if err != nil {
			return failed(err)
		}
		out.Sockets = &protocol.Listening{Sockets: list}
		return nil
	}
	if request.Files != nil {
		list, err := filesIn(request.Files.Folder)
		if err != nil {
			return failed(err)
		}
		out.Files = &protocol.Files{Files: list}
		return nil
	}
	if request.List != nil {
		list, err := below(request.List.Folder)
		if err != nil {
			return failed(err)
		}
		out.List = &protocol.Listed{Processes: list}
		return nil
	}
	if request.Arm != nil {
		var err *protocol.Error
		out.Arm, err = h.arm(*request.Arm)
		return err
	}
	for _, which := range []*protocol.Which{request.Fire, request.Report, request.Heal} {
		if which == nil {
			continue
		}
		r, err := h.find(which.ID)
		if errors.Is(err, fs.ErrNotExist) {
			return &protocol.Error{Code: protocol.CodeUnknown, Text: fmt.Sprintf("this host knows no fault %s", which.ID), Remedy: "hello lists those that are open"}
		}
		if err != nil {
			return failed(err)
		}
		k, refused := kindOf(r.Fault)
		if refused != nil {
			return refused
		}
		switch {
		case request.Fire != nil:
			out.Fire, refused = h.fire(k, r)
		case request.Report != nil:
			out.Report, refused = h.report(k, r)
		default:
			out.Heal, refused = h.heal(k, r)
		}
		return refused
	}
	return &protocol.Error{Code: protocol.CodeInvalid, Text: "nothing was asked"}
}

// find is what is known of a fault. One of ours that has ended by itself is kept here from then on.
func (h *host) find(id string) (*record, error) {
	if r := h.over[id]; r != nil {
		return r, nil
	}
	r, err := h.journal.read(id)
	if err == nil && !r.open() && r.Holder == h.holder {
		h.settle(r)
	}
	return r, err
}

// settle takes the record of a fault that is over out of the journal.
func (h *host) settle(r *record) {
	if h.over == nil {
		h.over = map[string]*record{}
	}
	h.over[r.ID] = r
	h.journal.forget(r.ID)
}

func failed(err error) *protocol.Error {
	return &protocol.Error{Code: protocol.CodeFailed, Text: err.Error()}
}

func (h *host) hello(hello protocol.Hello) (*protocol.Welcome, *protocol.Error) {
	management := hello.Management
	if f := strings.Fields(h.ssh); len(f) == 4 {
		port, err := strconv.ParseUint(f[3], 10, 16)
		if err != nil {
			return nil, &protocol.Error{Code: protocol.CodeForbidden, Text: fmt.Sprintf("SSH_CONNECTION is %q: its last word is no port", h.ssh)}
		}
		management = append(management, protocol.Endpoint{Address: f[0], Port: uint16(port)})
	}
	if len(management) == 0 && !hello.NoManagement {
		return nil, &protocol.Error{Code: protocol.CodeForbidden, Text: "the management path is not known: neither hello nor SSH_CONNECTION names it",
			Remedy: "name it in management, or set noManagement where nothing can be cut off"}
	}
	h.holder, h.management = hello.Holder, management
	name, err := os.Hostname()
	if err != nil {
		return nil, failed(err)
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return nil, failed(err)
	}
	w := &protocol.Welcome{Version: protocol.Version, Host: name, BootID: strings.TrimSpace(string(boot)), PID: os.Getpid(), State: string(h.journal), Interfaces: interfaces()}
	for _, k := range kinds() {
		w.Capabilities = append(w.Capabilities, k.capability())
	}
	records, err := h.journal.all()
	if err != nil {
		return nil, failed(err)
	}
	taken, err := h.journal.lease()
	if err != nil {
		return nil, failed(err)
	}
	w.Lease = taken.told()
	for _, r := range records {
		if r.open() {
			w.Open = append(w.Open, protocol.Known{ID: r.ID, Holder: r.Holder, Kind: r.Fault.Kind(), Phase: r.Phase, DeadlineNs: max(r.Deadline, r.ArmedUntil)})
		}
	}
	return w, nil
}

// spare refuses traffic that contains the management path.
func (h *host) spare(t protocol.Traffic) *protocol.Error {
	for _, e := range h.management {
		if t.Touches(e) {
			return &protocol.Error{Code: protocol.CodeForbidden, Text: fmt.Sprintf("peers %v with ports %v contain the management path %s to port %d", t.Peers, t.Ports, e.Address, e.Port),
				Remedy: "name the peers on the application network, or the ports of the application"}
		}
	}
	return nil
}

func (h *host) arm(arm protocol.Arm) (*protocol.Armed, *protocol.Error) {
	k, refused := kindOf(arm.Fault)
	if refused != nil {
		return nil, refused
	}
	records, err := h.journal.all()
	if err != nil {
		return nil, failed(err)
	}
	taken, err := h.journal.lease()
	if err != nil {
		return nil, failed(err)
	}
	if refused := taken.busy(h.holder); refused != nil {
		return nil, refused
	}
	for _, other := range records {
		if other.open() && !other.lapsed() && other.Holder != h.holder {
			return nil, &protocol.Error{Code: protocol.CodeBusy,
				Text:   fmt.Sprintf("%q has the fault %s (%s) on this host for %v more", other.Holder, other.ID, other.Fault.Kind(), until(max(other.Deadline, other.ArmedUntil)).Round(time.Millisecond)),
				Remedy: "wait for its end, or heal it"}
		}
	}
	if c := k.capability(); c.Way == "" {
		return nil, &protocol.Error{Code: protocol.CodeUnavailable, Text: fmt.Sprintf("%s is not available here: %s", k.name, c.Reason), Remedy: c.Remedy}
	}
	self, err := readStat(os.Getpid())
	if err != nil {
		return nil, failed(err)
	}
	h.last++
	r := &record{
		ID: fmt.Sprintf("p%dn%dt%s", os.Getpid(), h.last, strconv.FormatInt(bootNow()/int64(time.Millisecond), 36)), Holder: h.holder, Agent: os.Getpid(), AgentStart: self.start,
		Fault: arm.Fault, Phase: protocol.PhaseArmed, ArmedUntil: bootNow() + int64(arm.Wait),
	}
	steps, way, refused := k.plan(h, r)
	if refused != nil {
		return nil, refused
	}
	armed := &protocol.Armed{Way: way, Transactions: steps, Guard: guardText(k)}
	if arm.DryRun {
		return armed, nil
	}
	r.Before = look()
	if err := startKeeper(h.journal, r); err != nil {
		h.journal.forget(r.ID)
		return nil, failed(err)
	}
	armed.ID = r.ID
	return armed, nil
}

func (h *host) fire(k kind, r *record) (*protocol.Fired, *protocol.Error) {
	if r.Phase != protocol.PhaseArmed || until(r.ArmedUntil) <= 0 {
		return nil, &protocol.Error{Code: protocol.CodeInvalid, Text: fmt.Sprintf("fault %s is %s, and was armed until %v from now", r.ID, r.Phase, until(r.ArmedUntil)),
			Remedy: "arm it again"}
	}
	// The order is what makes it safe: the journal and the second deadline know everything before anything is done.
	r.Deadline = bootNow() + int64(r.Fault.For)
	r.Phase = protocol.PhaseActive
	if err := h.journal.write(r); err != nil {
		return nil, failed(err)
	}
	if err := tellKeeper(h.journal, r.ID, r.Deadline); err != nil {
		return nil, failed(errors.Join(err, h.end(r, protocol.PhaseHealed)))
	}
	called := bootNow()
	if err := k.act(r); err != nil {
		err = fmt.Errorf("%s: %w", k.name, err)
		return nil, failed(errors.Join(err, k.heal(r), h.end(r, protocol.PhaseHealed)))
	}
	if until(r.Deadline) <= 0 { // we were suspended meanwhile, and its keeper may have come and gone
		err := fmt.Errorf("%s took longer than the fault was to last", k.name)
		r.Phase = protocol.PhaseEnded
		return nil, failed(errors.Join(err, k.heal(r), h.journal.write(r)))
	}
	fired := &protocol.Fired{CalledNs: called, DoneNs: bootNow(), DeadlineNs: r.Deadline}
	if r.Done { // its keeper may have ended it meanwhile: what it wrote stays
		if now, err := h.journal.read(r.ID); err == nil && now.Phase == protocol.PhaseActive {
			if err := h.journal.write(r); err != nil {
				return nil, failed(err)
			}
		}
	}
	return fired, nil
}

// end closes the record and dismisses the keeper. A keeper that does not answer finds the record when it comes to life.
func (h *host) end(r *record, phase protocol.Phase) error {
	r.Phase = phase
	err := errors.Join(h.journal.write(r), tellKeeper(h.journal, r.ID, dismissed))
	if err == nil || errors.Is(err, errNoKeeper) {
		h.settle(r)
	}
	return err
}

func (h *host) report(k kind, r *record) (*protocol.Report, *protocol.Error) {
	out := &protocol.Report{Phase: r.Phase, DeadlineNs: r.Deadline, Packets: r.Packets, Bytes: r.Bytes, Bites: r.Bit}
	if r.Phase == protocol.PhaseActive {
		out.Bites = false
		if err := k.report(r, out); err != nil {
			return nil, failed(err)
		}
	}
	out.Difference = difference(r.Before, look(), func(t trace) bool { return k.owns(r, t) })
	out.NowNs = bootNow()
	return out, nil
}

func (h *host) heal(k kind, r *record) (*protocol.Healed, *protocol.Error) {
	healed := &protocol.Healed{Was: r.Phase, CalledNs: bootNow()}
	if r.Phase == protocol.PhaseActive {
		remember(k, r)
		if err := k.heal(r); err != nil {
			return nil, failed(fmt.Errorf("heal %s: %w; its keeper tries again at the deadline", k.name, err))
		}
	}
	if r.open() {
		if err := h.end(r, protocol.PhaseHealed); err != nil && !errors.Is(err, errNoKeeper) {
			return nil, failed(err)
		}
	}
	healed.DoneNs = bootNow()
	healed.Difference = difference(r.Before, look(), func(t trace) bool { return k.owns(r, t) })
	return healed, nil
}

// remember keeps in the record what the fault did, while it can still be asked.
func remember(k kind, r *record) {
	var last protocol.Report
	if err := k.report(r, &last); err == nil {
		r.Packets, r.Bytes, r.Bit = last.Packets, last.Bytes, last.Bites
	}
}
