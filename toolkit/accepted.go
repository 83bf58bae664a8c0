package toolkit

// acceptedMemory remembers how many snapshots a site had accepted when its peer last came UP. The counter goes on through the
// peer's lives, so that replicas of one that is over would be taken for those of the present one.
type acceptedMemory struct {
	known  bool
	base   int64
	next   bool  // the base is the next value of the counter that is read
	status int64 // changes of status when the peer last came UP
}

// first takes in the first value of a counter. A status that has changed once only is the first UP of this life: all that
// this life accepted came after it.
func (a *acceptedMemory) first(name Count, value int64) {
	switch name {
	case StatusTuples:
		a.known, a.base, a.next, a.status = value == 1, 0, value != 1, value
	case SnapshotsIn:
		a.take(value)
	default:
	}
}

// moved takes in a further value of a counter, new or not; reset says that it was counted anew.
func (a *acceptedMemory) moved(name Count, value int64, reset bool) {
	switch {
	case name == StatusTuples && value%2 == 1 && (value != a.status || reset):
		a.known, a.next, a.status = false, true, value
	case name == SnapshotsIn && reset:
		a.known, a.base, a.next = true, 0, false
	case name == SnapshotsIn:
		a.take(value)
	}
}

// take sets the base where it is awaited. Some of the value may have been accepted after the UP: too few are counted, never
// too many.
func (a *acceptedMemory) take(value int64) {
	if a.next {
		a.known, a.base, a.next = true, value, false
	}
}

func (a *acceptedMemory) since(value int64) (count int64, known bool) {
	return max(0, value-a.base), a.known
}
