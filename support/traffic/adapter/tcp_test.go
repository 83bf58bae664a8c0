package adapter

import (
	"bufio"
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

func listenForTest(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

func accept(t *testing.T, listener net.Listener) net.Conn {
	t.Helper()
	_ = listener.(*net.TCPListener).SetDeadline(time.Now().Add(limit))
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func readText(t *testing.T, conn net.Conn, lines int) []string {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(limit))
	var out []string
	for scanner := bufio.NewScanner(conn); len(out) < lines && scanner.Scan(); {
		out = append(out, scanner.Text())
	}
	return out
}

func TestTCPSendsLinesAndConnectsAgain(t *testing.T) {
	listener := listenForTest(t)
	in := openIn(t, "tcp", Values{"address": listener.Addr().String()})
	outcomes, _ := send(t, in, "1", "2\n3", "", "4")
	wantOutcomes(t, outcomes, Sent, Refused, Refused, Sent)
	first := accept(t, listener)
	if got := readText(t, first, 2); !slices.Equal(got, []string{"1", "4"}) {
		t.Errorf("%q", got)
	}
	_ = first.Close()
	conn := in.(*tcpIn).conn
	eventually(t, "the end of the connection is noticed", conn.ended)
	outcomes, _ = send(t, in, "5")
	wantOutcomes(t, outcomes, Sent)
	if got := readText(t, accept(t, listener), 1); !slices.Equal(got, []string{"5"}) {
		t.Errorf("what was sent after the connection was lost: %q", got)
	}
}

func TestTCPRefusesWhatNobodyListensFor(t *testing.T) {
	listener := listenForTest(t)
	in := openIn(t, "tcp", Values{"address": listener.Addr().String()})
	_ = listener.Close()
	outcomes, err := send(t, in, "1", "2")
	wantOutcomes(t, outcomes, Refused, Refused)
	if err == nil || !strings.Contains(err.Error(), "tcp way into dc1") {
		t.Errorf("%v", err)
	}
}

// TestTCPKnowsWhichLineWasCut: the other side stops reading, so that a write ends in the middle. What is out is sent, the line that was cut is
// unknown, and what never left is refused. No line is sent again over the next connection.
func TestTCPKnowsWhichLineWasCut(t *testing.T) {
	listener := listenForTest(t)
	in := openIn(t, "tcp", Values{"address": listener.Addr().String()})
	events := make([]Event, 400)
	for i := range events {
		events[i].Body = []byte(strings.Repeat(string(rune('a'+i%26)), 100_000))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	begun := make(chan net.Conn, 1)
	go func() {
		defer cancel()
		conn, err := listener.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.CopyN(io.Discard, conn, 150_001) // into the second line, so that one is surely whole
		begun <- conn
	}()
	outcomes, err := sendWithin(t, ctx, in, events)
	if err == nil {
		t.Fatal("40 MB fit into a connection that nobody reads")
	}
	cut := slices.Index(outcomes, Unknown)
	if cut < 1 || cut == len(events)-1 || slices.Contains(outcomes[:cut], Refused) || slices.ContainsFunc(outcomes[cut+1:], func(o Outcome) bool { return o != Refused }) {
		t.Fatalf("outcomes %v", outcomes)
	}
	conn := <-begun
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(limit))
	whole, reader := 1, bufio.NewReaderSize(conn, 1<<20)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			if len(line) > 100_000 {
				t.Errorf("%d bytes of a line that was cut", len(line))
			}
			break
		}
		whole++
	}
	if whole > cut {
		t.Errorf("%d whole lines arrived, %d were called sent", whole, cut)
	}
	outcomes, _ = send(t, in, "next")
	wantOutcomes(t, outcomes, Sent)
	if got := readText(t, accept(t, listener), 1); !slices.Equal(got, []string{"next"}) {
		t.Errorf("%.40q", got)
	}
}

func TestTCPWaitsItsTurnNoLongerThanAsked(t *testing.T) {
	in := openIn(t, "tcp", Values{"address": "127.0.0.1:1"}).(*tcpIn)
	in.turn <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	outcomes, _ := sendWithin(t, ctx, in, bodies("1"))
	wantOutcomes(t, outcomes, Refused)
	<-in.turn
}

