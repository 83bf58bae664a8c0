package fault

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Hang suspends every process of a data center with SIGSTOP and resumes it after d, or when it is healed if d is 0. Its
// kernel goes on accepting connections and bytes, which are served late (S37, contract 4.7).
func Hang(dc string, d time.Duration) Fault {
	return newFault("hang", dc, dc+" hangs: SIGSTOP to all of its processes", Parameters{DC: dc, For: d}, footprint{dc: dc},
		signalled(dc, func(dc DataCenter) action { return &hang{dc: dc} }, Suspending)).takingService().For(d)
}

type hang struct{ dc DataCenter }

func (h *hang) recall(memory string) { recalled(h.dc.Processes(), memory) }

func (h *hang) prepare(ctx context.Context) (string, error) {
	if _, err := serving(ctx, h.dc); err != nil {
		return "", err
	}
	processes, err := h.dc.Processes().List(ctx)
	if err != nil {
		return "", fmt.Errorf("list the processes of %s: %w", h.dc.Name(), err)
	}
	if memory, ok := remembered(h.dc.Processes()); ok {
		return memory, nil
	}
	return rememberStopped(processes)
}

func (h *hang) arm(ctx context.Context) error { return armed(ctx, h.dc, Suspending) }

func (h *hang) act(ctx context.Context) error { return h.dc.Processes().Suspend(ctx) }

func (h *hang) bite(ctx context.Context) (string, error) {
	there, err := h.dc.Processes().List(ctx)
	if err != nil {
		return "", fmt.Errorf("list the processes of %s: %w", h.dc.Name(), err)
	}
	if len(there) == 0 {
		return "", fmt.Errorf("%s has no process left: that is a crash, not a hang", h.dc.Name())
	}
	// The kernel has shown every process stopped; one short question is enough, and t0 stays narrow.
	asking, cancel := context.WithTimeout(ctx, 2*leastSilence)
	defer cancel()
	quiet, err := shows(asking, h.dc, unanswered)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d processes are there and stopped; %s", len(there), quiet), nil
}

func (h *hang) heal(ctx context.Context) error { return h.dc.Processes().Resume(ctx) }

func (h *hang) gone(ctx context.Context) (string, error) { return servesAgain(ctx, h.dc) }

// stopped is what a later process must know to resume processes of ours, and nobody else's: a number alone is reused.
type stopped struct {
	Boot      string         `json:"boot"`
	Processes map[int]uint64 `json:"processes"` // process id -> when it started, clock ticks since boot
}

func rememberStopped(processes []int) (string, error) {
	m := stopped{Boot: bootID(), Processes: map[int]uint64{}}
	for _, pid := range processes {
		if started := startTicks(pid); started != 0 {
			m.Processes[pid] = started
		}
	}
	raw, err := json.Marshal(m)
	return string(raw), err
}

func parseStopped(memory string) (m stopped, ok bool) {
	return m, json.Unmarshal([]byte(memory), &m) == nil
}
