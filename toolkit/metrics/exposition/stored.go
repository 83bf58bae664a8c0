package exposition

import (
	"errors"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"

	"github.com/crossdc/failover/toolkit/metrics"
)

// Stored is one sample as a server of metrics keeps it.
type Stored struct {
	Labels map[string]string // with the family's name as __name__
	Value  float64
	At     time.Time // the earliest instant when it can have been scraped, by our clock
}

// FromStored identifies samples that a server keeps, as ParseText does those of a page. A server does not tell their types.
func FromStored(list []Stored) (metrics.Set, error) {
	b := newBuilder(nil)
	for _, s := range list {
		m := &dto.Metric{Untyped: &dto.Untyped{Value: proto.Float64(s.Value)}, TimestampMs: proto.Int64(s.At.UnixMilli())}
		family := ""
		for name, value := range s.Labels {
			if name == "__name__" {
				family = value
				continue
			}
			m.Label = append(m.Label, &dto.LabelPair{Name: proto.String(name), Value: proto.String(value)})
		}
		b.add(family, dto.MetricType_UNTYPED, m)
	}
	set := b.finish()
	for i := range set.Samples {
		set.Samples[i].Stored = true
	}
	return set, errors.Join(b.errs...)
}
