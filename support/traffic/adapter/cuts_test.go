package adapter

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// cutListener can end every connection that it accepted.
type cutListener struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

// Accept implements net.Listener.
func (c *cutListener) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.mu.Lock()
		c.conns = append(c.conns, conn)
		c.mu.Unlock()
	}
	return conn, err
}

func (c *cutListener) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // what is under way is lost
		}
		_ = conn.Close()
	}
	c.conns = nil
}

// arrived counts events by their text.
type arrived struct {
	mu    sync.Mutex
	times map[string]int
}

func (a *arrived) add(event string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.times[event]++
}

func (a *arrived) count(event string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.times[event]
}

// cuttable is a server whose connections end at random moments.
type cuttable struct {
	adapter string
	values  Values
	cut     func()
	got     *arrived
	read    func() // counts what can be read by now; nil: it is counted as it comes
}

// reading counts what a way out receives.
func (a *arrived) reading(r *received) func() {
	seen := 0
	return func() {
		all := r.texts()
		for _, event := range all[seen:] {
			a.add(event)
		}
		seen = len(all)
	}
}

func cuttableHTTP(t *testing.T) cuttable {
	got := &arrived{times: map[string]int{}}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		for event := range strings.FieldsSeq(string(body)) {
			got.add(event)
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	listener := &cutListener{Listener: server.Listener}
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return cuttable{"http", Values{"url": server.URL, "batch": "5", "parallel": "2"}, listener.cut, got, nil}
}

func cuttableTCP(t *testing.T) cuttable {
	got := &arrived{times: map[string]int{}}
	listener := &cutListener{Listener: listenForTest(t)}
	go func() { // ends with the listener
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				for reader := bufio.NewReader(conn); ; {
					line, err := reader.ReadString('\n')
					if err != nil {
						return // a line without its end is none
					}
					got.add(strings.TrimSpace(line))
				}
			}()
		}
	}()
	return cuttable{"tcp", Values{"address": listener.Addr().String()}, listener.cut, got, nil}
}

func cuttableKafka(acks string) func(t *testing.T) cuttable {
	return func(t *testing.T) cuttable {
		var listener *cutListener
		_, broker := kafkaForTest(t, kfake.ListenFn(func(network, address string) (net.Listener, error) {
			inner, err := net.Listen(network, address)
			listener = &cutListener{Listener: inner}
			return listener, err
		}))
		got := &arrived{times: map[string]int{}}
		var read func()
		return cuttable{"kafka", Values{"brokers": broker, "topic": "events", "acks": acks, "partition": "0"}, listener.cut, got, func() {
			if read == nil { // now that nobody cuts
				_, r, _ := followOut(t, "kafka", Values{"brokers": broker, "topic": "events"})
				read = got.reading(r)
			}
			read()
		}}
	}
}

func cuttableMQTT(qos string) func(t *testing.T) cuttable {
	return func(t *testing.T) cuttable {
		broker := startMosquitto(t)
		way := startRelay(t, broker.address)
		r, _ := subscribed(t, Values{"address": broker.address, "topic": "events", "qos": "2"})
		got := &arrived{times: map[string]int{}}
		return cuttable{"mqtt", Values{"address": way.address(), "topic": "events", "qos": qos, "client_id": "sender"}, way.cut, got, got.reading(r)}
	}
}

// TestNothingIsSentTwiceWhereConnectionsEnd ends connections at random moments while events are sent. Whatever our adapters and their libraries do
// about it: what was acknowledged arrived once, what was refused did not arrive, and nothing arrived twice.
func TestNothingIsSentTwiceWhereConnectionsEnd(t *testing.T) {
	const events, atOnce = 500, 10
	for name, start := range map[string]func(*testing.T) cuttable{
		"http": cuttableHTTP, "tcp": cuttableTCP, "kafka": cuttableKafka("all"), "kafka, leader alone": cuttableKafka("leader"),
		"mqtt 0": cuttableMQTT("0"), "mqtt 1": cuttableMQTT("1"), "mqtt 2": cuttableMQTT("2"),
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t)
			in := openIn(t, c.adapter, c.values)
			seed := rand.Uint64()
			random := rand.New(rand.NewPCG(seed, 1))
			outcomes := map[string]Outcome{}
			counts := map[Outcome]int{}
			done := make(chan struct{})
			var cutter sync.WaitGroup
			cuts := 0
			cutter.Go(func() {
				pauses := rand.New(rand.NewPCG(seed, 2))
				for {
					select {
					case <-done:
						return
					case <-time.After(time.Duration(pauses.IntN(20_000)) * time.Microsecond):
						c.cut()
						cuts++
					}
				}
			})
			for first := 0; first < events; {
				batch := make([]Event, 1+random.IntN(atOnce))
				for i := range batch {
					batch[i].Body = fmt.Appendf(nil, "%08d", first+i)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				got, _ := sendWithin(t, ctx, in, batch)
				cancel()
				for i, outcome := range got {
					outcomes[fmt.Sprintf("%08d", first+i)] = outcome
					counts[outcome]++
				}
				first += len(batch)
				time.Sleep(time.Duration(random.IntN(500)) * time.Microsecond)
			}
			close(done)
			cutter.Wait()
			// The last event tells that all before it are counted. What is sent into a connection that is dead already is lost, so that it takes several.
			eventually(t, "a last event arrives", func() bool {
				last := fmt.Sprintf("%08d", 10_000_000+random.IntN(10_000_000))
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				if got, _ := in.Send(ctx, bodies(last)); got[0] != Acknowledged && got[0] != Sent {
					return false
				}
				for deadline := time.Now().Add(time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
					if c.read != nil {
						c.read()
					}
					if c.got.count(last) > 0 {
						return true
					}
				}
				return false
			})
			t.Logf("seed %d: %d cuts, %v", seed, cuts, counts)
			if counts[Acknowledged]+counts[Sent] == 0 || cuts < 5 {
				t.Errorf("seed %d: nothing was tried: %d cuts, %v", seed, cuts, counts)
			}
			for event, outcome := range outcomes {
				n := c.got.count(event)
				if n > 1 || outcome == Acknowledged && n != 1 || outcome == Refused && n != 0 {
					t.Errorf("seed %d: event %s is %v and arrived %d times", seed, event, outcome, n)
				}
			}
		})
	}
}
