package adapter

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// subscribed follows a topic and waits until the broker has the subscription: the time before it is told as a gap.
func subscribed(t *testing.T, values Values) (r *received, stop func()) {
	t.Helper()
	_, r, stop = followOut(t, "mqtt", values)
	r.until(t, "the subscription", func() bool { return len(r.gapsSeen()) == 1 })
	return r, stop
}

func TestMQTTBrokerTakesEveryQuality(t *testing.T) {
	broker := startMosquitto(t, "max_inflight_messages 2")
	for qos, outcome := range map[string]Outcome{"0": Sent, "1": Acknowledged, "2": Acknowledged} {
		values := Values{"address": broker.address, "topic": "events/" + qos, "qos": qos}
		r, stop := subscribed(t, values)
		in := openIn(t, "mqtt", values)
		var want []string
		for i := range 50 {
			want = append(want, fmt.Sprint("event ", i))
		}
		outcomes, err := send(t, in, want...)
		if err != nil {
			t.Fatal(err)
		}
		wantOutcomes(t, outcomes, every(len(want), outcome)...)
		r.untilTexts(t, want...)
		if acknowledges := find(t, "mqtt").AcknowledgesWith(values); acknowledges != (outcome == Acknowledged) {
			t.Errorf("qos %s acknowledges: %v", qos, acknowledges)
		}
		stop()
	}
}

// TestMQTTBrokerThatIsAwayRefuses: what cannot leave is refused, and the next event after the broker's return is taken.
func TestMQTTBrokerThatIsAwayRefuses(t *testing.T) {
	broker := startMosquitto(t)
	in := openIn(t, "mqtt", Values{"address": broker.address, "topic": "events"})
	outcomes, _ := send(t, in, "1")
	wantOutcomes(t, outcomes, Acknowledged)
	broker.stop()
	eventually(t, "the end of the connection is noticed", in.(*mqttIn).link.ended)
	outcomes, err := send(t, in, "2", "3")
	wantOutcomes(t, outcomes, Refused, Refused)
	if err == nil || !strings.Contains(err.Error(), "mqtt way into dc1") || !strings.Contains(err.Error(), broker.address) {
		t.Errorf("%v", err)
	}
	broker.start()
	outcomes, _ = send(t, in, "4")
	wantOutcomes(t, outcomes, Acknowledged)
}

// TestMQTTBrokerHoldsOnceWhatWasNotAcknowledged: the broker took an event and its acknowledgement was lost. The event stays unknown, and nobody
// publishes it again over the next connection.
func TestMQTTBrokerHoldsOnceWhatWasNotAcknowledged(t *testing.T) {
	for _, qos := range []string{"1", "2"} {
		broker := startMosquitto(t)
		r, _ := subscribed(t, Values{"address": broker.address, "topic": "events", "qos": "2"})
		way := startRelay(t, broker.address)
		in := openIn(t, "mqtt", Values{"address": way.address(), "topic": "events", "qos": qos, "client_id": "sender"})
		outcomes, _ := send(t, in, "1")
		wantOutcomes(t, outcomes, Acknowledged)
		way.swallow(false)
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		settled := make(chan []Outcome, 1)
		go func() {
			outcomes, _ := in.Send(ctx, bodies("2"))
			settled <- outcomes
		}()
		eventually(t, "the broker's answer is swallowed", func() bool { return way.swallowed() > 0 })
		way.cut()
		wantOutcomes(t, <-settled, Unknown)
		cancel()
		outcomes, _ = send(t, in, "3")
		wantOutcomes(t, outcomes, Acknowledged)
		want := []string{"1", "2", "3"}
		if qos == "2" {
			want = []string{"1", "3"} // mosquitto hands a message of qos 2 on once the sender released it, which it did not
		}
		r.untilTexts(t, want...)
	}
}

// TestMQTTBrokerThatFreezesLeavesUnknown: what it may have taken is unknown, and a connection without a sign of life is given up.
func TestMQTTBrokerThatFreezesLeavesUnknown(t *testing.T) {
	broker := startMosquitto(t)
	in := openIn(t, "mqtt", Values{"address": broker.address, "topic": "events", "keep_alive": "1"})
	outcomes, _ := send(t, in, "1")
	wantOutcomes(t, outcomes, Acknowledged)
	broker.signal(syscall.SIGSTOP)
	outcomes, err := send(t, in, "2")
	wantOutcomes(t, outcomes, Unknown)
	if errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the connection outlived its keep alive: %v", err)
	}
	broker.signal(syscall.SIGCONT)
	outcomes, _ = send(t, in, "3")
	wantOutcomes(t, outcomes, Acknowledged)
}

