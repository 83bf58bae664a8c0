package traffic

import "math/bits"

// bitmap is a set of sequence numbers, one bit each: ten million events in a handful of sets stay far below 64 MiB.
type bitmap []uint64

// grow makes room for numbers up to last.
func (b *bitmap) grow(last uint64) {
	for need := int(last/64) + 1; len(*b) < need; {
		*b = append(*b, 0)
	}
}

func (b bitmap) has(n uint64) bool {
	return n/64 < uint64(len(b)) && b[n/64]&(1<<(n%64)) != 0
}

// add puts n into the set and reports whether it was new.
func (b *bitmap) add(n uint64) bool {
	b.grow(n)
	word, bit := n/64, uint64(1)<<(n%64)
	old := (*b)[word]
	(*b)[word] = old | bit
	return old&bit == 0
}

// each calls f with every member, in order.
func (b bitmap) each(f func(n uint64)) {
	for i, word := range b {
		for w := word; w != 0; w &= w - 1 {
			f(uint64(i)*64 + uint64(bits.TrailingZeros64(w)))
		}
	}
}

func (b bitmap) count() uint64 {
	n := 0
	for _, word := range b {
		n += bits.OnesCount64(word)
	}
	return uint64(n)
}

// word returns 64 numbers starting at 64*i; zero beyond the end.
func (b bitmap) word(i int) uint64 {
	if i < len(b) {
		return b[i]
	}
	return 0
}

// prefix returns the part of the set up to and including last.
func (b bitmap) prefix(last uint64) bitmap {
	length := min(uint64(len(b)), last/64+1)
	cut := append(bitmap(nil), b[:length]...)
	if last/64 < length {
		cut[last/64] &= ^uint64(0) >> (63 - last%64)
	}
	return cut
}

// tally is the number of members and their sum modulo 2^64.
func (b bitmap) tally() (count, sum uint64) {
	for i, word := range b {
		count += uint64(bits.OnesCount64(word))
		base := uint64(i) * 64
		for w := word; w != 0; w &= w - 1 {
			sum += base + uint64(bits.TrailingZeros64(w))
		}
	}
	return count, sum
}

// or returns the union.
func (b bitmap) or(o bitmap) bitmap {
	union := make(bitmap, max(len(b), len(o)))
	for i := range union {
		union[i] = b.word(i) | o.word(i)
	}
	return union
}

// without returns the members of b that are not in o.
func (b bitmap) without(o bitmap) bitmap {
	rest := append(bitmap(nil), b...)
	for i := range rest {
		rest[i] &^= o.word(i)
	}
	return rest
}

// and returns the intersection.
func (b bitmap) and(o bitmap) bitmap {
	common := make(bitmap, min(len(b), len(o)))
	for i := range common {
		common[i] = b[i] & o[i]
	}
	return common
}

// run returns n neighbouring members whose sum, modulo 2^64, is the given one: the smallest such.
func (b bitmap) run(n, sum uint64) (bitmap, bool) {
	var members []uint64
	for i, word := range b {
		for w := word; w != 0; w &= w - 1 {
			members = append(members, uint64(i)*64+uint64(bits.TrailingZeros64(w)))
		}
	}
	if n == 0 || n > uint64(len(members)) {
		return nil, false
	}
	var have uint64
	for i, member := range members {
		have += member
		first := i + 1 - int(n)
		if first < 0 {
			continue
		}
		if have == sum {
			var found bitmap
			for _, member := range members[first : i+1] {
				found.add(member)
			}
			return found, true
		}
		have -= members[first]
	}
	return nil, false
}

// first returns the smallest member; ok is false for the empty set.
func (b bitmap) first() (uint64, bool) {
	for i, word := range b {
		if word != 0 {
			return uint64(i)*64 + uint64(bits.TrailingZeros64(word)), true
		}
	}
	return 0, false
}

// suffixFrom returns the longest end of b all of whose members are in o.
func (b bitmap) suffixFrom(o bitmap) bitmap {
	gap, any := b.without(o).last()
	if !any {
		return b
	}
	return b.without(b.prefix(gap))
}

// last returns the largest member; ok is false for the empty set.
func (b bitmap) last() (uint64, bool) {
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] != 0 {
			return uint64(i)*64 + 63 - uint64(bits.LeadingZeros64(b[i])), true
		}
	}
	return 0, false
}
