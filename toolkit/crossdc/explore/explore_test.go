package explore

import (
	"fmt"
	"testing"
)

// Nothing may happen in the model that neither an invariant allows nor a known quirk explains.
func TestNothingUnknown(t *testing.T) {
	const cases = uint64(200) // suites/exploration judges thousands
	const seed = 1
	unknown := map[Invariant]int{}
	for n := range cases {
		c := Draw(seed, n)
		findings, err := Judge(&c)
		if err != nil {
			t.Fatalf("case %d: %v\n%s", n, err, &c)
		}
		if f, ok := Unexplained(findings, ""); ok {
			unknown[f.Invariant]++
			if unknown[f.Invariant] == 1 {
				small := Shrink(c, func(c *Case) bool {
					findings, err := Judge(c)
					u, ok := Unexplained(findings, "")
					return err == nil && ok && u.Invariant == f.Invariant
				})
				again, _ := Judge(&small)
				u, _ := Unexplained(again, "")
				t.Errorf("case %d: %s\nsmallest:\n%s%s", n, f, &small, u)
			}
		}
	}
	if len(unknown) > 0 {
		t.Error(fmt.Sprint(unknown))
	}
}
