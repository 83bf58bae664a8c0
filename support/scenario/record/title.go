package record

import "fmt"

// TrialText is the text of the container around the n-th repetition of a scenario, counted from 1.
func TrialText(n int) string { return fmt.Sprintf("Trial %d", n) }