// TestMQTTBrokerThatSendsAgainIsKnown: our acknowledgement of a result is lost, so that the broker sends the result again over the next connection.
func TestMQTTBrokerThatSendsAgainIsKnown(t *testing.T) {
	for _, qos := range []string{"1", "2"} {
		broker := startMosquitto(t)
		way := startRelay(t, broker.address)
		r, _ := subscribed(t, Values{"address": way.address(), "topic": "results", "qos": qos, "keeps": "true", "retry": "2ms"})
		in := openIn(t, "mqtt", Values{"address": broker.address, "topic": "results", "qos": qos})
		send(t, in, "1")
		r.untilTexts(t, "1")
		way.swallow(true)
		send(t, in, "2")
		r.untilTexts(t, "1", "2")
		eventually(t, "our acknowledgement is swallowed", func() bool { return way.swallowed() > 0 })
		way.cut()
		send(t, in, "2", "3") // the application says 2 twice, which is not the broker's repetition
		r.untilTexts(t, "1", "2", "2", "3")
		if gaps := r.gapsSeen(); len(gaps) != 1 {
			t.Errorf("qos %s: gaps %v although the broker keeps everything", qos, gaps)
		}
	}
}

// TestMQTTBrokerThatForgetsIsAGap: unless the broker keeps everything for us, a lost connection may have missed results; a broker that was started
// again knows nothing of us, whatever was promised.
func TestMQTTBrokerThatForgetsIsAGap(t *testing.T) {
	for _, keeps := range []string{"true", "false"} {
		broker := startMosquitto(t)
		way := startRelay(t, broker.address)
		r, _ := subscribed(t, Values{"address": way.address(), "topic": "results", "keeps": keeps, "retry": "2ms"})
		gaps := 1
		if keeps == "false" {
			way.cut()
			r.until(t, "a gap after the cut", func() bool { return len(r.gapsSeen()) == 2 })
			gaps = 2
		}
		broker.stop()
		broker.start()
		r.until(t, "a gap after the restart", func() bool { return len(r.gapsSeen()) == gaps+1 })
		send(t, openIn(t, "mqtt", Values{"address": broker.address, "topic": "results"}), "after")
		r.untilTexts(t, "after")
	}
}

// TestMQTTOutTellsWhenItNeverSaw: who never reached the broker says so when it is told to stop.
func TestMQTTOutTellsWhenItNeverSaw(t *testing.T) {
	listener := listenForTest(t)
	_ = listener.Close()
	_, r, stop := followOut(t, "mqtt", Values{"address": listener.Addr().String(), "topic": "results", "retry": "2ms"})
	stop()
	if gaps := r.gapsSeen(); len(gaps) != 1 || !gaps[0].Until.After(gaps[0].From) {
		t.Errorf("gaps %v", gaps)
	}
}

// TestMQTTBrokerKeepsNothingOfUs: nothing that an earlier life retained is a result, and the subscription ends with us.
func TestMQTTBrokerKeepsNothingOfUs(t *testing.T) {
	pub, err := exec.LookPath("mosquitto_pub")
	if err != nil {
		t.Skip("mosquitto_pub is not installed: install the package mosquitto-clients to test against another client")
	}
	broker := startMosquitto(t)
	host, port, _ := strings.Cut(broker.address, ":")
	publish := func(text string, more ...string) {
		if said, err := exec.Command(pub, append([]string{"-h", host, "-p", port, "-t", "results", "-q", "1", "-m", text}, more...)...).CombinedOutput(); err != nil {
			t.Fatalf("mosquitto_pub: %v: %s", err, said)
		}
	}
	publish("old", "-r")
	values := Values{"address": broker.address, "topic": "results", "client_id": "reader"}
	r, stop := subscribed(t, values)
	publish("new")
	r.untilTexts(t, "new")
	stop()
	publish("while nobody looked")
	r, _ = subscribed(t, values)
	publish("last")
	r.untilTexts(t, "last")
}

