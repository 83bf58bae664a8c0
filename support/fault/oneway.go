package fault

// OneWay blocks the requests that one data center sends to the other while the other's still arrive: an application-level
// block, direction being who opens the connection (contract 6.4; S18).
func OneWay(from string, mode Mode) Fault {
	var directions []string
	switch from {
	case dc1:
		directions = []string{toDC2}
	case dc2:
		directions = []string{toDC1}
	}
	return linkFault("one-way", from+" cannot send to its peer: "+string(mode), directions,
		blocking, LinkRule{Ports: AllPorts, Mode: mode}, Parameters{From: from, Mode: mode})
}
