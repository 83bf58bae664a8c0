package protocol_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

func process() protocol.Process {
	return protocol.Process{PID: 42, Executable: "/opt/streams/bin/pec", UID: 1000, StartTicks: 7}
}

// valid is one fault of each kind.
func valid() map[string]protocol.Fault {
	traffic := protocol.Traffic{Peers: []string{"198.51.100.7", "2001:db8::/64"}, Ports: []uint16{9714}}
	return map[string]protocol.Fault{
		"cut":       {For: time.Second, Cut: &protocol.Cut{Traffic: traffic, Verdict: protocol.Reject, Share: 0.1}},
		"delay":     {For: time.Second, Delay: &protocol.Delay{Traffic: traffic, Delay: time.Second, Jitter: time.Second}},
		"corrupt":   {For: time.Second, Corrupt: &protocol.Corrupt{Traffic: protocol.Traffic{Peers: []string{"198.51.100.7"}, Direction: protocol.Incoming}, Share: 0.1}},
		"duplicate": {For: time.Second, Duplicate: &protocol.Duplicate{Traffic: protocol.Traffic{Peers: []string{"198.51.100.7"}, Direction: protocol.Outgoing}}},
		"narrow": {For: time.Second, Narrow: &protocol.Narrow{Interface: "eth1", BytesPerSecond: 1000,
			Traffic: protocol.Traffic{Peers: []string{"198.51.100.7"}, Ports: []uint16{9714}, Direction: protocol.Outgoing}}},
		"rate":     {For: time.Second, Rate: &protocol.Rate{Interface: "eth1", BytesPerSecond: 1000}},
		"hang":     {For: time.Second, Hang: &protocol.Hang{Processes: []protocol.Process{process()}}},
		"kill":     {For: time.Second, Kill: &protocol.Kill{Processes: []protocol.Process{process()}}},
		"fill":     {For: time.Second, Fill: &protocol.Fill{Folder: "/replicas", Limit: 1}},
		"readOnly": {For: time.Second, ReadOnly: &protocol.ReadOnly{Folder: "/replicas"}},
		"service":  {For: time.Second, Service: &protocol.Service{Do: []string{"/bin/false"}, Undo: []string{"/bin/true"}, Limit: time.Second}},
	}
}

func TestEveryKindSurvivesTheWire(t *testing.T) {
	faults := valid()
	if len(faults) != len(protocol.Kinds()) {
		t.Fatalf("%d kinds are tested, the protocol has %v", len(faults), protocol.Kinds())
	}
	for kind, fault := range faults {
		if fault.Kind() != kind {
			t.Errorf("%s calls itself %q", kind, fault.Kind())
		}
		var line bytes.Buffer
		if err := protocol.Write(&line, protocol.Request{ID: 1, Arm: &protocol.Arm{Fault: fault, Wait: time.Second}}); err != nil {
			t.Fatal(err)
		}
		read, err := protocol.ParseRequest(bytes.TrimSpace(line.Bytes()))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if again, _ := json.Marshal(read); string(again)+"\n" != line.String() {
			t.Errorf("%s came back as %s", line.String(), again)
		}
	}
}

