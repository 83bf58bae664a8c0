// Package ssh reaches the hosts of a data center: one connection a host, through a jump host where one is named, at most MaxSessions
// commands at once, each with a limit. Host keys are always verified. Commands are argument vectors; whatever is in them reaches the
// program as it stands.
//
// Nothing that the other side does or does not do makes a call hang: dialling, handshake and login have limits, a connection that answers
// no keep-alive is given up, and every command ends for its caller with its context. The command itself goes on on the host when the
// connection dies; what must end by itself there brings its own deadline.
//
// It may import support/fault/agent/client.
package ssh
