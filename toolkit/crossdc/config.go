package crossdc

import "strings"

// Config holds every key of the toolkit (toolkit contract 2.2), plus the one submission-time value that belongs to them.
// Units are those of the keys: seconds, ticks, port numbers. Key documentation is in Keys.
type Config struct {
	LocalDataCenterName     string  // localDataCenterName
	OperationMode           int32   // crossDCOperationMode: 1 active, 0 passive
	HTTPPort                int32   // crossDCHttpPort, P: both the local listener and the remote target
	RemoteMachineNames      string  // remoteDataCenterApplicationMachineNames, comma list as written; see RemoteMachines
	InitDelay               float64 // crossDCInitDelay, D0, s
	HeartbeatInterval       float64 // heartbeatExchangeInterval, I, s
	MissesAllowed           uint8   // consecutiveHeartbeatMissesAllowed, N, ticks
	SnapshotInterval        float64 // dataSnapshotExchangeInterval, S, s
	StorageDirectory        string  // dataSnapshotStorageDirectory
	JDBCURL                 string  // dataSnapshotJdbcUrl
	JDBCUser                string  // dataSnapshotJdbcUser
	JDBCPassword            string  // dataSnapshotJdbcPassword
	JDBCDriverLib           string  // dataSnapshotJdbcDriverLib
	JDBCClassName           string  // dataSnapshotJdbcClassName
	TableName               string  // dataSnapshotTableName
	PrimaryKeyColumnName    string  // dataSnapshotPrimaryKeyColumnName
	SendToAllRemoteMachines bool    // sendToAllRemoteMachines
	AlwaysLogHTTPErrors     bool    // alwaysLogHttpErrors
	HTTPConnectionTimeout   int32   // httpConnectionTimeout, C, s; 0 waits for the operating system
	HTTPReadTimeout         int32   // httpReadTimeout, R, s; 0 waits for ever
	RetainOlderSnapshots    bool    // retainOlderDataSnapshotsAtStartup
	SendSnapshotsToOriginDC bool    // sendDataSnapshotsToOriginDCAtStartup
	HTTPSenderReceiverPairs int32   // numberOfHttpSenderReceiverPairs, W: a submission-time value, not a key
}

// offInterval and offSnapshotInterval are the code defaults that mean "off": 14 and 28 years, in seconds.
const (
	offInterval         = 444444444
	offSnapshotInterval = 888888888
)

// CodeDefaults returns what the toolkit runs with when nothing is configured (column "Code" of 2.2).
func CodeDefaults() Config {
	return Config{
		LocalDataCenterName:     "dc1",
		OperationMode:           1,
		HTTPPort:                25091,
		RemoteMachineNames:      "localhost",
		InitDelay:               40,
		HeartbeatInterval:       offInterval,
		MissesAllowed:           4,
		SnapshotInterval:        offSnapshotInterval,
		HTTPConnectionTimeout:   25,
		HTTPReadTimeout:         100,
		HTTPSenderReceiverPairs: 1,
	}
}

// Shipped returns the code defaults with the values that the shipped example file sets for both data centers
// (column "Shipped" of 2.2). Names, machines and the storage directory are the site's own and left to the caller:
// the machine list is empty and the directory is unset.
func Shipped() Config {
	c := CodeDefaults()
	c.RemoteMachineNames = ""
	c.HeartbeatInterval = 30
	c.SnapshotInterval = 180
	return c
}

// RemoteMachines splits the machine list as the sender does: Java's String.split(","), which trims nothing, keeps
// inner empty names, drops trailing ones, and makes one empty name of an empty list (toolkit contract 4.5, C12).
func (c *Config) RemoteMachines() []string {
	names := strings.Split(c.RemoteMachineNames, ",")
	if len(names) == 1 {
		return names
	}
	for len(names) > 0 && names[len(names)-1] == "" {
		names = names[:len(names)-1]
	}
	return names
}

// store is where the watchdogs persist: a JDBC URL wins over a directory (toolkit contract 2.2).
func (c *Config) store() Store {
	if c.JDBCURL != "" {
		return Database
	}
	return Files
}

// ReplicaSuffix is how the names of replica files end (toolkit contract 5.4).
const ReplicaSuffix = ".snapshot"

// ReplicaFile is the file of a replica: directory + "/" + name + ReplicaSuffix, unsanitized (toolkit contract 5.4, Q29).
func (c *Config) ReplicaFile(name string) string {
	return c.StorageDirectory + "/" + name + ReplicaSuffix
}

// IsReplicaFile is the toolkit's test for replica files in the storage directory: the suffix may stand anywhere in the
// name, so "x.snapshot.bak" is purged, returned and restored too (toolkit contract 7.4, Q41).
func IsReplicaFile(name string) bool { return strings.Contains(name, ReplicaSuffix) }
