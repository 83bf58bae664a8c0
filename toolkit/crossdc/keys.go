package crossdc

import (
	"fmt"
	"strconv"
	"strings"
)

// Key documents one key of the toolkit (toolkit contract 2.2).
type Key struct {
	Name    string
	Type    string // SPL type
	Unit    string // "" if the value has none
	Doc     string
	Shipped string // value in the shipped example file; "" if it is the site's own
	Secret  bool   // the value must not be shown

	value func(*Config) any // pointer to the field
}

// Code is the key's value when nothing is configured.
func (k Key) Code() string {
	c := CodeDefaults()
	return k.Get(&c)
}

// Get is the key's value in a configuration, as it would stand in a property.
func (k Key) Get(c *Config) string {
	switch v := k.value(c).(type) {
	case *string:
		return *v
	case *bool:
		return strconv.FormatBool(*v)
	case *int32:
		return strconv.FormatInt(int64(*v), 10)
	case *uint8:
		return strconv.FormatUint(uint64(*v), 10)
	case *float64:
		return strconv.FormatFloat(*v, 'f', -1, 64)
	}
	return ""
}

// shown is a value of the key as it may stand in a log.
func (k Key) shown(value string) string {
	if k.Secret && value != "" {
		return "(not shown)"
	}
	if k.Name == keyJDBCURL {
		return withoutParameters(value)
	}
	return value
}

// withoutParameters cuts a JDBC URL where a password may stand.
func withoutParameters(url string) string {
	if i := strings.IndexAny(url, ";?@"); i >= 0 {
		return url[:i] + "..."
	}
	return url
}

// String is the configuration as "key=value" pairs without secrets, so that printing one in a log or error is safe.
func (c Config) String() string {
	var b strings.Builder
	for _, k := range Keys() {
		fmt.Fprintf(&b, "%s=%s ", k.Name, k.shown(k.Get(&c)))
	}
	fmt.Fprintf(&b, "numberOfHttpSenderReceiverPairs=%d", c.HTTPSenderReceiverPairs)
	return b.String()
}

