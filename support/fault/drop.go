package fault

// Drop loses the packets that one data center sends to the other, on the level of IP. TCP needs packets both ways for every
// connection, whoever opens it: neither side's handshake ends, and what was established stalls. So it is put on the link as
// what it does to TCP: no answer in either direction, like a blackhole (contract 6.4; S19).
func Drop(from string) Fault {
	return linkFault("drop", "every packet that "+from+" sends to its peer is lost, which no TCP connection of either survives", footprint{sided: true},
		[]Mode{Blackhole}, LinkRule{Ports: AllPorts, Mode: Blackhole}, Parameters{From: from})
}
