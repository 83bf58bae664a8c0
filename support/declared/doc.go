// Package declared reads scenarios that are written down as YAML instead of Go. Files are read strictly: what is wrong is named with
// file, line and what is allowed, and nothing runs. Package specs registers what was read.
//
// It may import support/fault and toolkit/crossdc.
package declared