func TestBadFaultsNameFieldAndValue(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(map[string]protocol.Fault) protocol.Fault
		want  string
	}{
		"no duration": {func(f map[string]protocol.Fault) protocol.Fault { return protocol.Fault{Rate: f["rate"].Rate} }, "forNs is 0s"},
		"too long":    {func(f map[string]protocol.Fault) protocol.Fault { return protocol.Fault{For: 25 * time.Hour} }, "25h"},
		"nothing":     {func(f map[string]protocol.Fault) protocol.Fault { return protocol.Fault{For: time.Second} }, "0 members"},
		"two":         {func(f map[string]protocol.Fault) protocol.Fault { x := f["cut"]; x.Rate = f["rate"].Rate; return x }, "[cut rate]"},
		"everybody": {func(f map[string]protocol.Fault) protocol.Fault {
			x := f["cut"]
			x.Cut.Peers = []string{"0.0.0.0/0"}
			return x
		}, `"0.0.0.0/0"`},
		"a name": {func(f map[string]protocol.Fault) protocol.Fault {
			x := f["cut"]
			x.Cut.Peers = []string{"east"}
			return x
		}, `"east"`},
		"port 0":    {func(f map[string]protocol.Fault) protocol.Fault { x := f["cut"]; x.Cut.Ports = []uint16{0}; return x }, "ports has 0"},
		"direction": {func(f map[string]protocol.Fault) protocol.Fault { x := f["cut"]; x.Cut.Direction = "up"; return x }, `"up"`},
		"end":       {func(f map[string]protocol.Fault) protocol.Fault { x := f["cut"]; x.Cut.At = "left"; return x }, `"left"`},
		"end without ports": {func(f map[string]protocol.Fault) protocol.Fault {
			x := f["cut"]
			x.Cut.Ports, x.Cut.At = nil, protocol.OnHost
			return x
		}, `"host" without ports`},
		"share":     {func(f map[string]protocol.Fault) protocol.Fault { x := f["cut"]; x.Cut.Share = 1.5; return x }, "1.5"},
		"share NaN": {func(f map[string]protocol.Fault) protocol.Fault { x := f["cut"]; x.Cut.Share = math.NaN(); return x }, "NaN"},
		"verdict":   {func(f map[string]protocol.Fault) protocol.Fault { x := f["cut"]; x.Cut.Verdict = "eat"; return x }, `"eat"`},
		"jitter": {func(f map[string]protocol.Fault) protocol.Fault {
			x := f["delay"]
			x.Delay.Jitter = time.Hour
			return x
		}, "1h0m0s"},
		"interface":      {func(f map[string]protocol.Fault) protocol.Fault { x := f["rate"]; x.Rate.Interface = "a/b"; return x }, `"a/b"`},
		"flap by halves": {func(f map[string]protocol.Fault) protocol.Fault { x := f["cut"]; x.Cut.Down = time.Second; return x }, "upNs 0s"},
		"corrupt out": {func(f map[string]protocol.Fault) protocol.Fault {
			x := f["corrupt"]
			x.Corrupt.Direction = protocol.Outgoing
			return x
		}, `corrupt.direction is "out"`},
		"duplicate of IPv6": {func(f map[string]protocol.Fault) protocol.Fault {
			x := f["duplicate"]
			x.Duplicate.Peers = []string{"2001:db8::1"}
			return x
		}, "2001:db8::1/128"},
		"duplicate both ways": {func(f map[string]protocol.Fault) protocol.Fault {
			x := f["duplicate"]
			x.Duplicate.Direction = ""
			return x
		}, `duplicate.direction is ""`},
		"narrow without ports": {func(f map[string]protocol.Fault) protocol.Fault { x := f["narrow"]; x.Narrow.Ports = nil; return x }, "narrow.ports is empty"},
		"narrow to nothing": {func(f map[string]protocol.Fault) protocol.Fault {
			x := f["narrow"]
			x.Narrow.BytesPerSecond = 1
			return x
		}, "bytesPerSecond is 1"},
		"pid 1": {func(f map[string]protocol.Fault) protocol.Fault {
			x := f["kill"]
			x.Kill.Processes[0].PID = 1
			return x
		}, "pid 1"},
		"no start": {func(f map[string]protocol.Fault) protocol.Fault {
			x := f["hang"]
			x.Hang.Processes[0].StartTicks = 0
			return x
		}, "startTicks"},
		"relative": {func(f map[string]protocol.Fault) protocol.Fault { x := f["fill"]; x.Fill.Folder = "replicas"; return x }, `"replicas"`},
		"dots":     {func(f map[string]protocol.Fault) protocol.Fault { x := f["fill"]; x.Fill.Folder = "/a/../b"; return x }, `"/a/../b"`},
		"the root": {func(f map[string]protocol.Fault) protocol.Fault {
			x := f["readOnly"]
			x.ReadOnly.Folder = "/"
			return x
		}, "is /"},
		"shell string": {func(f map[string]protocol.Fault) protocol.Fault {
			x := f["service"]
			x.Service.Do = []string{"systemctl stop x"}
			return x
		}, "systemctl stop x"},
		"nothing undone": {func(f map[string]protocol.Fault) protocol.Fault { x := f["service"]; x.Service.Undo = nil; return x }, "undo has 0"},
	} {
		err := c.spoil(valid()).Validate()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want it to name %s", name, err, c.want)
		}
	}
}

