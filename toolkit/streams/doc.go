// Package streams is a client of the Streams management REST API (contract streams-rest): it discovers, follows links,
// submits and cancels, reads metrics and traces. It never builds a path where a link exists; what had to be inferred
// stands in paths.go. It decides by capability and never by the presence of domains (contract 6.2).
// It imports toolkit/access and nothing else of ours.
package streams
