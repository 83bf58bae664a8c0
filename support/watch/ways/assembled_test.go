package ways_test

import (
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/watch"
	"github.com/crossdc/failover/toolkit"
)

// assembled is an emulated application made of other sources and sinks, and how its description says that it is reached.
type assembled struct {
	parameters func(dc string) map[string]string // how each data center's application is submitted
	traffic    string                            // of the description: adapter and parameters of the way in
	results    string                            // the same of the way out
	numberless bool                              // results are counted
}

// eachPart lists the applications that are assembled, by what they are made of.
func eachPart(t *testing.T) map[string]assembled {
	folder := t.TempDir()
	of := func(dc, name string) string { return filepath.Join(folder, dc+"."+name) }
	for _, dc := range []string{"dc1", "dc2"} { // whoever reads a file first finds it
		for _, name := range []string{"in", "out"} {
			if err := os.WriteFile(of(dc, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	file := assembled{
		parameters: func(dc string) map[string]string {
			return map[string]string{"source": "file", "sourceAddress": of(dc, "in"), "sink": "file", "sinkAddress": of(dc, "out")}
		},
		traffic: fmt.Sprintf("  adapter: file\n  dc1: {path: %s}\n  dc2: {path: %s}\n", of("dc1", "in"), of("dc2", "in")),
		results: fmt.Sprintf("  adapter: file\n  dc1: {path: %s}\n  dc2: {path: %s}\n", of("dc1", "out"), of("dc2", "out")),
	}
	tcp := assembled{
		parameters: func(string) map[string]string {
			return map[string]string{"source": "tcp", "sourceAddress": ":25001", "sink": "tcp", "sinkAddress": ":25002"}
		},
		traffic: "  adapter: tcp\n  with: {address: \"${host}:25001\"}\n",
		results: "  adapter: tcp\n  with: {address: \"${host}:25002\"}\n",
	}
	counted := tcp
	counted.numberless = true
	ports := freePorts(t, 4)
	address := map[string][2]string{"dc1": {ports[0], ports[1]}, "dc2": {ports[2], ports[3]}}
	listened := assembled{
		parameters: func(dc string) map[string]string {
			return map[string]string{"source": "tcp-client", "sourceAddress": address[dc][0], "sink": "tcp-client", "sinkAddress": address[dc][1]}
		},
		traffic: fmt.Sprintf("  adapter: tcp-listen\n  dc1: {listen: %q}\n  dc2: {listen: %q}\n", ports[0], ports[2]),
		results: fmt.Sprintf("  adapter: tcp-listen\n  dc1: {listen: %q}\n  dc2: {listen: %q}\n", ports[1], ports[3]),
	}
	http := assembled{
		parameters: func(string) map[string]string {
			return map[string]string{"source": "http", "sourceAddress": ":25001", "sink": "http", "sinkAddress": ":25002"}
		},
		traffic: "  adapter: http\n  with: {url: \"http://${host}:25001/drill/Events/ports/output/0/inject\"}\n",
		results: "  adapter: http-poll\n  with: {url: \"http://${host}:25002/drill/Results/ports/input/0/tuples\", interval: 20ms}\n",
	}
	parts := map[string]assembled{"files": file, "TCP": tcp, "TCP, results counted": counted, "TCP, we listen": listened, "HTTP": http, "Kafka": throughKafka(t),
		"programs": throughPrograms(t), "server-sent events": throughServerSentEvents(t)}
	if broker, ok := startBroker(t); ok {
		parts["MQTT"] = throughMQTT(broker)
	}
	return parts
}

func throughKafka(t *testing.T) assembled {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "dc1.in", "dc1.out", "dc2.in", "dc2.out"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	broker := cluster.ListenAddrs()[0]
	way := func(name string) string {
		return fmt.Sprintf("  adapter: kafka\n  with: {brokers: %q}\n  dc1: {topic: dc1.%s}\n  dc2: {topic: dc2.%s}\n", broker, name, name)
	}
	return assembled{
		parameters: func(dc string) map[string]string {
			return map[string]string{"source": "kafka", "sourceAddress": broker, "sourceTopic": dc + ".in", "sourceGroup": "application-" + dc,
				"sink": "kafka", "sinkAddress": broker, "sinkTopic": dc + ".out"}
		},
		traffic: way("in") + "  key: '{{channel}}'\n",
		results: way("out"),
	}
}

func throughMQTT(broker string) assembled {
	way := func(name string) string {
		return fmt.Sprintf("  adapter: mqtt\n  with: {address: %q}\n  dc1: {topic: dc1/%s}\n  dc2: {topic: dc2/%s}\n", broker, name, name)
	}
	return assembled{
		parameters: func(dc string) map[string]string {
			return map[string]string{"source": "mqtt", "sourceAddress": broker, "sourceTopic": dc + "/in", "sourceGroup": "application-" + dc,
				"sink": "mqtt", "sinkAddress": broker, "sinkTopic": dc + "/out", "sinkClient": "results-of-" + dc}
		},
		traffic: way("in"),
		results: way("out"),
	}
}

// startBroker starts mosquitto; ok is false where it is not installed.
func startBroker(t *testing.T) (address string, ok bool) {
	t.Helper()
	program, err := exec.LookPath("mosquitto")
	if err != nil {
		if program = "/usr/sbin/mosquitto"; exec.Command(program, "-h").Run() != nil && !exists(program) {
			t.Log("MQTT is left out: mosquitto is not installed")
			return "", false
		}
	}
	address = freePorts(t, 1)[0]
	_, port, _ := net.SplitHostPort(address)
	configuration := filepath.Join(t.TempDir(), "mosquitto.conf")
	if err := os.WriteFile(configuration, fmt.Appendf(nil, "listener %s 127.0.0.1\nuser root\npersistence false\nallow_anonymous true\n", port), 0o600); err != nil {
		t.Fatal(err)
	}
	broker := exec.Command(program, "-c", configuration)
	if err := broker.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = broker.Process.Kill()
		_ = broker.Wait()
	})
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
			return address, true
		}
		if time.Since(began) > 20*time.Second {
			t.Fatalf("mosquitto does not listen: %v", err)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// freePorts are addresses of loopback on which nobody listened a moment ago.
func freePorts(t *testing.T, n int) (addresses []string) {
	t.Helper()
	for range n {
		listener, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses
}

// described writes the description of an application, which the settings then name.
func (a assembled) described(t *testing.T) {
	t.Helper()
	number := "  number: json:/seq\n"
	if a.numberless {
		number = ""
	}
	text := "name: assembled\ncomposite: com.crossdc.drill::FailoverDrill\nchannels: 5\nendpoints: {status: Status}\n" +
		"traffic:\n" + a.traffic + "  event: '{\"dc\":\"assembled\",\"channel\":{{channel}},\"seq\":{{number}},\"check\":0}'\n" +
		"results:\n" + a.results + number + "  by: json:/processedBy\n  within: 10s\n"
	file := filepath.Join(t.TempDir(), "assembled.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CROSSDC_APPLICATION_FILE", file)
}

// TestEveryAdapterReachesAnApplication sends events through each adapter into emulated data centers whose applications have the source and the
// sink that fit, and expects the result of each, from the data center that it was sent to.
func TestEveryAdapterReachesAnApplication(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a pair of data centers for each adapter: make test-long runs it")
	}
	parts := eachPart(t)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		t.Run(name, func(t *testing.T) { parts[name].reached(t) })
	}
}

// enough is how many events must have been taken.
const enough = 60

func (a assembled) reached(t *testing.T) {
	a.described(t)
	settings, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // the programs may have to be compiled
	defer cancel()
	env, err := environment.Open(ctx, settings, environment.Options{Progress: t.Logf, Submit: func(dc string, s *environment.Submission) {
		maps.Copy(s.Parameters, a.parameters(dc))
		s.Parameters["withoutEndpoints"] = "State,Takeover"
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := env.Close(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
	}()
	session, err := watch.Open(ctx, env, watch.Options{Rate: 40})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	want := application.Numbered
	if a.numberless {
		want = application.Counted
	}
	if session.Level != want {
		t.Fatalf("%v, want %v", session.Level, want)
	}
	served := func(when string) {
		for began := time.Now(); ; {
			told := session.Through(ctx)
			if told[0].Outcome == toolkit.Served && told[1].Outcome == toolkit.Served {
				return
			}
			if ctx.Err() != nil || time.Since(began) > time.Minute {
				t.Fatalf("%s: %v %v; %s", when, told[0], told[1], strings.Join(session.Trouble(), "; "))
			}
		}
	}
	served("while traffic runs")
	for acknowledged := int64(0); acknowledged < enough; _, acknowledged = session.Ledger.Counted() {
		if ctx.Err() != nil {
			t.Fatalf("%d of %d events were taken: %v", acknowledged, enough, ctx.Err())
		}
		time.Sleep(5 * time.Millisecond)
	}
	session.Drain()
	for ended := time.Now(); session.Awaits(ended); {
		time.Sleep(5 * time.Millisecond)
	}
	account := session.Account()
	served("by a probe, after the traffic has ended")
	t.Logf("%+v; lost %d to %d: %s", account.Ledger, account.Loss.EarliestEvents, account.Loss.LatestEvents, account.Loss.Why)
	led := account.Ledger
	if led.Acknowledged == 0 || account.Loss.LatestEvents != 0 || led.Duplicated+led.Reordered+led.Corrupted != 0 {
		t.Errorf("each event that was taken gives one result, in order: %+v; lost at most %d (%s)", led, account.Loss.LatestEvents, account.Loss.Why)
	}
	for _, dc := range []string{env.DC1.Name(), env.DC2.Name()} {
		if led.ProcessedBy[dc] == 0 {
			t.Errorf("%s processed nothing", dc)
		}
	}
}
