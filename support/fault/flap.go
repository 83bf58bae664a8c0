package fault

import (
	"fmt"
	"time"
)

// Flap cuts and restores the link in both directions again and again: refused for down, passed for up, wall time (S24).
func Flap(down, up time.Duration) Fault {
	return linkFault("flap", fmt.Sprintf("the link flaps: %v down, %v up", down, up), footprint{},
		[]Mode{Flapping}, LinkRule{Ports: AllPorts, Mode: Flapping, Down: down, Up: up}, Parameters{Down: down, Up: up})
}
