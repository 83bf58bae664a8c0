// Package model runs a pair of data centers in virtual time: the toolkit's own state machines (package crossdc), the drill
// application's state (package workload), and what lies between them, the senders with their queues and timeouts, the
// receivers, the link in each direction, storage, crashes, hangs and restarts.
//
// A World is one event heap, one goroutine, one seed: the same Setup and Schedule give the same Hash on every machine. Memory
// does not grow with simulated time. All times are toolkit time since the World began.
//
// What it leaves out, and where real processes must be asked: the time that operators take for their own work (only the
// writing of replicas takes time), bandwidth, and the order in which a kernel delivers what waited for a stopped process.
//
// A World is a pair, not M data centers: the toolkit has one peer, whose state is one UP or DOWN in every machine of crossdc (its list
// of remote names is of machines of that one peer), so that a third has no place in what is modelled.
//
// It imports crossdc and workload, and nothing else of ours.
package model
