package fault

// Block cuts only some of the toolkit's ports, in both directions: the heartbeat port (S25) or the snapshot ports (S26).
func Block(ports Ports, mode Mode) Fault {
	return linkFault("block", "the "+string(ports)+" ports are blocked in both directions: "+string(mode), footprint{},
		blocking, LinkRule{Ports: ports, Mode: mode}, Parameters{Ports: ports, Mode: mode})
}
