package ssh

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/crossdc/failover/support/fault/agent/client"
	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// Obeys finds out whether the account runs what it is told: some are allowed one command, or none.
func (h *Host) Obeys(ctx context.Context) error {
	word := rand.Text()
	result, err := h.Run(ctx, []string{"printf", "%s", word}, nil)
	if err != nil {
		return err
	}
	if result.Exit != 0 || string(result.Out) != word {
		return &Error{NoCommands, h.target.Address, "run a command as " + h.target.User, said(append(result.Out, result.Complaints...)), "give the account a POSIX shell and no forced command", nil}
	}
	return nil
}

// BecomesRoot finds out whether sudo works without asking.
func (h *Host) BecomesRoot(ctx context.Context) error {
	result, err := h.Run(ctx, []string{"sudo", "-n", "--", "true"}, nil)
	switch {
	case err != nil:
		return err
	case result.Exit == notFound:
		return &Error{MissingTool, h.target.Address, "become root", "there is no sudo", "install it, or set privilege: none", nil}
	case result.Exit != 0:
		return &Error{SudoAsks, h.target.Address, "become root as " + h.target.User, said(result.Complaints), "allow it in sudoers with NOPASSWD, or set privilege: none", nil}
	}
	return nil
}

// Architecture of the host in the words of Go: amd64.
func (h *Host) Architecture(ctx context.Context) (string, error) {
	result, err := h.Run(ctx, []string{"uname", "-sm"}, nil)
	if err != nil {
		return "", err
	}
	machines := map[string]string{"Linux x86_64": "amd64", "Linux aarch64": "arm64", "Linux ppc64le": "ppc64le", "Linux s390x": "s390x"}
	if name := machines[strings.TrimSpace(string(result.Out))]; name != "" {
		return name, nil
	}
	return "", &Error{MissingTool, h.target.Address, "find its architecture", said(append(result.Out, result.Complaints...)), "only Linux on x86_64, aarch64, ppc64le and s390x is known", nil}
}

// Path is our connection as the host sees it, after any jump host: what no fault may cut.
func (h *Host) Path(ctx context.Context) (protocol.Endpoint, error) {
	result, err := h.Run(ctx, []string{"sh", "-c", `printf %s "$SSH_CONNECTION"`}, nil)
	if err != nil {
		return protocol.Endpoint{}, err
	}
	if parts := strings.Fields(string(result.Out)); len(parts) == 4 {
		address, wrong := netip.ParseAddr(parts[0])
		port, also := strconv.ParseUint(parts[3], 10, 16)
		if wrong == nil && also == nil {
			return protocol.Endpoint{Address: address.Unmap().String(), Port: uint16(port)}, nil
		}
	}
	return protocol.Endpoint{}, &Error{NoCommands, h.target.Address, "find the way by which it is reached", said(result.Out), "sshd sets SSH_CONNECTION; let the account's shell keep it", nil}
}

// Offset is a host's wall clock minus ours: the truth lies within Offset +- Bound, if neither clock moved meanwhile.
type Offset struct{ Offset, Bound time.Duration }

func (o Offset) String() string {
	return fmt.Sprintf("%v +- %v", o.Offset.Round(time.Microsecond), o.Bound.Round(time.Microsecond))
}

// Agrees reports whether two measurements can be of clocks of which neither moved between.
func (o Offset) Agrees(other Offset) bool {
	return (o.Offset - other.Offset).Abs() <= o.Bound+other.Bound
}

// Clock measures the offset of a host's clock by several round trips to the agent there. Each bounds it by half its duration; together
// they bound it by what all of them allow.
func Clock(ctx context.Context, agent *client.Client, rounds int) (Offset, error) {
	var low, high time.Duration
	for i := range max(rounds, 1) {
		one, err := agent.Clock(ctx)
		if err != nil {
			return Offset{}, fmt.Errorf("measure the clock of a host: %w", err)
		}
		if i == 0 {
			low, high = one.Offset-one.Bound, one.Offset+one.Bound
			continue
		}
		low, high = max(low, one.Offset-one.Bound), min(high, one.Offset+one.Bound)
	}
	if low > high {
		return Offset{}, fmt.Errorf("measure the clock of a host: it moved by at least %v while it was measured; see what sets it", low-high)
	}
	return Offset{Offset: low + (high-low)/2, Bound: (high - low) / 2}, nil
}
