package model

import "fmt"

// Trials is the distribution over repeated runs of one scenario.
type Trials struct {
	Count     int       `json:"count"`
	Detection []Measure `json:"detection,omitempty"`
	Recovery  []Measure `json:"recovery,omitempty"`
	Claim     string    `json:"claim"`                           // which percentile these trials carry, in words
	Predicted []float64 `json:"predicted_detection_s,omitempty"` // quantiles of the closed form, toolkit seconds
	Fit       *Fit      `json:"fit,omitempty"`                   // of the observed detection to the predicted one; nil where no trial measured it
}

// FaultTrials is the distribution over all trials of one fault, in whichever scenarios of a campaign.
type FaultTrials struct {
	Fault     string   `json:"fault"`     // its name in the catalogue of faults, such as "crash"
	Scenarios []string `json:"scenarios"` // "S03 A data center crashes", those that measured a detection
	Detected  int      `json:"detected"`  // trials with a conclusive detection
	Claim     string   `json:"claim"`     // which percentile they carry, in words
	Fit       *Fit     `json:"fit,omitempty"`
}

// Fit is how far an observed distribution is from a predicted one at the least.
type Fit struct {
	Distance float64 `json:"distance"` // Kolmogorov-Smirnov: the largest difference between the two cumulative probabilities
	Limit    float64 `json:"limit"`    // what chance alone exceeds in 5 of 100 samples of this size
	Trials   int     `json:"trials"`
}

// Close reports whether chance explains the difference.
func (f Fit) Close() bool { return f.Distance <= f.Limit }

// String says it in words.
func (f Fit) String() string {
	verdict := "chance explains the difference"
	if !f.Close() {
		verdict = "more than chance explains"
	}
	return fmt.Sprintf("observed and predicted distribution differ by at least %.3f in cumulative probability over %d trials, wherever in their intervals the true values lie; at 5 %% chance explains up to %.3f: %s",
		f.Distance, f.Trials, f.Limit, verdict)
}
