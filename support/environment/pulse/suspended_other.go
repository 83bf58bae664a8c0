//go:build !linux

package pulse

import "time"

// suspended is not known here.
func suspended() time.Duration { return 0 }
