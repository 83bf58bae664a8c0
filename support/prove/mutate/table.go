package main

// row says where faults are planted, how many, and what must notice them.
type row struct {
	folder    string
	functions []string // with the receiver's type, as in Drill.Heal; none: all of the folder
	share     int      // how many faults are planted, spread evenly over all that can be
	tests     []string // packages whose tests must notice
	proofs    []string // or bugs and controls (support/prove/bugs) one of which must then say something else than it should
}

// rows is the table. What is pure is noticed by unit tests. Steps of scenarios are noticed by what they are there for: a bug
// that they no longer catch, or a healthy system in which they find something.
var rows = []row{
	{folder: "toolkit/crossdc", share: 44, tests: []string{"./toolkit/crossdc", "./toolkit/crossdc/model"}},
	{folder: "toolkit/crossdc/workload", share: 8, tests: []string{"./toolkit/crossdc/workload", "./toolkit/crossdc/model", "./fixtures/emulator/pe"}},
	{folder: "support/timeline", share: 28, tests: []string{"./support/timeline"}},
	{folder: "support/traffic", share: 24, tests: []string{"./support/traffic"}},
	{folder: "reports/gate/decision", share: 16, tests: []string{"./reports/gate/..."}},
	{folder: "support/fault", share: 18, tests: []string{"./support/fault"}},
	{folder: "fixtures/emulator/pe", functions: []string{
		"fragment.event", "fragment.process", "fragment.signal", "fragment.status", "fragment.takeOver", "actPreparer", "actRemoteWatchdog", "storedRead",
	}, share: 12, tests: []string{"./fixtures/emulator/pe"}},

	{folder: "support/scenario", functions: []string{"Drill.CountsItsMisses", "Drill.silenceAt"}, share: 3, proofs: []string{"nothing@S03", "notices-early", "notices-late"}},
	{folder: "support/scenario", functions: []string{"Drill.notHome"}, share: 3, proofs: []string{"nothing@S03", "mute-after-restart@S10", "sends-no-snapshots@control"}},
	{folder: "support/scenario", functions: []string{"Drill.SendsNoLateSnapshot", "Drill.snapshotsAt"}, share: 2, proofs: []string{"nothing@S08", "ghost-snapshots"}},
	{folder: "support/scenario", functions: []string{"Drill.ReportsSplitBrain"}, share: 2, proofs: []string{"nothing@S37", "serves-events-twice@S37"}},
	{folder: "support/scenario", functions: []string{"unmerged", "Side.mergesWhatWasReplicated"}, share: 3, proofs: []string{"nothing@S03", "merges-half-a-fragment", "hands-over-older-replica"}},
	{folder: "support/scenario", functions: []string{"Drill.startsNothingMore", "Drill.StartsTheApplicationOnce"}, share: 2, proofs: []string{"nothing@S04", "starts-script-twice@S04", "starts-script-again"}},
}

// survivors are the faults that nothing notices, each with the reason why that does not matter. The key is the fault as it is
// printed. One that is not here is a gap: it is printed with "no reason is known".
var survivors = map[string]string{
	"toolkit/crossdc/workload/encoding.go EncodeState: computes otherwise: + -> -": "it is how much memory is taken at first, and grows",
	"support/timeline/nodes.go NodeDifferences: counts one more: 1 -> 2":           "passed and not passed are compared by their ranks: any two numbers in this order do",
	"support/fault/parameters.go Sample: counts one more: 300 -> 301":              "they are any parameters with which a fault can be made",
	"support/fault/parameters.go Sample: counts one more: 20 -> 21":                "they are any parameters with which a fault can be made",
}
