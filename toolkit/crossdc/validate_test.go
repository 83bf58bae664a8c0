package crossdc

import (
	"slices"
	"strings"
	"testing"
)

// sound returns two configurations without a trap.
func sound() (local, remote Config) {
	local, remote = Shipped(), Shipped()
	remote.LocalDataCenterName = "dc2"
	local.RemoteMachineNames, remote.RemoteMachineNames = "b1,b2", "a1,a2"
	local.StorageDirectory, remote.StorageDirectory = "/a", "/b"
	return local, remote
}

func traps(findings []Finding) []Trap {
	var got []Trap
	for _, f := range findings {
		got = append(got, f.Trap)
	}
	return got
}

func TestValidateAcceptsTheShippedCadence(t *testing.T) {
	local, remote := sound()
	for _, findings := range [][]Finding{Validate(&local, &remote, LocalMachines("a1", "a2")), Validate(&remote, &local), Validate(&local, nil)} {
		if len(findings) != 0 {
			t.Errorf("findings %v, want none", findings)
		}
	}
}

func TestValidateTraps(t *testing.T) {
	type change func(local, remote *Config)
	for _, x := range []struct {
		name   string
		change change
		want   []Trap
		says   string // in the finding's text
	}{
		{"C1", func(l, r *Config) { l.HeartbeatInterval, r.HeartbeatInterval = offInterval, offInterval }, []Trap{C1}, "14 years"},
		{"C1 and C2, all code defaults", func(l, r *Config) { *l, *r = CodeDefaults(), CodeDefaults() }, []Trap{C1, C2}, "localhost"},
		{"C2 own address", func(l, r *Config) { l.RemoteMachineNames = "b1,a2" }, []Trap{C2}, "talks to itself"},
		{"C2 same peer", func(l, r *Config) { l.RemoteMachineNames, r.RemoteMachineNames = "c1", "c1" }, []Trap{C2}, "one of the two"},
		{"C3", func(l, r *Config) { r.HTTPPort = 1 }, []Trap{C3}, "25091 here, 1 at the peer"},
		{"C4 interval", func(l, r *Config) { r.HeartbeatInterval, r.SnapshotInterval = 150, 300 }, []Trap{C4}, "flapping is certain"},
		{"C4 misses", func(l, r *Config) { r.MissesAllowed = 3 }, []Trap{C4}, "4 here, 3 at the peer"},
		{"C5", func(l, r *Config) { l.HeartbeatInterval, r.HeartbeatInterval = 0.2, 0.2 }, []Trap{C5}, "every tick"},
		{"C6", func(l, r *Config) { l.SnapshotInterval = 0.9 }, []Trap{C6}, "division by zero"},
		{"C7", func(l, r *Config) { l.HeartbeatInterval, r.HeartbeatInterval, l.SnapshotInterval = 7, 7, 60 }, []Trap{C7}, "every 413 s"},
		{"C7 fraction", func(l, r *Config) { l.HeartbeatInterval, r.HeartbeatInterval, l.SnapshotInterval = 1.5, 1.5, 15 }, []Trap{C7}, "every 21 s"},
		{"C8", func(l, r *Config) { l.JDBCURL = "jdbc:db2://h/d;password=p" }, []Trap{C8}, "stale rows"},
		{"C9", func(l, r *Config) { l.StorageDirectory = "" }, []Trap{C9}, "root of the file system"},
		{"C9 not if nothing arrives", func(l, r *Config) { l.StorageDirectory, r.OperationMode = "", 0 }, nil, ""},
		{"C10 directory", func(l, r *Config) { r.StorageDirectory = l.StorageDirectory }, []Trap{C10}, "possibly"},
		{"C10 table", func(l, r *Config) {
			l.StorageDirectory, r.StorageDirectory, l.JDBCURL, r.JDBCURL, l.TableName, r.TableName = "", "", "jdbc:x", "jdbc:x", "t", "t"
		}, []Trap{C10}, "a table per data center"},
		{"C11", func(l, r *Config) { l.HTTPSenderReceiverPairs = 3 }, []Trap{C11}, "2 of 3 messages"},
		{"C12 space", func(l, r *Config) { l.RemoteMachineNames = "b1, b2" }, []Trap{C12}, "unknown host"},
		{"C12 empty", func(l, r *Config) { l.RemoteMachineNames = "" }, []Trap{C12}, "no host"},
		{"C12 hole", func(l, r *Config) { l.RemoteMachineNames = "b1,,b2" }, []Trap{C12}, "empty host name"},
		{"C14", func(l, r *Config) { l.HeartbeatInterval, r.HeartbeatInterval = 0, 0 }, []Trap{C14}, "without a pause"},
	} {
		local, remote := sound()
		x.change(&local, &remote)
		findings := Validate(&local, &remote, LocalMachines("a1", "a2"))
		if got := traps(findings); !slices.Equal(got, x.want) {
			t.Errorf("%s: traps %v, want %v: %v", x.name, got, x.want, findings)
			continue
		}
		var all strings.Builder
		for _, f := range findings {
			all.WriteString(f.String() + "\n")
			if f.Key == "" || f.Effect == "" || f.Remedy == "" {
				t.Errorf("%s: incomplete finding %+v", x.name, f)
			}
		}
		if !strings.Contains(all.String(), x.says) || strings.Contains(all.String(), "password=p") {
			t.Errorf("%s: findings %s, want them to say %q, and no password", x.name, all.String(), x.says)
		}
	}
}

func TestValidateC13ForeignPrefix(t *testing.T) {
	local, remote := sound()
	properties := local.Properties(app)
	delete(properties, app+"_sendDataSnapshotsToOriginDCAtStartup")
	properties["com.ibm.other::App_sendDataSnapshotsToOriginDCAtStartup"] = "true"
	properties["com.ibm.other::App_crossDCHttpPort"] = "1" // ours is there too: nothing to say
	findings := Validate(&local, &remote, Properties(app, properties))
	if len(findings) != 1 || findings[0].Trap != C13 || findings[0].Key != "com.ibm.other::App_sendDataSnapshotsToOriginDCAtStartup" {
		t.Errorf("findings %v, want C13 for the one property", findings)
	}
}

// Contract 2.1: a line that begins with '#' is none, wherever else it may stand it is part of a key or value, and a line of one character
// is no line of ours.
func TestWhatIsACommentInAFile(t *testing.T) {
	for text, want := range map[string]string{"#k=v": "", " #k=v": "", "k\nx\n#\n#k=w": ""} {
		if got, line := lookup([]byte(text), "#k"); line != 0 || got != want {
			t.Errorf("%q: %q, line %d", text, got, line)
		}
	}
	for _, key := range []string{"a#b", "k#"} {
		if got, line := lookup([]byte("x\n"+key+"=#v"), key); line != 2 || got != "#v" {
			t.Errorf("%s: %q, line %d", key, got, line)
		}
	}
}
