package streams

import "strconv"

// PID is the operating-system process of the PE on its host, and whether there is one.
func (p PE) PID() (int, bool) {
	pid, err := strconv.Atoi(p.ProcessID)
	return pid, err == nil && pid > 0
}
