package adapter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

type kafkaOut struct {
	at, site string
	client   *kgo.Client
	now      func() time.Time
	fromEnd  bool
	read     map[int32]place
}

// place is behind the last record that was read of a partition.
type place struct {
	next  int64
	epoch int32
}

func openKafkaOut(_ context.Context, o Opening) (Out, error) {
	options, err := kafkaOptions(o.Values)
	if err != nil {
		return nil, err
	}
	out := &kafkaOut{at: o.at(WayOut, "kafka"), site: o.Site, now: o.now(), fromEnd: o.Values["start"] == "end", read: map[int32]place{}}
	group := o.Values["group"]
	if group == "" {
		if o.Run == "" {
			return nil, errors.New("parameter \"group\" is missing, and the run has no word to name a group of its own")
		}
		group = "crossdc-" + o.Run + "-" + o.Site
	}
	start := kgo.NewOffset().AtStart()
	if out.fromEnd {
		start = kgo.NewOffset().AtEnd()
	}
	options = append(options, kgo.ConsumerGroup(group), kgo.ConsumeTopics(o.Values["topic"]), kgo.ConsumeResetOffset(start))
	if out.client, err = kgo.NewClient(options...); err != nil {
		return nil, err
	}
	return out, nil
}

// Receive implements Out. After a rebalance of the group records come again that were not committed yet; they are known by their offsets.
// Records that the application wrote twice have two offsets, and both are given.
func (k *kafkaOut) Receive(ctx context.Context, to Receiver) error {
	w := watch{now: k.now}
	for {
		w.begin()
		from := w.before
		fetches := k.client.PollFetches(ctx)
		earliest, latest := w.end(false)
		if ctx.Err() != nil && fetches.NumRecords() == 0 {
			return nil
		}
		var fatal error
		fetches.EachError(func(topic string, partition int32, err error) {
			var loss *kgo.ErrDataLoss
			switch {
			case errors.As(err, &loss):
				to.Gap(Gap{Site: k.site, From: from, Until: latest, Why: fmt.Sprintf("the broker lost records of partition %d", partition)})
			case final(err):
				fatal = fmt.Errorf("receive over the %s: topic %s: %w", k.at, topic, err)
			}
		})
		if results := k.take(fetches, earliest, latest); len(results) > 0 {
			if k.fromEnd {
				k.fromEnd = false
				to.Gap(Gap{Site: k.site, From: from, Until: latest, Why: "nobody knows when the group began to read at the end of the topic"})
			}
			to.Results(results)
		}
		if fatal != nil {
			return fatal
		}
	}
}

// final reports an error that trying again does not mend.
func final(err error) bool {
	for _, e := range []error{kerr.TopicAuthorizationFailed, kerr.GroupAuthorizationFailed, kerr.SaslAuthenticationFailed, kerr.UnsupportedSaslMechanism, kgo.ErrClientClosed} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// take gives the records that were not read before. An old offset is new where a later leader wrote it: the log had been cut.
func (k *kafkaOut) take(fetches kgo.Fetches, earliest, latest time.Time) (results []Result) {
	fetches.EachRecord(func(r *kgo.Record) {
		last, known := k.read[r.Partition]
		if known && r.Offset < last.next && r.LeaderEpoch <= last.epoch {
			return
		}
		k.read[r.Partition] = place{next: r.Offset + 1, epoch: r.LeaderEpoch}
		results = append(results, Result{Bytes: r.Value, Key: r.Key, Site: k.site, Earliest: earliest, Latest: latest})
	})
	return results
}

// Close implements Out.
func (k *kafkaOut) Close() error {
	k.client.Close()
	return nil
}
