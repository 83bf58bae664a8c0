// Package timeline turns what indicators saw into when things happened, and that into verdicts: pure functions over
// the result model, so that a stored run can be judged again without any environment.
//
// It imports reports/model and nothing else of ours.
package timeline

// Events that observations name. Everything else may be observed and stored too; only these are judged.
const (
	PeerDown  = "peer down"           // site declares its peer DOWN
	PeerUp    = "peer up"             // site declares its peer UP
	TakenOver = "fragment taken over" // site got the replica named by the subject
	// TakeoverComplete says that the last replica was handed over at site; where an indicator says so, it is preferred
	// to single fragments, whose subjects indicators word differently.
	TakeoverComplete = "takeover complete"
	Served           = "event served by survivor" // site served the first event of its peer's stream
	Steady           = "throughput back"          // the lost side's stream is back at its level at site
)

// Events that say that we, not the system, were in trouble. One that overlaps a measured stretch makes the measure
// inconclusive, with its evidence as the reason.
const (
	LoadTooLow      = "load too low"
	CanaryFailed    = "canary failed"
	ObserverStarved = "observer starved"
	OutOfOrder      = "observations out of order"
)

// CanarySlow says that the path that no fault touches was slow, for as long as its interval lasts: what was seen meanwhile
// may have been seen that much too late. It widens a measure downwards and leaves the verdict to the wider interval.
const CanarySlow = "canary slow"

// ObserverSlow says that this process, and with it all that shares its machine, waited for a processor for a good part of the
// interval: what came late then may have come late because of us. What came in time all the same did come in time.
const ObserverSlow = "observer slow"

// DataCentersSlow says that the data centers themselves share the machine of this process, which kept processes waiting: replicas that came
// late may have come late because of it, so that a loss above the objective is no proof.
const DataCentersSlow = "data centers slow"

// ObserverBlind says that too few indicators of its site could look, in its interval, at the kind of event that its subject names:
// one that was not seen then may have happened all the same.
const ObserverBlind = "observer blind"

// TrafficIndicator is the name of the indicator that the traffic itself is.
const TrafficIndicator = "traffic"

// CountersIndicator is the name of the indicator that the counters of the application's own operators are; it sees service where nothing of ours is sent.
const CountersIndicator = "serving counters"

func ourTrouble(event string) bool {
	return event == LoadTooLow || event == CanaryFailed || event == ObserverStarved || event == OutOfOrder
}
