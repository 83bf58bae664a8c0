package streams

import "strings"

// State is an enumeration value as the service sent it. Unknown values are kept; compare with Is.
type State string

// Values of status, statusReason, health and connection properties (contract 2.1, 2.2, 2.4, 2.7).
const (
	Running          State = "running"
	Starting         State = "starting"
	Restarting       State = "restarting"
	Stopping         State = "stopping"
	Stopped          State = "stopped"
	Constructed      State = "constructed"
	Submitted        State = "submitted"
	Canceling        State = "canceling"
	Canceled         State = "canceled"
	Failed           State = "failed"
	PartiallyRunning State = "partiallyRunning"
	PartiallyFailed  State = "partiallyFailed"
	Unknown          State = "unknown"

	Healthy            State = "healthy"
	PartiallyHealthy   State = "partiallyHealthy"
	PartiallyUnhealthy State = "partiallyUnhealthy"
	Unhealthy          State = "unhealthy"

	Connected          State = "connected"
	PartiallyConnected State = "partiallyConnected"
	Disconnected       State = "disconnected"

	ReasonNone        State = "none"
	ReasonCrash       State = "crash"
	ReasonFailure     State = "failure"
	ReasonHostFailure State = "hostFailure"
	ReasonUserRequest State = "userRequest"
	ReasonAutomatic   State = "automatic"
)

// Is compares without regard to case and to the two spellings of "cancelled" (contract 7).
func (s State) Is(others ...State) bool {
	for _, other := range others {
		if s.folded() == other.folded() {
			return true
		}
	}
	return false
}

func (s State) folded() string {
	return strings.Replace(strings.ToLower(strings.TrimSpace(string(s))), "cancell", "cancel", 1)
}
