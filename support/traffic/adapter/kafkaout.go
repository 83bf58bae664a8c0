package adapter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

type kafkaOut struct {
	at, site, group, topic string
	connect                []kgo.Opt // how the brokers are reached
	now                    func() time.Time
	fromEnd                bool
	client                 *kgo.Client // nil before Receive
	read                   map[int32]place
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
	out.group, out.topic, out.connect = group, o.Values["topic"], options
	return out, nil
}

// Receive implements Out. After a rebalance of the group records come again that were not committed yet; they are known by their offsets.
// Records that the application wrote twice have two offsets, and both are given.
func (k *kafkaOut) Receive(ctx context.Context, to Receiver) error {
	blind := blindness{site: k.site}
	defer func() { blind.end(k.now(), to) }()
	if k.fromEnd {
		blind.begin(k.now(), "it was not settled yet where the group begins to read")
		for {
			err := k.beginAtEnd(ctx)
			if err == nil {
				break
			}
			if final(err) {
				return fmt.Errorf("receive over the %s: topic %s: %w", k.at, k.topic, err)
			}
			if !pause(ctx, 100*time.Millisecond) {
				return nil
			}
		}
		blind.end(k.now(), to)
		k.fromEnd = false
	}
	if k.client == nil {
		var err error
		// Whatever the group has no offset for, such as a partition that was added, is read from its start.
		k.client, err = kgo.NewClient(append(slices.Clone(k.connect), kgo.ConsumerGroup(k.group), kgo.ConsumeTopics(k.topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
		if err != nil {
			return fmt.Errorf("receive over the %s: %w", k.at, err)
		}
	}
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
			to.Results(results)
		}
		if fatal != nil {
			return fatal
		}
	}
}

// beginAtEnd commits the present ends of the partitions for the group, unless it has read before. That way it is known when reading began, even if no
// result ever comes.
func (k *kafkaOut) beginAtEnd(ctx context.Context) error {
	client, err := kgo.NewClient(k.connect...)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	admin := kadm.NewClient(client)
	committed, err := admin.FetchOffsets(ctx, k.group)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) { // a group that is new may not exist yet
		return err
	}
	ends, err := admin.ListEndOffsets(ctx, k.topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return err
	}
	begin := kadm.Offsets{}
	ends.Each(func(end kadm.ListedOffset) {
		if before, ok := committed.Lookup(end.Topic, end.Partition); !ok || before.At < 0 {
			begin.AddOffset(end.Topic, end.Partition, end.Offset, end.LeaderEpoch)
		}
	})
	if len(begin) == 0 {
		return nil
	}
	return admin.CommitAllOffsets(ctx, k.group, begin)
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
	if k.client != nil {
		k.client.Close()
	}
	return nil
}
