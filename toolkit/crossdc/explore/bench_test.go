package explore

import "testing"

// BenchmarkCase draws, runs and judges one case.
func BenchmarkCase(b *testing.B) {
	b.ReportAllocs()
	for n := range b.N {
		c := Draw(1, uint64(n))
		if _, err := Judge(&c); err != nil {
			b.Fatal(err)
		}
	}
}