// Keys returns every key, in the order of the contract.
func Keys() []Key {
	return []Key{
		text("localDataCenterName", "dc1", "Name of this data center; goes into every message and into the names of the peer's replicas. Never compared with anything.",
			func(c *Config) *string { return &c.LocalDataCenterName }),
		number("crossDCOperationMode", "", "1", "1: active, 0: passive (no snapshots out, no takeover). Any other value: no snapshots out, but takeover.",
			func(c *Config) *int32 { return &c.OperationMode }),
		number("crossDCHttpPort", "port", "25091", "P, heartbeats; P+1.. everything else. At once the local listen port and the remote target port.",
			func(c *Config) *int32 { return &c.HTTPPort }),
		text("remoteDataCenterApplicationMachineNames", "", "Comma list without spaces of every host that may run the peer's receivers; cannot carry a port.",
			func(c *Config) *string { return &c.RemoteMachineNames }),
		real("crossDCInitDelay", "40.0", "D0, delay of the first tick after the start. Receivers are open at once.",
			func(c *Config) *float64 { return &c.InitDelay }),
		real("heartbeatExchangeInterval", "30.0", "I, between two ticks; truncated to whole seconds for the snapshot arithmetic. The code default switches heartbeats off.",
			func(c *Config) *float64 { return &c.HeartbeatInterval }),
		{Name: "consecutiveHeartbeatMissesAllowed", Type: "uint8", Unit: "ticks", Shipped: "4",
			Doc:   "N: DOWN at tick N+1 without a heartbeat. 255 never declares DOWN; 0 declares it at the first tick after any heartbeat.",
			value: func(c *Config) any { return &c.MissesAllowed }},
		real("dataSnapshotExchangeInterval", "180.0", "S, truncated to whole seconds; the real period follows from I and S and is not S. Below 1 the toolkit divides by zero.",
			func(c *Config) *float64 { return &c.SnapshotInterval }),
		text("dataSnapshotStorageDirectory", "", "Where the peer's replicas are stored. Must exist; never created.",
			func(c *Config) *string { return &c.StorageDirectory }),
		text("dataSnapshotJdbcUrl", "", "Where the peer's replicas are stored instead, even if a directory is set.",
			func(c *Config) *string { return &c.JDBCURL }),
		text("dataSnapshotJdbcUser", "", "User of the database.",
			func(c *Config) *string { return &c.JDBCUser }),
		secret(text("dataSnapshotJdbcPassword", "", "Password of the database, in plain text.",
			func(c *Config) *string { return &c.JDBCPassword })),
		text("dataSnapshotJdbcDriverLib", "opt/db2jcc4.jar", "Driver, relative to the application directory; every jar of its folder is loaded.",
			func(c *Config) *string { return &c.JDBCDriverLib }),
		text("dataSnapshotJdbcClassName", "com.ibm.db2.jcc.DB2Driver", "Class name of the driver.",
			func(c *Config) *string { return &c.JDBCClassName }),
		text("dataSnapshotTableName", "dc2_cdc_rep", "Table of the replicas: id varchar(256) primary key, replicationTime varchar(256), snapshot BLOB.",
			func(c *Config) *string { return &c.TableName }),
		text("dataSnapshotPrimaryKeyColumnName", "id", "Primary key column. Called optional, but the statements are broken without it.",
			func(c *Config) *string { return &c.PrimaryKeyColumnName }),
		boolean("sendToAllRemoteMachines", "Send every message to every remote machine in turn, instead of to the one that last answered.",
			func(c *Config) *bool { return &c.SendToAllRemoteMachines }),
		boolean("alwaysLogHttpErrors", "Log answers other than 200 and 204 as errors; exceptions always are.",
			func(c *Config) *bool { return &c.AlwaysLogHTTPErrors }),
		number("httpConnectionTimeout", "s", "25", "C. 0 waits for the operating system; negative values fail every send.",
			func(c *Config) *int32 { return &c.HTTPConnectionTimeout }),
		number("httpReadTimeout", "s", "100", "R, waiting for the answer only. 0 waits for ever; negative values fail every send.",
			func(c *Config) *int32 { return &c.HTTPReadTimeout }),
		boolean("retainOlderDataSnapshotsAtStartup", "Do not purge stored replicas at the first tick.",
			func(c *Config) *bool { return &c.RetainOlderSnapshots }),
		boolean("sendDataSnapshotsToOriginDCAtStartup", "Do not purge stored replicas at the first tick; send them back at the first contact, then purge.",
			func(c *Config) *bool { return &c.SendSnapshotsToOriginDC }),
	}
}

// Properties returns the configuration as properties of the application configuration CrossDCFailover for application,
// "<namespace>::<Main>". The values include the database password.
func (c *Config) Properties(application string) map[string]string {
	properties := make(map[string]string)
	for _, k := range Keys() {
		properties[application+"_"+k.Name] = k.Get(c)
	}
	return properties
}

func text(name, shipped, doc string, at func(*Config) *string) Key {
	return Key{Name: name, Type: "rstring", Shipped: shipped, Doc: doc, value: func(c *Config) any { return at(c) }}
}

func number(name, unit, shipped, doc string, at func(*Config) *int32) Key {
	return Key{Name: name, Type: "int32", Unit: unit, Shipped: shipped, Doc: doc, value: func(c *Config) any { return at(c) }}
}

func real(name, shipped, doc string, at func(*Config) *float64) Key {
	return Key{Name: name, Type: "float64", Unit: "s", Shipped: shipped, Doc: doc, value: func(c *Config) any { return at(c) }}
}

func boolean(name, doc string, at func(*Config) *bool) Key {
	return Key{Name: name, Type: "boolean", Shipped: "false", Doc: doc, value: func(c *Config) any { return at(c) }}
}

func secret(k Key) Key {
	k.Secret = true
	return k
}
