package crossdc

import "fmt"

// Trap numbers the configuration traps of toolkit contract 2.3.
type Trap string

const (
	C1  Trap = "C1"  // nothing configured
	C2  Trap = "C2"  // the remote list names the local data center
	C3  Trap = "C3"  // different ports
	C4  Trap = "C4"  // different I or N
	C5  Trap = "C5"  // I < 1
	C6  Trap = "C6"  // S < 1
	C7  Trap = "C7"  // I does not divide S
	C8  Trap = "C8"  // directory and JDBC URL
	C9  Trap = "C9"  // neither directory nor JDBC URL
	C10 Trap = "C10" // shared storage
	C11 Trap = "C11" // different W
	C12 Trap = "C12" // malformed machine list
	C13 Trap = "C13" // property with another application's prefix
	C14 Trap = "C14" // I <= 0
)

// Finding is one trap that a configuration has stepped into.
type Finding struct {
	Trap     Trap
	Key      string // the toolkit's key, or the property or submission value concerned
	Value    string // as configured; both values where two data centers disagree
	Effect   string // what the toolkit will do
	Remedy   string // what to set instead
	Possible bool   // true if it depends on something that the configuration does not show
}

// String is the finding in one line.
func (f Finding) String() string {
	certainty := ""
	if f.Possible {
		certainty = "possibly "
	}
	return fmt.Sprintf("%s%s: %s = %q: %s; %s", certainty, f.Trap, f.Key, f.Value, f.Effect, f.Remedy)
}
