package plain

import (
	"math"
	"strconv"
	"strings"
)

// Seconds prints a number of seconds the same way in every report: three significant digits below 100, no more than one
// decimal above, no exponent and no trailing zeros. What is not a finite number says so.
func Seconds(v float64) string {
	switch {
	case math.IsNaN(v):
		return "unknown"
	case math.IsInf(v, 1):
		return "unbounded"
	case math.IsInf(v, -1):
		return "-unbounded"
	}
	size, decimals := math.Abs(v), 1
	switch {
	case size >= 1e6:
		decimals = 0
	case size < 1:
		decimals = 3
	case size < 100:
		decimals = 2
	}
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return text
}

// Range prints an interval of seconds: "131.2–133.9 s", or one number when both ends print alike.
func Range(earliest, latest float64) string {
	from, to := Seconds(earliest), Seconds(latest)
	if from == to {
		return from + " s"
	}
	if strings.HasPrefix(to, "-") || strings.HasPrefix(from, "-") {
		return from + " to " + to + " s"
	}
	return from + "–" + to + " s"
}

// Count prints an interval of counts: "0–12".
func Count(earliest, latest int64) string {
	from, to := strconv.FormatInt(earliest, 10), strconv.FormatInt(latest, 10)
	if from == to {
		return from
	}
	return from + "–" + to
}

// Share prints an interval of per cent: "12.5–13 %"; empty where it is not known.
func Share(earliest, latest float64, known bool) string {
	if !known {
		return ""
	}
	from, to := strconv.FormatFloat(earliest, 'f', 1, 64), strconv.FormatFloat(latest, 'f', 1, 64)
	if from == to {
		return from + " %"
	}
	return from + "–" + to + " %"
}
