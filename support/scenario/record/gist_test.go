package record

import "testing"

func TestAReasonHoldsItsCause(t *testing.T) {
	for text, want := range map[string]string{
		"": "",
		"dc2 accepted snapshots of a job that is gone\nExpected\n    <int64>: 23\nto equal\n    <int64>: 20":            "dc2 accepted snapshots of a job that is gone",
		"Timed out after 9.684s.\nexpected both UP within 580 s\nstill missing: dc2 holds its peer DOWN; dc1 is late\n": "Timed out after 9.684s. expected both UP within 580 s; still missing: dc2 holds its peer DOWN; dc1 is late",
		"Timed out after 3s.\nexpected dc2 to hold dc1 DOWN; what was seen:\n  metrics: UP\n\n  traces: nothing\n":      "Timed out after 3s. expected dc2 to hold dc1 DOWN; what was seen: metrics: UP; traces: nothing",
		"expected no change of what dc1 holds of dc2; what was seen:\n":                                                 "expected no change of what dc1 holds of dc2",
		"Timed out after 3s.": "Timed out after 3s.",
		"the job of dc1 must be cancelled\nUnexpected error:\n    <*errors.errorString | 0xc0003>: dc1 refused the login\n    dc1 refused the login\noccurred": "the job of dc1 must be cancelled: dc1 refused the login",
		"Expected success, but got an error:\n    <*fmt.wrapError | 0xc0003>: write x: full\n    write x: full":                                                "write x: full",
	} {
		if got := gist(text); got != want {
			t.Errorf("%q\nis  %q\nnot %q", text, got, want)
		}
	}
}
