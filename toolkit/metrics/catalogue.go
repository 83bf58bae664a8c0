package metrics

import "strings"

// counters are the metrics of the catalogue (rest contract 4.1) that only grow within one life of a process. All other
// system metrics are gauges, but for recentMaxItemsQueuedInterval, which is a time.
var counters = map[string]bool{
	"nTuplesProcessed": true, "nTupleBytesProcessed": true, "nWindowPunctsProcessed": true, "nFinalPunctsProcessed": true,
	"nTuplesSubmitted": true, "nTupleBytesSubmitted": true, "nWindowPunctsSubmitted": true, "nFinalPunctsSubmitted": true,
	"nTuplesTransmitted": true, "nTupleBytesTransmitted": true, "nBrokenConnections": true, "nTuplesFilteredOut": true,
	"nTuplesDropped": true, "nEnqueueWaits": true,
}

var gauges = map[string]bool{
	"nProcessors": true, "cpuSpeed": true, "loadAverage": true, "cpuUtilization": true, "memoryCapacity": true,
	"memoryUtilization": true, "memoryFree": true, "memoryTotal": true, "appNetworkCapacity": true,
	"appNetworkUtilization": true, "nCpuMilliseconds": true, "nMemoryConsumption": true,
	"nResidentMemoryConsumption": true, "nRequiredConnecting": true, "nOptionalConnecting": true, "nConnections": true,
	"congestionFactor": true, "relativeOperatorCost": true, "nTuplesQueued": true, "nWindowPunctsQueued": true,
	"nFinalPunctsQueued": true, "queueSize": true, "maxItemsQueued": true, "recentMaxItemsQueued": true,
	"launchCount": true, "pecount": true, "instanceCount": true, "jobCount": true, "role": true,
	"sum_congestionFactor": true, "avg_congestionFactor": true, "min_congestionFactor": true, "max_congestionFactor": true,
}

var times = map[string]bool{
	"recentMaxItemsQueuedInterval": true, "startTime": true, "creationTime": true, "submitTime": true,
}

// KindOf returns the kind of a system metric by its name, and whether the catalogue knows it.
func KindOf(name string) (kind Kind, known bool) {
	switch {
	case counters[name]:
		return Counter, true
	case gauges[name]:
		return Gauge, true
	case times[name]:
		return Time, true
	}
	return Unknown, false
}

// Camel turns the runtime's snake_case (rest contract 5.1) into the platform's names: n_tuples_processed ->
// nTuplesProcessed.
func Camel(snake string) string {
	var b strings.Builder
	upper := false
	for _, c := range snake {
		if c == '_' {
			upper = b.Len() > 0
			continue
		}
		if upper && 'a' <= c && c <= 'z' {
			c += 'A' - 'a'
		}
		upper = false
		b.WriteRune(c)
	}
	return b.String()
}
