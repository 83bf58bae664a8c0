package fault

// Partition cuts the link in both directions and on all ports. The mode decides what the toolkit's senders feel: refuse
// and reset fail at once, hang costs the read timeout R, blackhole the connect timeout C (contract 4.7, 6.4; S15, S16, S17).
func Partition(mode Mode) Fault {
	return linkFault("partition", "the link is cut in both directions: "+string(mode), footprint{},
		blocking, LinkRule{Ports: AllPorts, Mode: mode}, Parameters{Mode: mode})
}
