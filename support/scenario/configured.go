package scenario

import (
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// Configuration is how a pair of data centers is configured otherwise than the settings say, for one scenario.
type Configuration struct {
	// Settings changes what both sides share; nil leaves it as it is.
	Settings func(*config.Config)
	// Toolkit changes what one side is given, after everything else; address is where that side itself listens. Nil leaves it as it is.
	Toolkit func(dc, address string, values *crossdc.Config)
	// File is the text of one side's configuration file (configFileName), which goes before everything else; an empty text names a file
	// that is not there. Nil names none.
	File func(dc string) string
	// Machines is the list of machines on which a side looks for its peer; relay is where the link stands in for that, direct the peer's own
	// address, which no fault of the link reaches. Nil: the relay alone.
	Machines func(dc, relay, direct string) string
	// Submit changes how one side's application is submitted: its submission-time values, and how many PEs it is spread over. Nil
	// leaves it as it is.
	Submit func(dc string, submission *environment.Submission)
}

// Configured returns what scenarios need whose data centers are configured in a way of their own. The embedded environment that each
// gets is its own. A remote pair is configured by its operators: such scenarios are skipped there.
func (s *Suite) Configured(c Configuration) func() Given {
	return func() Given {
		given := s.Given()
		if !given.Config.Kind().Emulated {
			given.unfit = "the scenario configures the toolkit in a way of its own, and a remote pair is configured by its operators"
			return given
		}
		return s.withOwn(given, c.Settings, environment.Options{Configure: c.Toolkit, File: c.File, Submit: c.Submit, Machines: c.Machines})
	}
}
