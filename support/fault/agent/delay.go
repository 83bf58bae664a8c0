package main

import (
	"errors"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// delay holds packets back.
var delay = kind{
	name: "delay",
	try:  func() (string, error) { return "", errors.New("this agent does not delay packets yet") },
	plan: func(*host, *record) ([]string, string, *protocol.Error) {
		return nil, "", &protocol.Error{Code: protocol.CodeUnavailable, Text: "this agent does not delay packets yet", Remedy: "limit the rate of the interface instead"}
	},
	act:    func(*record) error { return errors.ErrUnsupported },
	heal:   func(*record) error { return nil },
	report: func(*record, *protocol.Report) error { return nil },
	owns:   func(*record, string) bool { return false },
}
