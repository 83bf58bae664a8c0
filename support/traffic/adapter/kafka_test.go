package adapter

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
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

// TestKafkaStoresOnceWhatItSendsAgain: the broker stores a request and the connection ends before its answer. Where every replica acknowledges the
// client sends it again under its sequence number; elsewhere nobody sends it again, and it stays unknown.
func TestKafkaStoresOnceWhatItSendsAgain(t *testing.T) {
	for acks, want := range map[string][]Outcome{"all": {Acknowledged, Acknowledged}, "leader": {Unknown, Unknown}} {
		var cut atomic.Bool
		cluster, broker := kafkaForTest(t)
		values := Values{"brokers": broker, "topic": "events", "partition": "0", "acks": acks}
		in := openIn(t, "kafka", values).(*kafkaIn)
		values = find(t, "kafka").filled(values)
		in.client.Close()
		options, err := kafkaOptions(values)
		if err != nil {
			t.Fatal(err)
		}
		more, err := in.produceOptions(values)
		if err != nil {
			t.Fatal(err)
		}
		if in.client, err = kgo.NewClient(append(append(options, more...), kgo.Dialer(cutFirstProduceAnswer(t, broker, &cut)), kgo.ProducerLinger(50*time.Millisecond))...); err != nil {
			t.Fatal(err)
		}
		outcomes, _ := send(t, in, "1", "2")
		wantOutcomes(t, outcomes, want...)
		if !cut.Load() {
			t.Fatal("no answer was cut")
		}
		if n := cluster.PartitionInfo("events", 0).HighWatermark; n != 2 {
			t.Errorf("acks %s: the broker holds %d records of 2 events", acks, n)
		}
	}
}

// TestKafkaWithoutAcknowledgements: nobody acknowledges, so that events are sent.
func TestKafkaWithoutAcknowledgements(t *testing.T) {
	_, broker := kafkaForTest(t)
	values := Values{"brokers": broker, "topic": "events", "acks": "none"}
	outcomes, _ := send(t, openIn(t, "kafka", values), "1", "2")
	wantOutcomes(t, outcomes, Sent, Sent)
	if a := find(t, "kafka"); a.AcknowledgesWith(values) || !a.AcknowledgesWith(Values{}) || !a.AcknowledgesWith(Values{"acks": "leader"}) {
		t.Error("acknowledgements of acks none, all and leader")
	}
}

// TestKafkaBeginsAtTheEnd: what was there before is not read, and when reading began is told although no result has come. A group that has read
// before goes on where it was.
func TestKafkaBeginsAtTheEnd(t *testing.T) {
	_, broker := kafkaForTest(t)
	in := openIn(t, "kafka", Values{"brokers": broker, "topic": "events", "partition": "0"})
	send(t, in, "old")
	values := Values{"brokers": broker, "topic": "events", "start": "end", "group": "g"}
	_, r, stop := followOut(t, "kafka", values)
	r.until(t, "the gap before reading began", func() bool { return len(r.gapsSeen()) == 1 })
	send(t, in, "1", "2")
	r.untilTexts(t, "1", "2")
	stop()
	send(t, in, "3")
	_, r, _ = followOut(t, "kafka", values)
	r.untilTexts(t, "3")
}

func TestKafkaThatIsAwayIsAGap(t *testing.T) {
	listener := listenForTest(t)
	_ = listener.Close()
	_, r, stop := followOut(t, "kafka", Values{"brokers": listener.Addr().String(), "topic": "events", "start": "end"})
	stop()
	if gaps := r.gapsSeen(); len(gaps) != 1 {
		t.Errorf("gaps %v", gaps)
	}
}

func TestKafkaVerifiesCertificates(t *testing.T) {
	certificate, key := certificateForTest(t)
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	_, broker := kafkaForTest(t, kfake.TLS(&tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}))
	values := Values{"brokers": broker, "topic": "events", "tls": "true", "ca_file": certificate, "partition": "0"}
	outcomes, _ := send(t, openIn(t, "kafka", values), "1")
	wantOutcomes(t, outcomes, Acknowledged)
	delete(values, "partition")
	_, r, _ := followOut(t, "kafka", values)
	r.untilTexts(t, "1")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	outcomes, err = sendWithin(t, ctx, openIn(t, "kafka", Values{"brokers": broker, "topic": "events", "tls": "true"}), bodies("2"))
	wantOutcomes(t, outcomes, Refused)
	if err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("%v does not say what is wrong with the certificate", err)
	}
}

// TestKafkaOfARealCluster runs where CROSSDC_TEST_KAFKA names the brokers of one, host:port separated by commas. It makes a topic and deletes it.
func TestKafkaOfARealCluster(t *testing.T) {
	brokers := os.Getenv("CROSSDC_TEST_KAFKA")
	if brokers == "" {
		t.Skip("CROSSDC_TEST_KAFKA names no brokers of a real cluster")
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(brokers, ",")...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	admin, topic := kadm.NewClient(client), fmt.Sprintf("crossdc-test-%d", time.Now().UnixNano())
	ctx, cancel := context.WithTimeout(context.Background(), 4*limit)
	t.Cleanup(cancel)
	if made, err := admin.CreateTopic(ctx, 2, -1, nil, topic); err != nil || made.Err != nil {
		t.Fatalf("create topic %s: %v, %v", topic, err, made.Err)
	}
	t.Cleanup(func() { _, _ = admin.DeleteTopic(ctx, topic) })
	values := func(more ...string) Values {
		v := Values{"brokers": brokers, "topic": topic}
		for i := 0; i+1 < len(more); i += 2 {
			v[more[i]] = more[i+1]
		}
		return v
	}
	before := openIn(t, "kafka", values("partition", "0"))
	if outcomes, err := send(t, before, "old"); err != nil {
		t.Fatal(outcomes, err)
	}
	group := topic + "-end"
	_, end, stop := followOut(t, "kafka", values("start", "end", "group", group))
	end.until(t, "the gap before reading began", func() bool { return len(end.gapsSeen()) == 1 })
	for acks, want := range map[string]Outcome{"all": Acknowledged, "leader": Acknowledged, "none": Sent} {
		outcomes, err := send(t, openIn(t, "kafka", values("acks", acks, "partition", "0")), "with acks "+acks)
		if err != nil {
			t.Fatal(err)
		}
		wantOutcomes(t, outcomes, want)
	}
	end.until(t, "three results", func() bool { return len(end.texts()) == 3 })
	stop()
	_, all, stopAll := followOut(t, "kafka", values("group", topic+"-all"))
	all.until(t, "all results", func() bool { return len(all.texts()) == 4 })
	stopAll()
	_, _ = admin.DeleteGroups(ctx, group, topic+"-all")
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
