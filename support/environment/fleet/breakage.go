package fleet

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// largestFill is the largest file that fills a device, in bytes: a device with more room is not filled.
const largestFill = 8 << 30

// CannotBreak says why the folders cannot be broken in that way.
func (s *Storage) CannotBreak(how fault.Breakage) string {
	for _, m := range s.fleet.members {
		if m.host.ReplicaFolder == "" {
			return fmt.Sprintf("host %s of %s names no replica_folder in its hosts file", m.host.Address, s.fleet.name)
		}
	}
	if how == fault.FullDisk {
		return s.fleet.Cannot("fill")
	}
	return s.fleet.Cannot("readOnly")
}

// Break breaks the folder of every host for as long as it lasts. Hosts refuse to fill a device that the logs or the system lie on.
func (s *Storage) Break(ctx context.Context, how fault.Breakage, lasts time.Duration) error {
	var orders []order
	for _, m := range s.fleet.members {
		f := protocol.Fault{For: lasts, ReadOnly: &protocol.ReadOnly{Folder: m.host.ReplicaFolder}}
		if how == fault.FullDisk {
			f = protocol.Fault{For: lasts, Fill: &protocol.Fill{Folder: m.host.ReplicaFolder, Limit: largestFill}}
		}
		orders = append(orders, order{m, f})
	}
	hits, err := arm(ctx, orders)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.hits = append(s.hits, hits...)
	s.mu.Unlock()
	return fire(ctx, hits)
}

// Broken is what the hosts say of their folders.
func (s *Storage) Broken(ctx context.Context) (string, error) {
	s.mu.Lock()
	hits := s.hits
	s.mu.Unlock()
	var texts []string
	for _, h := range hits {
		report, over, err := h.report(ctx)
		switch {
		case err != nil:
			return "", err
		case over || !report.Bites:
			return "", fmt.Errorf("host %s: its replica folder is not broken", h.on.host.Address)
		}
		texts = append(texts, fmt.Sprintf("host %s: %s", h.on.host.Address, strings.Join(report.Evidence, ", ")))
	}
	if len(texts) == 0 {
		return "", fmt.Errorf("nothing is done to the replica folders of %s", s.fleet.name)
	}
	writable, err := s.Writable(ctx)
	if err == nil && writable {
		err = fmt.Errorf("the replica folders of %s can be written all the same", s.fleet.name)
	}
	return strings.Join(texts, "; "), err
}

// Mend ends what was done to the folders before the deadline.
func (s *Storage) Mend(ctx context.Context) error { return s.end(ctx, "fill", "readOnly") }

// writable asks for the rights, as the file system grants them, and for room on the device.
const writable = `test -w "$1" && test "$(stat -f -c %a -- "$1")" -gt 0`

// Writable says whether the folder of every host can be written.
func (s *Storage) Writable(ctx context.Context) (bool, error) {
	return s.everywhere(ctx, "sh", "-c", writable, "sh")
}
