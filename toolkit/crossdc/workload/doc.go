// Package workload is the application whose continuity can be proven (toolkit contract 9.4): numbered events, the state that
// its fragments keep of them, the two ways to merge replicated state, and the encoding of a replica. It is pure; the emulator
// runs it on real events, the model on ranges of them. It imports nothing of ours.
package workload
