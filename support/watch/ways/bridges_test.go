package ways_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// What the test program does instead of testing, when it is the program that the adapter exec starts.
const (
	bridgeIn  = "bridge-in"  // lines of its input to an address
	bridgeOut = "bridge-out" // lines of an address to its output
)

func TestMain(m *testing.M) {
	if len(os.Args) != 3 || os.Args[1] != bridgeIn && os.Args[1] != bridgeOut {
		os.Exit(m.Run())
	}
	conn, err := net.DialTimeout("tcp", os.Args[2], 10*time.Second)
	if err == nil {
		if os.Args[1] == bridgeIn {
			_, err = io.Copy(conn, os.Stdin)
		} else {
			_, err = io.Copy(os.Stdout, conn)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// throughPrograms is an application behind programs that read and write lines.
func throughPrograms(t *testing.T) assembled {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	way := func(does string, port int) string {
		return fmt.Sprintf("  adapter: exec\n  with: {command: \"%s\\n%s\\n${host}:%d\"}\n", own, does, port)
	}
	return assembled{
		parameters: func(string) map[string]string {
			return map[string]string{"source": "tcp", "sourceAddress": ":25001", "sink": "tcp", "sinkAddress": ":25002"}
		},
		traffic: way(bridgeIn, 25001),
		results: way(bridgeOut, 25002),
	}
}

// collector takes what the sinks of applications push, line by line, and keeps it.
type collector struct {
	listener net.Listener
	mu       sync.Mutex
	lines    []string
	more     chan struct{} // closed and renewed with every line
}

func collect(t *testing.T) *collector {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &collector{listener: listener, more: make(chan struct{})}
	var taking sync.WaitGroup
	taking.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			stop := context.AfterFunc(t.Context(), func() { _ = conn.Close() })
			taking.Go(func() {
				defer stop()
				defer conn.Close()
				c.take(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		taking.Wait()
	})
	return c
}

func (c *collector) take(conn io.Reader) {
	scanner := bufio.NewScanner(conn)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		c.mu.Lock()
		c.lines = append(c.lines, scanner.Text())
		close(c.more)
		c.more = make(chan struct{})
		c.mu.Unlock()
	}
}

// from are the lines from the n-th on, and a channel that is closed when there are more.
func (c *collector) from(n int) ([]string, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lines[min(n, len(c.lines)):], c.more
}

// ServeHTTP sends the lines as server-sent events whose ids count them, from the one after Last-Event-ID on.
func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	next, _ := strconv.Atoi(r.Header.Get("Last-Event-ID")) // none: from the beginning
	w.Header().Set("Content-Type", "text/event-stream")
	for {
		lines, more := c.from(next)
		for _, line := range lines {
			next++
			if _, err := fmt.Fprintf(w, "id: %d\ndata: %s\n\n", next, line); err != nil {
				return
			}
		}
		w.(http.Flusher).Flush()
		select {
		case <-more:
		case <-r.Context().Done():
			return
		}
	}
}

// serve starts a server and ends it with the test, with whoever still listens.
func serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

// throughServerSentEvents is an application whose results come as server-sent events.
func throughServerSentEvents(t *testing.T) assembled {
	t.Helper()
	results := map[string]*collector{"dc1": collect(t), "dc2": collect(t)}
	return assembled{
		parameters: func(dc string) map[string]string {
			return map[string]string{"source": "http", "sourceAddress": ":25001", "sink": "tcp-client", "sinkAddress": results[dc].listener.Addr().String()}
		},
		traffic: "  adapter: http\n  with: {url: \"http://${host}:25001/drill/Events/ports/output/0/inject\"}\n",
		results: fmt.Sprintf("  adapter: http-sse\n  with: {resumes: true}\n  dc1: {url: %q}\n  dc2: {url: %q}\n", serve(t, results["dc1"]), serve(t, results["dc2"])),
	}
}
