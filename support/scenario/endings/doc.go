// Package endings holds the tests of how a run may end: killed at any point, interrupted once and twice, a spec that
// panics or takes too long, a teardown that fails. Each runs a throw-away suite (testdata/endings, which ./... never
// reaches) the way a person does, through "go tool ginkgo", and looks at what is left.
//
// It may import support and reports.
package endings
