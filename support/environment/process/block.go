package process

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
)

// Block is a /24 of loopback addresses that belongs to one environment. Linux answers on all of 127.0.0.0/8 without
// any set-up, so that several environments can run side by side with the product's own port numbers.
type Block struct {
	second, third byte
	lock          net.Listener
}

// lockHost and lockPort hold the reservation; no data center uses them.
const (
	lockHost = 254
	lockPort = 25090
)

// ReserveBlock takes a block that nobody on this machine uses.
func ReserveBlock(random *rand.Rand) (*Block, error) {
	var last error
	for range 100 {
		b := &Block{second: byte(1 + random.IntN(254)), third: byte(random.IntN(256))}
		lock, err := net.Listen("tcp4", netip.AddrPortFrom(b.address(lockHost), lockPort).String())
		if err != nil {
			last = err
			continue
		}
		b.lock = lock
		return b, nil
	}
	return nil, fmt.Errorf("reserve a block of loopback addresses: 100 tries failed, the last one with: %w", last)
}

func (b *Block) address(host byte) netip.Addr {
	return netip.AddrFrom4([4]byte{127, b.second, b.third, host})
}

// DataCenter returns the address of data center n (1 or 2).
func (b *Block) DataCenter(n int) string { return b.address(byte(n)).String() }

// Relay returns the address at which the relay stands in for data center "to" when "from" calls it.
func (b *Block) Relay(from, to int) string { return b.address(byte(10*from + to)).String() }

// Release gives the block back.
func (b *Block) Release() error { return b.lock.Close() }