func TestTheManagementPathIsRecognised(t *testing.T) {
	ssh := protocol.Endpoint{Address: "::ffff:192.0.2.9", Port: 22}
	for name, c := range map[string]struct {
		traffic protocol.Traffic
		touches bool
	}{
		"all of the peer":        {protocol.Traffic{Peers: []string{"192.0.2.9"}}, true},
		"a prefix around it":     {protocol.Traffic{Peers: []string{"192.0.2.0/24"}}, true},
		"its port":               {protocol.Traffic{Peers: []string{"192.0.2.9"}, Ports: []uint16{22}}, true},
		"what may be its source": {protocol.Traffic{Peers: []string{"192.0.2.9"}, Ports: []uint16{40000}}, true},
		"another port":           {protocol.Traffic{Peers: []string{"192.0.2.9"}, Ports: []uint16{9714}}, false},
		"another host":           {protocol.Traffic{Peers: []string{"192.0.2.10"}}, false},
		"what nobody can read":   {protocol.Traffic{Peers: []string{"?"}}, true},
	} {
		if got := c.traffic.Touches(ssh); got != c.touches {
			t.Errorf("%s: touches %v, want %v", name, got, c.touches)
		}
	}
}

func TestStrangeLinesAreRefused(t *testing.T) {
	for line, want := range map[string]string{
		`{"id":1,"clock":{},"more":1}`:                `"more"`,
		`{"id":1,"clock":{}}{}`:                       "more than one",
		`{"id":1}`:                                    "0 members",
		`{"id":1,"clock":{},"heal":{"id":"a"}}`:       "2 members",
		`{"clock":{}}`:                                "id is 0",
		`{"id":1,"fire":{"id":"a b"}}`:                `"a b"`,
		`{"id":1,"hello":{"version":9,"holder":"x"}}`: "version is 9",
		`{"id":1,"hello":{"version":3}}`:              "holder",
		`null`:                                        "id is 0",
		``:                                            "EOF",
		`{"id":1,"arm":{"fault":{"forNs":1000000000}}}`: "0 members",
	} {
		if _, err := protocol.ParseRequest([]byte(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
	long := strings.NewReader(strings.Repeat("x", protocol.MaxLine+1) + "\n")
	if _, err := protocol.NewReader(long).Next(); !errors.Is(err, protocol.ErrTooLong) {
		t.Errorf("a line without end: %v", err)
	}
	if err := protocol.Write(io.Discard, strings.Repeat("x", protocol.MaxLine)); !errors.Is(err, protocol.ErrTooLong) {
		t.Errorf("writing too much: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, fault := range valid() {
		line, _ := json.Marshal(protocol.Request{ID: 1, Arm: &protocol.Arm{Fault: fault, Wait: time.Second}})
		f.Add(line)
	}
	f.Add([]byte(`{"id":1,"hello":{"version":2,"holder":"x","management":[{"address":"192.0.2.1","port":22}]}}`))
	f.Add([]byte(`{"id":1,"error":{"code":"busy","text":"x"}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if r, err := protocol.ParseRequest(line); err == nil {
			again, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := protocol.ParseRequest(again); err != nil {
				t.Fatalf("%s was valid, %s is not: %v", line, again, err)
			}
		}
		_, _ = protocol.ParseAnswer(line)
	})
}
