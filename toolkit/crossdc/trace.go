package crossdc

// Aspects of the toolkit's trace lines (toolkit contract 8.1).
const (
	AspectHeartbeatWatchdog = "RemoteDC-Heartbeat-Watchdog"
	AspectRemoteWatchdog    = "RemoteDC-Watchdog"
	AspectStoredSender      = "SendSnapshotFilesData"
	AspectPreparer          = "Heartbeat-Message-Preparer"
)

// TraceMarker begins nearly every line that the toolkit traces, followed by a space (toolkit contract 8.1).
const TraceMarker = "_XXXXX_"

// The two special messages an application may send, exact and case-sensitive (toolkit contract 3.1).
const (
	OrderlyShutdownText = "OrderlyShutdown"
	SendStoredText      = "SendMeDataFromSnapshotFiles"
)

// trace is a Trace action; the marker is put in front. The distinguishing substrings are the contract's, the words
// between them are ours.
func trace(l Level, aspect, text string) Action {
	return Action{Kind: Trace, Level: l, Aspect: aspect, Text: TraceMarker + " " + text}
}
