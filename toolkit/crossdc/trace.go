package crossdc

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"
)

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

// MaxTraceText is how many bytes of one trace line's text are kept. A body of 256 MiB is 512 MiB of hexadecimal digits in its
// "Blob data" line, which no reader wants. The product's own bound is not known; this one is inferred.
const MaxTraceText = 16 << 10

// Omission is how many bytes of a trace line's text its writer left out; 0 when the text is whole. In the line it stands
// behind what was kept, as String gives it.
type Omission int

const (
	omissionBegins = " [left out: "
	omissionEnds   = " bytes]"
)

// String is the mark of an omission, "" for none.
func (o Omission) String() string {
	if o <= 0 {
		return ""
	}
	return omissionBegins + strconv.Itoa(int(o)) + omissionEnds
}

// CutText keeps the first MaxTraceText bytes of a line's text and marks how many it left out. A text that is cut already
// keeps its account.
func CutText(text string) string {
	kept, left := SplitOmission(text)
	if len(kept) <= MaxTraceText {
		return text
	}
	end := MaxTraceText
	for end > MaxTraceText-utf8.UTFMax && !utf8.RuneStart(kept[end]) {
		end--
	}
	return kept[:end] + (left + Omission(len(kept)-end)).String()
}

// SplitOmission separates what is left of a text from the mark of what was left out.
func SplitOmission(text string) (kept string, left Omission) {
	rest, ok := strings.CutSuffix(text, omissionEnds)
	if !ok {
		return text, 0
	}
	at := strings.LastIndex(rest, omissionBegins)
	if at < 0 {
		return text, 0
	}
	n, err := strconv.Atoi(rest[at+len(omissionBegins):])
	if err != nil || n <= 0 {
		return text, 0
	}
	return text[:at], Omission(n)
}

// hexText is the hexadecimal form of a body, cut like every text of a trace line, without ever being built whole.
func hexText(body []byte) string {
	if kept := MaxTraceText / 2; len(body) > kept {
		return hex.EncodeToString(body[:kept]) + Omission(2*(len(body)-kept)).String()
	}
	return hex.EncodeToString(body)
}
