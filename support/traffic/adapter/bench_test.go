package adapter

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/crossdc/failover/support/traffic"
)

// discards makes the test binary a server that discards what it gets, as the variable says: http, tcp or kafka.
const discards = "CROSSDC_TEST_DISCARDS"

func TestMain(m *testing.M) {
	if kind := os.Getenv(discards); kind != "" {
		if err := discard(kind); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// discard serves until its standard input ends, and first says where.
func discard(kind string) error {
	if kind == "kafka" {
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(4, "events"), kfake.BlackholeProduce())
		if err != nil {
			return err
		}
		defer cluster.Close()
		fmt.Println(cluster.ListenAddrs()[0])
		_, err = io.Copy(io.Discard, os.Stdin)
		return err
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	fmt.Println(listener.Addr())
	if kind == "http" {
		server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusNoContent)
		})}
		defer server.Close()
		go func() { _ = server.Serve(listener) }()
	} else {
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				go func() { _, _ = io.Copy(io.Discard, conn) }()
			}
		}()
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// discardingServer starts such a server in a process of its own.
func discardingServer(b *testing.B, kind string) (address string) {
	b.Helper()
	server := exec.Command(os.Args[0])
	server.Env = append(os.Environ(), discards+"="+kind)
	server.Stderr = os.Stderr
	server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdin, err := server.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close()
		_ = server.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// BenchmarkTraffic sends 20,000 events/s of 120 bytes through generator, ledger and adapter, against a server that discards them. What the three cost
// together stays under one core; the server is not counted.
func BenchmarkTraffic(b *testing.B) {
	const rate, seconds = 10_000, 3 // of each of the two streams
	for _, test := range []struct {
		name, kind, adapter string
		values              func(address string) Values
		single              bool // one event a request: how far one gets is told, not demanded
	}{
		{"http-batch-100", "http", "http", func(a string) Values { return Values{"url": "http://" + a + "/", "batch": "100"} }, false},
		{"http-single", "http", "http", func(a string) Values { return Values{"url": "http://" + a + "/", "parallel": "16"} }, true},
		{"tcp", "tcp", "tcp", func(a string) Values { return Values{"address": a} }, false},
		{"kafka", "kafka", "kafka", func(a string) Values { return Values{"brokers": a, "topic": "events"} }, false},
	} {
		b.Run(test.name, func(b *testing.B) {
			address := discardingServer(b, test.kind)
			for b.Loop() {
				ways := map[string]In{}
				for _, site := range []string{"dc1", "dc2"} {
					in, err := find(b, test.adapter).OpenIn(b.Context(), Opening{Site: site, Values: test.values(address), Run: "bench"})
					if err != nil {
						b.Fatal(err)
					}
					if _, err := in.Send(b.Context(), bodies("first")); err != nil { // connections and metadata
						b.Fatal(err)
					}
					ways[site] = in
				}
				body, err := NewTemplate(`{"number":{{number}},"due":"{{due}}","payload":"{{payload 40}}"}`)
				if err != nil {
					b.Fatal(err)
				}
				key, err := NewTemplate("{{channel}}")
				if err != nil {
					b.Fatal(err)
				}
				sites := [2]string{"dc1", "dc2"}
				sink, err := NewSink(Templates{Body: body, Key: key, Numbering: Numbering{Sites: sites}, Random: rand.New(rand.NewPCG(1, 1))}, ways)
				if err != nil {
					b.Fatal(err)
				}
				generator, err := traffic.NewGenerator(traffic.Options{Sites: sites, Rate: rate}, sink)
				if err != nil {
					b.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(b.Context(), seconds*time.Second)
				before, start := processorTime(b), time.Now()
				if err := generator.Run(ctx); err != nil {
					b.Fatal(err)
				}
				cancel()
				wall := time.Since(start)
				cores := (processorTime(b) - before).Seconds() / wall.Seconds()
				a := generator.Account()
				b.ReportMetric(cores, "cores")
				b.ReportMetric(float64(a.Ledger.Acknowledged)/wall.Seconds(), "events/s")
				b.ReportMetric(float64(generator.Lateness().P99)/float64(time.Millisecond), "p99-late-ms")
				if share := float64(a.Ledger.Acknowledged) / (2 * rate * wall.Seconds()); !test.single && (cores > 1 || share < 0.99) {
					b.Errorf("%.0f%% of 20,000 events/s took %.2f cores: want all of them with one", 100*share, cores)
				}
				for _, in := range ways {
					if err := in.Close(); err != nil {
						b.Error(err)
					}
				}
			}
		})
	}
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
