package streams

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkDecode reads what a watch reads over and over: the metrics of a port, the PEs of a job.
func BenchmarkDecode(b *testing.B) {
	read := func(name string) json.RawMessage {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			b.Fatal(err)
		}
		return raw
	}
	b.Run("metrics", func(b *testing.B) {
		raw := read("metrics.json")
		b.ReportAllocs()
		for b.Loop() {
			entries, err := array("metrics", object("", raw).raw["metrics"])
			if err != nil || len(entries) == 0 {
				b.Fatal(len(entries), err)
			}
			for _, entry := range entries {
				if _, err := decodeMetric("metrics", entry); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("pe", func(b *testing.B) {
		raw := read("pe.json")
		b.ReportAllocs()
		for b.Loop() {
			if _, err := decodePE("pe", raw); err != nil {
				b.Fatal(err)
			}
		}
	})
}
