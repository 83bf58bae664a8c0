package html

import "github.com/crossdc/failover/reports/model"

// term is an entry of the glossary.
type term struct{ ID, Name, Text string }

// glossary explains the words of the page, with the numbers of this run where it has them.
func glossary(run model.Run) []term {
	of := func(key string) string { // toolkit contract, configuration
		if v := run.Environment.Toolkit[key]; v != "" {
			return " Here " + key + " is " + v + "."
		}
		return " Its setting is " + key + "."
	}
	return []term{
		{"toolkit", "toolkit", "The Cross-DC Failover toolkit, which is part of the application in both data centers: it exchanges heartbeats and snapshots with the other one, decides that the other is lost (DOWN), and takes over its state."},
		{"fragment", "fragment, replica, snapshot", "A fragment is a piece of the application's state. A snapshot is a fragment on its way to the other data center, a replica is what lies there."},
		{"toolkit-time", "toolkit time", "Seconds as the toolkit counts them. An emulated data center runs the toolkit's real configuration faster; one second on the wall is then several of toolkit time (the speedup). Against real data centers both are the same."},
		{"interval", "interval", "Every measured value is a pair: not before the first number, not after the second. An objective is met when the second is within it, missed when the first is beyond it, and otherwise nothing is proven."},
		{"i", "I, heartbeat interval", "Every I seconds a data center tells the other that it lives." + of("heartbeatExchangeInterval")},
		{"n", "N, missed heartbeats", "After N heartbeats in a row that did not come the other data center is declared DOWN, at most (N+1)*I after the last one." + of("consecutiveHeartbeatMissesAllowed")},
		{"ps", "P_s, snapshot period", "How often the state of the application really goes to the other data center; what was processed since the last time is lost with its data center. It is shorter than the configured interval S (Q9)."},
		{"s", "S, snapshot interval", "The interval between two snapshots as it is configured; the real one is P_s." + of("dataSnapshotExchangeInterval")},
		{"rto", "RTO, recovery time objective", "The longest time that may pass from the fault until the failover is complete."},
		{"rpo", "RPO, recovery point objective", "The longest time of acknowledged traffic that may be lost."},
		{"detection", "detection, noticed", "From the fault until the surviving data center declares the other DOWN."},
		{"takeover", "takeover", "From the fault until the survivor has taken over the last piece of the other's replicated state."},
		{"recovery", "recovery, served again", "From the fault until the survivor serves the first event that the lost data center would have served."},
		{"steady", "throughput back", "From the fault until the survivor serves as many events a second as both data centers did before, and goes on doing so."},
		{"loss", "data loss", "Acknowledged events that no surviving state contains, and the seconds of traffic that they stand for."},
		{"not-measured", "not asked for, not measured", "Not asked for: the scenario is through without this value, such as a detection where nothing must be noticed. Not measured: it is not through, and has no value; its reasons say whether one was missed or it did not get that far."},
		{"canary", "canary path", "A connection of the suite's own that no fault touches. Where it is slow, the machine is busy, and measured values are widened by that."},
		{"hazard", "hazard", "A known behaviour of the toolkit (a Q-number) that the scenario reproduced: nothing broke that worked before, and it will happen in production."},
		{"inconclusive", "inconclusive", "The test ran, and nothing was proven either way."},
		{"not-tested", "not tested", "Something between the suite and the data centers kept the test from running; it says nothing about the application."},
	}
}

// hazard is a page of the runbook.
type hazard struct {
	model.Hazard
	Scenarios []link
}
type link struct{ Anchor, Text, title string }

// Advice is the remedy with the symbols in it linked to what they mean and which setting each is.
func (h hazard) Advice() []piece { return pieces(h.Remedy) }

// tellApart names scenarios by their titles where their numbers alone are alike.
func (h *hazard) tellApart() {
	count := map[string]int{}
	for _, s := range h.Scenarios {
		count[s.Text]++
	}
	for i, s := range h.Scenarios {
		if count[s.Text] > 1 {
			h.Scenarios[i].Text = s.title
		}
	}
}
