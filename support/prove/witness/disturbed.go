package main

import (
	"fmt"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/toolkit/crossdc/model"
)

// Places of the groups of operators among the PEs of a job that is spread over as many as there are groups.
const (
	spreadPEs           = 10
	placeApplication    = 1
	placeWatchdog       = 4
	placePreparer       = 5
	placeRemoteWatchdog = 6
	placeTicks          = 7
)

// disturbed are the rows beyond a link that is cut and processes that end: a link that is slow or loses packets, clocks, storage and
// single operators (toolkit contract 3.4, 5.8 and 6.2). A full device and a read-only folder are not among them: an embedded pair has neither, its
// folders being on our own device.
func disturbed() (list []row) {
	for _, delay := range []float64{0.2, 0.7} {
		list = append(list, row{name: fmt.Sprintf("delay %g I", delay), length: 7, watched: 13, delay: delay,
			timed: func(wall func(float64) time.Duration) fault.Fault {
				return fault.Degrade(fault.Quality{Delay: wall(delay)})
			},
			model: []model.Action{{What: model.Slow}, {What: model.Slow, Target: 1}}})
	}
	for _, share := range []float64{0.05, 0.2} {
		list = append(list, row{name: fmt.Sprintf("loss %g", share), length: 7, watched: 13,
			timed: func(wall func(float64) time.Duration) fault.Fault {
				second := wall(1. / 30) // of toolkit time, with the shipped interval
				return fault.Lose(fault.Loss{Share: share, Handshake: second, Retransmit: second / 5})
			},
			model: []model.Action{{What: model.Lossy, Share: share}, {What: model.Lossy, Target: 1, Share: share}}})
	}
	for side, dc := range []string{"dc1", "dc2"} {
		for _, step := range []float64{3, -2, -7} {
			list = append(list, row{name: fmt.Sprintf("clock step %s %g I", dc, step), watched: 14, step: step,
				timed: func(wall func(float64) time.Duration) fault.Fault { return fault.ClockStep(dc, wall(step)) },
				model: []model.Action{{What: model.Step, Target: side}}})
		}
		list = append(list,
			done("storage missing "+dc, 0, 7, func() fault.Fault { return fault.LoseStorage(dc) },
				[]model.Action{{What: model.Wipe, Target: side}, {What: model.ReadOnly, Target: side}}))
		for _, o := range []struct {
			place    int
			operator model.Operator
		}{{placeApplication, model.ApplicationOperator}, {placeWatchdog, model.WatchdogOperator}, {placePreparer, model.PreparerOperator},
			{placeRemoteWatchdog, model.RemoteWatchdogOperator}, {placeTicks, model.TickOperator}} {
			list = append(list, row{name: fmt.Sprintf("restart %s %s", o.operator, dc), watched: 8, spread: true,
				real:  func() fault.Fault { return fault.RestartPE(dc, o.place) },
				model: []model.Action{{What: model.Restart, Target: side, Operator: o.operator}}})
		}
	}
	return list
}

// done is a row whose fault has no lengths of its own.
func done(name string, length, watched float64, real func() fault.Fault, actions []model.Action) row {
	return row{name: name, length: length, watched: watched, real: real, model: actions}
}

// fault is what is done to real processes; wall turns intervals into wall time.
func (r row) fault(wall func(intervals float64) time.Duration) fault.Fault {
	if r.timed != nil {
		return r.timed(wall)
	}
	return r.real()
}

// options are of the environment that a row needs, with the bugs that the settings plant.
func (r row) options(settings *config.Config) environment.Options {
	o := environment.Options{Switches: map[string][]string{"dc1": settings.Emulator.Switches.DC1, "dc2": settings.Emulator.Switches.DC2}}
	if r.spread {
		o.Submit = func(_ string, submission *environment.Submission) { submission.PEs = spreadPEs }
	}
	return o
}
