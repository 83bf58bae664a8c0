package fault

import "testing"

// What a fault strikes is named as people and the journal read it: one direction is not the whole link.
func TestAFaultOfTheLinkNamesWhatItStrikes(t *testing.T) {
	for _, c := range []struct {
		fault Fault
		want  string
	}{
		{Partition(Refuse), "link dc1<->dc2"},
		{Block(HeartbeatPort, Refuse), "link dc1<->dc2 (heartbeat)"},
		{OneWay(dc1, Refuse), "link dc1->dc2"},
		{OneWay(dc2, Refuse), "link dc2->dc1"},
	} {
		if c.fault.Target != c.want {
			t.Errorf("%s strikes %q, want %q", c.fault.Name, c.fault.Target, c.want)
		}
	}
}
