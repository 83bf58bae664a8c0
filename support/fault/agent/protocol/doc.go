// Package protocol is what a run and the fault agent on a target host say to each other: one JSON object a line, over the
// agent's standard input and output. A request carries one member besides its id, the answer repeats the id and carries
// the member of the same name or an error:
//
//	-> {"id":1,"hello":{"version":3,"holder":"run 17","management":[{"address":"192.0.2.9","port":22}]}}
//	<- {"id":1,"hello":{"version":3,"host":"east-1","capabilities":[{"fault":"cut","way":"nft element with timeout"}]}}
//	-> {"id":2,"arm":{"fault":{"forNs":5000000000,"cut":{"peers":["198.51.100.7"]}},"waitNs":10000000000}}
//	<- {"id":2,"arm":{"id":"k3-1","transactions":["add table inet crossdc_k3-1", ...]}}
//	-> {"id":3,"fire":{"id":"k3-1"}}
//	<- {"id":3,"fire":{"calledNs":81000,"doneNs":81400,"deadlineNs":5081000, ...}}
//	-> {"id":4,"report":{"id":"k3-1"}}     packets hit, state, what differs on the host
//	-> {"id":5,"heal":{"id":"k3-1"}}       before the deadline; without it the fault ends by itself
//	-> {"id":6,"probe":{"address":"198.51.100.7:25091","path":"/ports/info","limitNs":750000000}}
//	-> {"id":7,"list":{"folder":"/opt/streams"}}   processes whose programs lie there
//	-> {"id":8,"lease":{"forNs":60000000000}}      the host is ours for a minute, and ours again each time this is said
//
// How to use it: take the client of the package beside this one, over an SSH session or a child process:
//
//	agent := client.New(session)                        // session: an io.ReadWriteCloser
//	defer agent.Close()                                 // joins its goroutines; ends no fault: those end at their deadline
//	hello, err := agent.Hello(ctx, protocol.Hello{Holder: name, Management: []protocol.Endpoint{ssh}})
//	armed, err := agent.Arm(ctx, protocol.Arm{Fault: f, Wait: time.Minute})  // with DryRun: only says what it would do
//	fired, err := agent.Fire(ctx, armed.ID)
//	report, err := agent.Report(ctx, armed.ID)          // report.Packets > 0 is the proof that it bites
//	healed, err := agent.Heal(ctx, armed.ID)            // healed.Foreign is empty unless somebody else changed the host
//
// A fault passes through arm, fire and heal in that order. Arming checks everything, starts the second deadline and touches
// nothing else; firing is one short transaction. The end of the agent's input, its death and its suspension heal nothing
// early and nothing late: the kernel or the second deadline ends the fault. A new agent on the same host knows the faults of
// a dead one from the target's journal (Welcome.Open) and heals them by id.
//
// Durations are nanoseconds. Stamps named ...Ns of an answer are nanoseconds of the host's boot clock (CLOCK_BOOTTIME), which
// no administrator sets; Clock relates it to the wall clock of the host. The package imports the standard library only.
package protocol
