package explore

import (
	"context"
	"fmt"
	"slices"
)

// Found is what the search for one quirk came to.
type Found struct {
	Quirk   string // or the bug; "" where nothing known explains it
	Cases   uint64 // how many were drawn until it was found, the last one included
	Case    Case   // as small as it could be made
	Finding Finding
}

// Find draws cases of a seed until one fails in a way that only the named quirk explains, as if nobody knew it, and shrinks that
// case. It ends with ctx's error when nothing was found by then.
func Find(ctx context.Context, quirk string, seed uint64) (Found, error) {
	if !slices.ContainsFunc(Recognizers(), func(r Recognizer) bool { return r.Quirk == quirk }) {
		return Found{}, fmt.Errorf("quirk %q: nothing recognizes it", quirk)
	}
	for n := uint64(0); ; n++ {
		if err := ctx.Err(); err != nil {
			return Found{}, fmt.Errorf("find %s in %d cases of seed %d: %w", quirk, n, seed, err)
		}
		c := Draw(seed, n)
		finding, ok, err := only(&c, quirk)
		if err != nil {
			return Found{}, err
		}
		if !ok {
			continue
		}
		small := Shrink(c, func(c *Case) bool {
			f, ok, err := only(c, quirk)
			return err == nil && ok && f.Invariant == finding.Invariant
		})
		finding, _, err = only(&small, quirk)
		return Found{Quirk: quirk, Cases: n + 1, Case: small, Finding: finding}, err
	}
}

// only returns the first finding of a case that this quirk explains and no other.
func only(c *Case, quirk string) (Finding, bool, error) {
	findings, err := Judge(c)
	if err != nil {
		return Finding{}, false, err
	}
	i := slices.IndexFunc(findings, func(f Finding) bool { return len(f.Quirks) == 1 && f.Quirks[0] == quirk })
	if i < 0 {
		return Finding{}, false, nil
	}
	return findings[i], true, nil
}
