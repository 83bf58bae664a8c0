package streams

import (
	"encoding/json"
	"strconv"
)

// plainText is a JSON string in which every byte stands for itself, as nearly all are: hundreds of answers a second are read while a
// failover is watched. ok is false for all others, and for what is no string; package json tells about those.
func plainText(raw json.RawMessage) (text string, ok bool) {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return "", false
	}
	inner := raw[1 : len(raw)-1]
	for _, c := range inner {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return "", false
		}
	}
	return string(inner), true
}

// plainInteger is a JSON number without fraction and exponent that fits into 64 bits; ok is false for all else.
func plainInteger(raw json.RawMessage) (n int64, ok bool) {
	digits := raw
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > 1 && digits[0] == '0' {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	return n, err == nil
}
