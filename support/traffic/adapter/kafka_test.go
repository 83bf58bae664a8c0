package adapter

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// kafkaForTest starts a broker of kfake, which speaks Kafka's protocol and stores in memory.
func kafkaForTest(t *testing.T, options ...kfake.Opt) (*kfake.Cluster, string) {
	t.Helper()
	cluster, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1), kfake.SeedTopics(2, "events")}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster, cluster.ListenAddrs()[0]
}

func TestKafkaSendsAndReceivesWithKeys(t *testing.T) {
	_, broker := kafkaForTest(t)
	in := openIn(t, "kafka", Values{"brokers": broker, "topic": "events", "partition": "1"})
	outcomes, err := sendWithin(t, t.Context(), in, []Event{{Key: []byte("k"), Body: []byte("1")}, {Body: []byte("2")}})
	wantOutcomes(t, outcomes, Acknowledged, Acknowledged)
	if err != nil {
		t.Fatal(err)
	}
	_, got, _ := followOut(t, "kafka", Values{"brokers": broker, "topic": "events"})
	got.untilTexts(t, "1", "2")
	if string(got.results[0].Key) != "k" {
		t.Errorf("key %q", got.results[0].Key)
	}
}

// TestKafkaStoresOnceWhatItSendsAgain: the broker stores a request and the connection ends before its answer, so that the client sends it again.
func TestKafkaStoresOnceWhatItSendsAgain(t *testing.T) {
	var cut atomic.Bool
	cluster, broker := kafkaForTest(t)
	relay := cutFirstProduceAnswer(t, broker, &cut)
	in := openIn(t, "kafka", Values{"brokers": broker, "topic": "events", "partition": "0"})
	in.(*kafkaIn).client.Close()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.DefaultProduceTopic("events"), kgo.Dialer(relay), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.WithHooks(in.(*kafkaIn).writes))
	if err != nil {
		t.Fatal(err)
	}
	in.(*kafkaIn).client = client
	outcomes, _ := send(t, in, "1", "2")
	wantOutcomes(t, outcomes, Acknowledged, Acknowledged)
	if !cut.Load() {
		t.Fatal("no answer was cut")
	}
	if n := cluster.PartitionInfo("events", 0).HighWatermark; n != 2 {
		t.Errorf("the broker holds %d records of 2 events", n)
	}
}

func TestKafkaRefusesOnlyWhatNeverLeft(t *testing.T) {
	cluster, broker := kafkaForTest(t)
	cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		return nil, errors.New("the connection ends"), true
	})
	in := openIn(t, "kafka", Values{"brokers": broker, "topic": "missing"})
	outcomes, _ := send(t, in, "1")
	wantOutcomes(t, outcomes, Refused)
	in = openIn(t, "kafka", Values{"brokers": broker, "topic": "events"})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	outcomes, _ = sendWithin(t, ctx, in, bodies("1"))
	wantOutcomes(t, outcomes, Unknown)
}

func TestKafkaProvesWhoItIs(t *testing.T) {
	for _, method := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		_, broker := kafkaForTest(t, kfake.EnableSASL(), kfake.Superuser(method, "we", "opensesame"))
		file := filepath.Join(t.TempDir(), "password")
		if err := os.WriteFile(file, []byte("opensesame\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		in := openIn(t, "kafka", Values{"brokers": broker, "topic": "events", "sasl": strings.ToLower(method), "user": "we", "password_file": file, "allow_plain_sasl": "true"})
		outcomes, _ := send(t, in, "1")
		wantOutcomes(t, outcomes, Acknowledged)
	}
}

func TestKafkaNamesWhatIsWrong(t *testing.T) {
	for say, values := range map[string]Values{
		`"nowhere"`:           {"brokers": "nowhere", "topic": "events"},
		"allow_plain_sasl":    {"brokers": "127.0.0.1:1", "topic": "events", "sasl": "plain", "user": "we"},
		"password_file":       {"brokers": "127.0.0.1:1", "topic": "events", "sasl": "plain", "user": "we", "tls": "true"},
		`"user" is of no use`: {"brokers": "127.0.0.1:1", "topic": "events", "user": "we"},
		`"partition"`:         {"brokers": "127.0.0.1:1", "topic": "events", "partition": "-1"},
	} {
		if _, err := find(t, "kafka").OpenIn(t.Context(), Opening{Site: "dc1", Values: values, Run: "test"}); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%v: %v, want %s", values, err, say)
		}
	}
}

// TestKafkaGivesARecordOnce: what a group reads again is the same record; what the application wrote twice is two.
func TestKafkaGivesARecordOnce(t *testing.T) {
	out := kafkaOut{read: map[int32]place{}}
	fetch := func(offset int64, epoch int32) int {
		record := &kgo.Record{Topic: "events", Offset: offset, LeaderEpoch: epoch, Value: []byte("same")}
		fetches := kgo.Fetches{{Topics: []kgo.FetchTopic{{Topic: "events", Partitions: []kgo.FetchPartition{{Records: []*kgo.Record{record}}}}}}}
		return len(out.take(fetches, time.Time{}, time.Time{}))
	}
	for i, step := range []struct{ offset, epoch, want int }{{0, 1, 1}, {1, 1, 1}, {0, 1, 0}, {1, 1, 0}, {2, 1, 1}, {1, 2, 1}} {
		if got := fetch(int64(step.offset), int32(step.epoch)); got != step.want {
			t.Errorf("step %d: offset %d of epoch %d gave %d results, want %d", i, step.offset, step.epoch, got, step.want)
		}
	}
}

// TestKafkaAgreesWithKcat reads with another client what we wrote, and the other way round.
func TestKafkaAgreesWithKcat(t *testing.T) {
	kcat, err := exec.LookPath("kcat")
	if err != nil {
		t.Skip("kcat is not installed: install the package kcat to check against another client")
	}
	_, broker := kafkaForTest(t)
	in := openIn(t, "kafka", Values{"brokers": broker, "topic": "events", "partition": "0"})
	outcomes, _ := sendWithin(t, t.Context(), in, []Event{{Key: []byte("k"), Body: []byte("ours")}})
	wantOutcomes(t, outcomes, Acknowledged)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	text, err := exec.CommandContext(ctx, kcat, "-b", broker, "-C", "-t", "events", "-p", "0", "-o", "beginning", "-e", "-q", "-f", "%k=%s\n").CombinedOutput()
	if err != nil || string(text) != "k=ours\n" {
		t.Fatalf("kcat reads %q: %v", text, err)
	}
	write := exec.CommandContext(ctx, kcat, "-b", broker, "-P", "-t", "events", "-p", "0")
	write.Stdin = strings.NewReader("theirs\n")
	if text, err := write.CombinedOutput(); err != nil {
		t.Fatalf("kcat writes: %v: %s", err, text)
	}
	_, got, _ := followOut(t, "kafka", Values{"brokers": broker, "topic": "events"})
	got.untilTexts(t, "ours", "theirs")
}
