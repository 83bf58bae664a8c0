// Package crossdc is the Cross-DC Failover toolkit as pure functions: configuration, wire codec, state machines and
// timing bounds, written from the toolkit contract (section numbers in the comments are the contract's).
//
// It is the one truth behind three users: the emulator drives it in real time, the explorer in virtual time, and
// Timing states its bounds in closed form. It imports nothing of ours, starts no goroutine, reads no clock, does no I/O.
package crossdc
