package fault

import (
	"fmt"
	"time"
)

// Loss is how many packets of a link are lost, as what it does to TCP, which sends them again and doubles its patience each time.
// Durations are wall time; TCP's own are 1 s and 0.2 s, which a link between data centers that run faster than real time scales
// by as much (toolkit contract 6.2).
type Loss struct {
	Share      float64       // of the packets, each way; above 0, below 1
	Handshake  time.Duration // what the first lost packet of a handshake costs
	Retransmit time.Duration // what the first lost packet of an established connection costs
}

// Lose loses packets in both directions (S22).
func Lose(l Loss) Fault {
	return linkFault("lose", fmt.Sprintf("the link loses %.3g %% of the packets", 100*l.Share), footprint{}, []Mode{Lossy},
		LinkRule{Ports: AllPorts, Mode: Lossy, Lost: l.Share, Handshake: l.Handshake, Retransmit: l.Retransmit},
		Parameters{Lost: l.Share, Handshake: l.Handshake, Retransmit: l.Retransmit})
}