func TestMQTTBrokerAsksWhoWeAre(t *testing.T) {
	passwd, err := exec.LookPath("mosquitto_passwd")
	if err != nil {
		t.Skip("mosquitto_passwd is not installed: install the package mosquitto to test against a real MQTT broker")
	}
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	passwords := file("passwords", "we:opensesame\n")
	if said, err := exec.Command(passwd, "-U", passwords).CombinedOutput(); err != nil {
		t.Fatalf("mosquitto_passwd: %v: %s", err, said)
	}
	certificate, key := certificateForTest(t)
	broker := startMosquitto(t, "allow_anonymous false", "password_file "+passwords, "certfile "+certificate, "keyfile "+key,
		"acl_file "+file("acl", "user we\ntopic readwrite events\n"))
	right := Values{"address": broker.address, "topic": "events", "tls": "true", "ca_file": certificate, "user": "we", "password_file": file("right", "opensesame\n")}
	with := func(name, value string) Values {
		v := Values{name: value}
		for n, old := range right {
			if n != name {
				v[n] = old
			}
		}
		return v
	}
	r, _ := subscribed(t, right)
	outcomes, _ := send(t, openIn(t, "mqtt", right), "1")
	wantOutcomes(t, outcomes, Acknowledged)
	r.untilTexts(t, "1")

	for what, values := range map[string]Values{
		"ot authorized":                      with("password_file", file("wrong", "closesesame\n")), // of the connection
		"certificate signed by unknown auth": with("ca_file", ""),
		"with 0x87":                          with("topic", "elsewhere"), // of one message
	} {
		outcomes, err := send(t, openIn(t, "mqtt", values), "1")
		wantOutcomes(t, outcomes, Refused)
		if err == nil || !strings.Contains(err.Error(), what) || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%v, want %q", err, what)
		}
	}
	for _, values := range []Values{with("password_file", file("wrong", "closesesame\n"))} {
		out, err := find(t, "mqtt").OpenOut(t.Context(), Opening{Site: "dc1", Values: values, Run: "test"})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		if err := out.Receive(ctx, &received{news: make(chan struct{}, 1)}); err == nil || !strings.Contains(err.Error(), "mqtt way out of dc1") || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%v", err)
		}
		if err := out.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestMQTTBrokerSaysThatNobodyListens: the protocol tells, and the application file decides whether that is a refusal.
func TestMQTTBrokerSaysThatNobodyListens(t *testing.T) {
	broker := startMosquitto(t)
	for unheard, want := range map[string]Outcome{"acknowledged": Acknowledged, "refused": Refused} {
		outcomes, _ := send(t, openIn(t, "mqtt", Values{"address": broker.address, "topic": "events", "unheard": unheard}), "1")
		wantOutcomes(t, outcomes, want)
	}
}

func TestMQTTNamesWhatIsWrong(t *testing.T) {
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for say, values := range map[string]Values{
		`"nowhere"`:            {"address": "nowhere", "topic": "events"},
		`"a/+"`:                {"address": "127.0.0.1:1", "topic": "a/+"},
		`"3"`:                  {"address": "127.0.0.1:1", "topic": "a", "qos": "3"},
		"allow_plain_password": {"address": "broker:1883", "topic": "a", "user": "we", "password_file": password},
		"needs user":           {"address": "127.0.0.1:1", "topic": "a", "password_file": password},
		"keep_alive":           {"address": "127.0.0.1:1", "topic": "a", "keep_alive": "0"},
	} {
		if _, err := find(t, "mqtt").OpenIn(t.Context(), Opening{Site: "dc1", Values: values, Run: "test"}); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%v: %v, want %s", values, err, say)
		}
	}
	for say, values := range map[string]Values{
		`"a/#/b"`: {"address": "127.0.0.1:1", "topic": "a/#/b"},
		`"keeps"`: {"address": "127.0.0.1:1", "topic": "a", "qos": "0", "keeps": "true"},
	} {
		if _, err := find(t, "mqtt").OpenOut(t.Context(), Opening{Site: "dc1", Values: values, Run: "test"}); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%v: %v, want %s", values, err, say)
		}
	}
	if _, err := find(t, "mqtt").OpenIn(t.Context(), Opening{Values: Values{"address": "127.0.0.1:1", "topic": "a"}}); err == nil || !strings.Contains(err.Error(), "client_id") {
		t.Errorf("%v", err)
	}
}

func FuzzTopic(f *testing.F) {
	for _, topic := range []string{"a/b", "+/b/#", "a+", "#/a", "\x00"} {
		f.Add(topic)
	}
	f.Fuzz(func(t *testing.T, topic string) {
		name, filter := checkTopic(topic, false) == nil, checkTopic(topic, true) == nil
		if name && (!filter || strings.ContainsAny(topic, "+#\x00")) {
			t.Errorf("%q is a name: %v, a filter: %v", topic, name, filter)
		}
		if filter && slices.ContainsFunc(strings.Split(topic, "/"), func(level string) bool { return len(level) > 1 && strings.ContainsAny(level, "+#") }) {
			t.Errorf("%q is a filter", topic)
		}
	})
}

func TestWholeSeconds(t *testing.T) {
	for d, want := range map[time.Duration]uint32{time.Nanosecond: 1, time.Second: 1, 1500 * time.Millisecond: 2, 1 << 62: 1<<32 - 2} {
		if got := wholeSeconds(d); got != want {
			t.Errorf("%v: %d, want %d", d, got, want)
		}
	}
}
