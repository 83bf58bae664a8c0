package delivery

import (
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/campaign/frame"
)

// FuzzUnpack reads anything without a panic, and what it takes can be packed and read again.
func FuzzUnpack(f *testing.F) {
	packed, err := Pack(Delivery{From: frame.Identity{Campaign: "c", Attempt: "a"}, Run: model.Run{ID: "r", Suites: []string{"outage"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(packed)
	f.Add(packed[:len(packed)/2])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Unpack(data)
		if err != nil {
			return
		}
		again, err := Pack(d)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Unpack(again); err != nil {
			t.Fatal(err)
		}
	})
}
