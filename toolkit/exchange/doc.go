// Package exchange is a client of the Streams Data Exchange service (contract streams-rest, section 3): it lists the jobs with
// endpoints, injects tuples and inspects them, by HTTP and by WebSocket. Addresses of endpoints are taken from the list and never built.
// Items stay as the JSON they came as, so that 64-bit integers keep every digit.
// It imports toolkit/access and nothing else of ours.
package exchange
