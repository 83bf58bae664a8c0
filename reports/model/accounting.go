package model

// Accounting says how exactly an application could be accounted for.
type Accounting struct {
	Application string   `json:"application"` // as its description names it
	Level       int      `json:"level"`       // 0: no traffic of ours, 1: results without numbers, 2: results carry numbers, 3: state can be asked for
	Text        string   `json:"text"`        // the level in words
	LeftOut     []string `json:"left_out,omitempty"`
	Raise       string   `json:"raise,omitempty"` // what would raise the level by one
}

// HighestLevel is that at which state can be asked for.
const HighestLevel = 3
