package adapter

import "github.com/crossdc/failover/support/traffic"

// Numbering gives each event of both streams one number, as an application sees it that knows neither our streams nor our channels, and finds
// the event of a number again. Numbers of one numbering do not repeat.
type Numbering struct {
	Sites [2]string // as in traffic.Options
	// Base is what the first number is above. Scenarios draw different ones, far apart, so that a result of an earlier one is nobody's. Numbers
	// should stay below 2^53, which JSON in most languages carries exactly.
	Base uint64
}

// Number gives the number of an event; ok is false for an event of no stream of ours.
func (n Numbering) Number(e traffic.Event) (number uint64, ok bool) {
	stream := n.stream(e.DC)
	if stream < 0 || e.Seq == 0 || e.Channel < 0 || e.Channel >= traffic.Channels {
		return 0, false
	}
	return n.Base + ((e.Seq-1)*traffic.Channels+uint64(e.Channel))*2 + uint64(stream) + 1, true
}

// Event gives dc, channel and sequence number of a number, with its check; ok is false where the number is not above the base. Whether the event
// was ever sent is the ledger's to say.
func (n Numbering) Event(number uint64) (e traffic.Event, ok bool) {
	if number <= n.Base {
		return traffic.Event{}, false
	}
	index := number - n.Base - 1
	e.DC = n.Sites[index%2]
	e.Channel = int(index / 2 % traffic.Channels)
	e.Seq = index/2/traffic.Channels + 1
	e.Check = traffic.Check(e.DC, e.Channel, e.Seq)
	return e, true
}

func (n Numbering) stream(name string) int {
	for i, site := range n.Sites {
		if site == name {
			return i
		}
	}
	return -1
}
