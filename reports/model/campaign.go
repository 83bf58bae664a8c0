package model

// Campaign says how a run was put together from shards that ran on many machines.
type Campaign struct {
	Name      string `json:"name"`
	Engine    string `json:"engine"` // "local" or "kubernetes"
	Labels    string `json:"labels,omitempty"`
	Trials    int    `json:"trials"`    // of each scenario that were asked for
	Shards    int    `json:"shards"`    // that were planned
	Delivered int    `json:"delivered"` // whose results are in the run
	// Fates are the shards and attempts of which more is to be said than that they were delivered.
	Fates       []ShardFate      `json:"fates,omitempty"`
	Nodes       []Node           `json:"nodes,omitempty"`
	Faults      []FaultTrials    `json:"faults,omitempty"`      // those of which a detection was measured
	Differences []NodeDifference `json:"differences,omitempty"` // empty where fewer than two nodes have results that can be compared
}

// What may become of an attempt at a shard, beside that it was delivered and counted.
const (
	FateLost    = "lost"     // nothing whole arrived
	FateDoubled = "doubled"  // whole, and not counted: another attempt at the same shard is
	FateMissing = "missing"  // the shard has no result in the run
	FateLeftOut = "left out" // somebody said that the run shall do without it
)

// ShardFate is what became of an attempt, or of a whole shard.
type ShardFate struct {
	Shard   int    `json:"shard"`
	Name    string `json:"name"` // in words: "shard 12 (outage, trial 13)"
	Attempt string `json:"attempt,omitempty"`
	Node    string `json:"node,omitempty"`
	Fate    string `json:"fate"` // one of the Fate constants
	Why     string `json:"why,omitempty"`
}

// Node is a machine that ran shards of a campaign.
type Node struct {
	Name      string `json:"name"`
	Shards    int    `json:"shards"`    // whose results are in the run
	Scenarios int    `json:"scenarios"` // of those shards
	Lost      int    `json:"lost,omitempty"`
}

// NodeDifference says whether one value of one scenario differs between nodes more than chance explains.
type NodeDifference struct {
	Scenario string  `json:"scenario"` // "S03 A data center crashes"
	Measure  string  `json:"measure"`  // "detection", "recovery", "loss", "share that passed"
	Nodes    int     `json:"nodes"`
	Trials   int     `json:"trials"`
	H        float64 `json:"h"`          // Kruskal-Wallis, corrected for ties
	P        float64 `json:"p"`          // of an H as large by chance alone, by permutation
	Adjusted float64 `json:"p_adjusted"` // P for having asked more than one question (Holm)
	Differs  bool    `json:"differs"`    // Adjusted is below 0.05
}
