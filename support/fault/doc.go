// Package fault is the catalogue of faults as values, the journal they are written to, and their healing.
//
// A fault lives in one order: journal, arm the deadline, act, verify the bite, heal, verify that it is gone, close the
// journal. Nothing is ever assumed to have worked: a bite that cannot be shown is an error, and so is a heal. Whatever the
// target cannot end by itself (a crash, a cancelled job, a suspended process) is healed by this package when its deadline
// passes, even if the spec forgot; a link rule carries its deadline to the relay, which lifts it with nobody alive.
//
// Environments implement the interfaces in target.go, so that a fault never knows whether its target is embedded or
// remote. Adding a fault: one file with its constructor, one line in kinds.go, one test.
//
// It imports reports/model and toolkit/access (the classes of errors) and nothing else of this module. Time is the process's own clock; tests run it in a
// testing/synctest bubble.
package fault