func TestTCPReceivesAndSaysWhatItMayHaveMissed(t *testing.T) {
	listener := listenForTest(t)
	_, got, stop := followOut(t, "tcp", Values{"address": listener.Addr().String(), "retry": "5ms"})
	first := accept(t, listener)
	_, _ = first.Write([]byte("1\r\n2\n3"))
	got.untilTexts(t, "1", "2")
	_ = first.Close()
	second := accept(t, listener)
	_, _ = second.Write([]byte("4\n"))
	got.untilTexts(t, "1", "2", "4") // 3 was cut
	gaps := got.gapsSeen()           // the first is the time before we were connected
	if len(gaps) != 2 || gaps[1].Site != "dc1" || !gaps[1].From.Before(gaps[1].Until) {
		t.Errorf("gaps %v", gaps)
	}
	// A connection that is lost for good is a gap too, up to the end.
	_ = listener.Close()
	_ = second.Close()
	eventually(t, "the application cannot be reached", func() bool {
		_, err := net.Dial("tcp", listener.Addr().String())
		return err != nil
	})
	time.Sleep(20 * time.Millisecond) // of being told off
	stop()
	if gaps := got.gapsSeen(); len(gaps) != 3 || gaps[2].Until.Sub(gaps[2].From) < 10*time.Millisecond {
		t.Errorf("gaps %v", gaps)
	}
}

func TestTCPListenServesWhoConnectedLast(t *testing.T) {
	in := openIn(t, "tcp-listen", Values{"listen": "127.0.0.1:0"}).(*tcpListenIn)
	outcomes, err := send(t, in, "1")
	wantOutcomes(t, outcomes, Refused)
	if err == nil || !strings.Contains(err.Error(), "nobody is connected") {
		t.Errorf("%v", err)
	}
	for _, text := range []string{"2", "3"} {
		before := in.current()
		conn, err := net.Dial("tcp", in.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		eventually(t, "the connection is taken", func() bool { c := in.current(); return c != nil && c != before })
		outcomes, _ = send(t, in, text)
		wantOutcomes(t, outcomes, Sent)
		if got := readText(t, conn, 1); !slices.Equal(got, []string{text}) {
			t.Errorf("%q", got)
		}
	}
}

func TestTCPListenReceivesFromEveryClient(t *testing.T) {
	out, got, stop := followOut(t, "tcp-listen", Values{"listen": "127.0.0.1:0"})
	var conns []net.Conn
	for i, text := range []string{"1\n", "2\n"} {
		conn, err := net.Dial("tcp", out.(*tcpListenOut).Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, _ = conn.Write([]byte(text))
		got.until(t, text, func() bool { return len(got.texts()) == i+1 })
		conns = append(conns, conn)
	}
	_, _ = conns[0].Write([]byte("cut"))
	_ = conns[0].Close() // the end is in order only after a whole line
	got.until(t, "the cut line is told", func() bool { return len(got.gapsSeen()) == 1 })
	_ = conns[1].Close()
	stop()
	if gaps := got.gapsSeen(); len(gaps) != 1 || !slices.Equal(got.texts(), []string{"1", "2"}) {
		t.Errorf("gaps %v, results %q", gaps, got.texts())
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("a\nb\r\n\nc"), 2)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		size = max(size%1000, 1)
		var got []string
		lines := lineReader{}
		for chunk := range slices.Chunk(stream, size) {
			results, _ := lines.take(slices.Clone(chunk), time.Time{}, time.Time{})
			for _, r := range results {
				got = append(got, string(r.Bytes))
			}
		}
		var want []string
		parts := strings.Split(string(stream), "\n")
		for _, line := range parts[:len(parts)-1] {
			if line = strings.TrimSuffix(line, "\r"); line != "" {
				want = append(want, line)
			}
		}
		if !slices.Equal(got, want) || lines.cut() != (parts[len(parts)-1] != "") {
			t.Errorf("%q cut by %d became %q, want %q", stream, size, got, want)
		}
	})
}
