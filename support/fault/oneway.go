package fault

// OneWay blocks the requests that one data center sends to the other while the other's still arrive: an application-level
// block, direction being who opens the connection (contract 6.4; S18).
func OneWay(from string, mode Mode) Fault {
	return linkFault("one-way", from+" cannot send to its peer: "+string(mode), footprint{sided: true, oneWay: true, from: from},
		blocking, LinkRule{Ports: AllPorts, Mode: mode}, Parameters{From: from, Mode: mode})
}
