package sample

import (
	"fmt"

	"github.com/crossdc/failover/reports/model"
)

// names are what the 56 scenarios of the catalogue do, in its order.
var names = []string{
	"Nothing breaks for many heartbeats", "The data centers start one after the other", "A data center crashes", "The active data center crashes",
	"The passive data center crashes", "A data center crashes after its survivor's toolkit was restarted", "An instance is stopped without an orderly shutdown",
	"A job is cancelled without an orderly shutdown", "A data center restarts faster than it can be missed", "A lost data center comes home",
	"An orderly shutdown is announced, then the job is cancelled", "The active data center announces an orderly shutdown", "An orderly shutdown is announced over a broken link",
	"An orderly shutdown is announced during a snapshot round", "The link breaks for less than the toolkit tolerates", "The link breaks for longer than the detection time",
	"The link swallows everything", "One data center cannot be heard", "The packets of one data center are lost", "The link is healthy but slow",
	"Heartbeats arrive late, each by another time", "The link loses some of its packets", "The link is narrower than the snapshots", "The link flaps",
	"The heartbeat port alone is blocked", "The snapshot ports are blocked, then a data center crashes", "Both data centers crash at once",
	"Both data centers crash and ask for their replicas", "One data center asks for its replica again", "A data center comes back with its files kept",
	"The active data center crashes, and a script starts the other with its files", "A replica is damaged before the crash", "The disk is full at a replication",
	"The disk hangs at a takeover", "The database is down at a takeover", "The receiver is slower than the sender", "A data center hangs",
	"The heartbeat ports accept, and never answer", "The clock of a data center jumps", "A data center restarts over and over", "One side beats more slowly than the other has patience",
	"The two sides have different ports", "One side is its own peer", "The configuration file has no effect", "Snapshots are large", "Snapshots have many pairs of sender and receiver",
	"The receiver moves to another host", "Active and passive are parted", "The sides have different topologies", "Requests are malformed",
	"Regions are reset after a takeover", "Heartbeats and snapshots come at other intervals", "The survivor crashes during a takeover",
	"The survivor crashes before the lost data center is back", "A link that broke is mended by one heartbeat", "Everything, at random, for a day",
}

// Catalogue is a run of 56 scenarios, one of each number, with every kind of verdict: most of them passed, as in real runs.
func Catalogue() model.Run {
	rich := Rich()
	run := rich
	run.ID, run.Scenarios = "20261122-195820-c56f", nil
	for i, name := range names {
		from := rich.Scenarios[1] // passed
		if i%5 == 4 {
			from = rich.Scenarios[(i/5)%len(rich.Scenarios)]
		}
		s := from
		s.ID, s.Name = fmt.Sprintf("S%02d", i+1), name
		s.Labels = append([]string{s.ID}, s.Family)
		s.Command = fmt.Sprintf("CROSSDC_SEED=%d go tool ginkgo --label-filter=%s ./suites/%s", s.Seed, s.ID, s.Family)
		s.Served = s.Served[:0:0]
		for j, bucket := range from.Served { // every fourth stretch of each side is enough for a picture
			if j/2%4 == 0 {
				bucket.To = bucket.From + 4*(bucket.To-bucket.From)
				bucket.Events *= 4
				s.Served = append(s.Served, bucket)
			}
		}
		if len(s.Served) > 0 && s.Served[len(s.Served)-1].Site == "dc1" {
			s.Served = s.Served[:len(s.Served)-1]
		}
		run.Scenarios = append(run.Scenarios, s)
	}
	unreached := crash(run.Scenarios[20].Started, model.NotTested)
	unreached.ID, unreached.Name, unreached.Labels, unreached.Fault, unreached.Measures, unreached.Cleanup = "S21", names[20], []string{"S21", "degradation"}, nil, model.Measures{}, nil
	unreached.Cause = &model.Cause{Kind: model.CauseLogin, Problem: "refused the login (401)", Object: "https://127.23.4.2:9714", DataCenter: "dc2", Setting: "CROSSDC_DC2_PASSWORD", Remedy: "check CROSSDC_DC2_PASSWORD"}
	unreached.Observations, unreached.Served, unreached.Phases, unreached.Ledger, unreached.Traces, unreached.Concluded = nil, nil, nil, nil, nil, nil
	unreached.Reasons = []string{unreached.Cause.Sentence()}
	for i := range unreached.Steps {
		unreached.Steps[i] = model.Step{Name: unreached.Steps[i].Name, Outcome: model.Skipped, Follows: i > 0, Failure: "an earlier step did not pass"}
	}
	unreached.Steps[0] = model.Step{Name: unreached.Steps[0].Name, Outcome: model.NotTested, Failure: unreached.Reasons[0]}
	unreached.Speedup, unreached.Started, unreached.Finished = speedup, run.Scenarios[20].Started, run.Scenarios[20].Finished
	unreached.DeclaredSteps = len(unreached.Steps)
	run.Scenarios[20] = unreached
	return run
}
