package crossdc

// MessageType is the first field of the wire tuple (toolkit contract 3.3).
type MessageType uint32

const (
	Heartbeat       MessageType = 1
	Snapshot        MessageType = 2
	OrderlyShutdown MessageType = 3
	ReturnedData    MessageType = 4
)

// Message is HeartbeatMessageType, the one wire schema (toolkit contract 3.3, 4.4).
type Message struct {
	Type       MessageType
	Count      uint64 // sender's message counter, 1 at operator start
	DataCenter string // dataCenterOrigin
	Snapshot   []byte // dataSnapshot; empty on type 2 means "delete my replica"
	Origin     string // dataSnapshotOrigin: the application's id of the state fragment
}

// ReplicaName is the name under which the receiver stores this message: "<dc>-<origin>", unsanitized (contract 5.4).
func (m *Message) ReplicaName() string { return m.DataCenter + string(replicaSeparator) + m.Origin }

// replicaSeparator stands between data center and origin in the name of a replica.
const replicaSeparator = '-'
