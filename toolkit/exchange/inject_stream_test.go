package exchange

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// acks collects the fate of frames.
type acks struct {
	mu  sync.Mutex
	all []Ack
	n   chan struct{}
}

func (a *acks) take(ack Ack) {
	a.mu.Lock()
	a.all = append(a.all, ack)
	a.mu.Unlock()
	if a.n != nil {
		a.n <- struct{}{}
	}
}

// answering reads frames and answers each by reply; "" answers nothing.
func answering(t testing.TB, reply func(n int, frame string) string) func(*http.Request, *websocket.Conn) {
	return func(r *http.Request, conn *websocket.Conn) {
		for n := 0; ; n++ {
			_, frame, err := conn.Read(r.Context())
			if err != nil {
				return
			}
			if answer := reply(n, string(frame)); answer != "" {
				text(t, r, conn, answer)
			}
		}
	}
}

func TestAcknowledgementsMatchFramesInOrder(t *testing.T) {
	c, endpoint := socket(t, answering(t, func(n int, frame string) string {
		switch {
		case n%10 == 3:
			return `{"messages":[{"id":"E1","message":"item 0: attribute seq"}]}`
		case n%10 == 4:
			return `nonsense`
		case n%10 == 5:
			return `{"accepted":1,"messages":[{"message":"careful"}]}`
		}
		return fmt.Sprintf(`{"accepted":%d}`, strings.Count(frame, "seq"))
	}))
	var got acks
	s, err := c.InjectStream(t.Context(), endpoint, StreamOptions{OnAck: got.take, Window: 16})
	if err != nil {
		t.Fatal(err)
	}
	const frames = 500
	for i := range frames {
		if err := s.Send(t.Context(), make([]event, 1+i%3), i); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(got.all) != frames {
		t.Fatalf("%d acknowledgements, want %d", len(got.all), frames)
	}
	for i, ack := range got.all {
		if ack.Tag != i || ack.Items != 1+i%3 || ack.Sent.Before(ack.Queued) || ack.Received.Before(ack.Queued) {
			t.Fatalf("ack %d: %+v", i, ack)
		}
		switch i % 10 {
		case 3:
			var ours *Error
			if !errors.Is(ack.Err, ErrRejected) || !errors.As(ack.Err, &ours) || ours.MessageID != "E1" || ack.Accepted != 0 {
				t.Fatalf("refused frame %d: %+v", i, ack)
			}
		case 4:
			if !errors.Is(ack.Err, ErrMalformed) {
				t.Fatalf("frame %d: %+v", i, ack)
			}
		case 5:
			if ack.Err != nil || ack.Accepted != 1 || len(ack.Messages) != 1 {
				t.Fatalf("frame %d: %+v", i, ack)
			}
		default:
			if ack.Err != nil || ack.Accepted != ack.Items {
				t.Fatalf("frame %d: %+v", i, ack)
			}
		}
	}
	if err := s.Send(t.Context(), []event{{}}, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("send after close: %v", err)
	}
	if err := s.TrySend([]event{{}}, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("try after close: %v", err)
	}
}

func TestALostConnectionAcknowledgesEveryFrame(t *testing.T) {
	for name, end := range map[string]struct {
		by   func(*websocket.Conn)
		code CloseCode
		want error
	}{
		"killed":   {func(c *websocket.Conn) { _ = c.CloseNow() }, Abnormal, ErrUnreachable},
		"canceled": {func(c *websocket.Conn) { _ = c.Close(websocket.StatusGoingAway, "job canceled") }, GoingAway, ErrNotFound},
	} {
		c, endpoint := socket(t, func(r *http.Request, conn *websocket.Conn) {
			for n := range 10 {
				if _, _, err := conn.Read(r.Context()); err != nil {
					return
				}
				if n < 5 {
					text(t, r, conn, `{"accepted":1}`)
				}
			}
			end.by(conn)
		})
		var got acks
		s, err := c.InjectStream(t.Context(), endpoint, StreamOptions{OnAck: got.take})
		if err != nil {
			t.Fatal(err)
		}
		sent := 0
		for ; sent < 10; sent++ {
			if err := s.TrySend([]event{{}}, sent); err != nil {
				break
			}
		}
		<-s.Done()
		var closed *ClosedError
		if err := s.Err(); !errors.As(err, &closed) || closed.Code != end.code || !errors.Is(err, end.want) {
			t.Errorf("%s: ended by %v", name, err)
		}
		if len(got.all) != sent {
			t.Fatalf("%s: %d acknowledgements of %d frames", name, len(got.all), sent)
		}
		for i, ack := range got.all {
			if ack.Tag != i || (i < 5) != (ack.Err == nil) || i >= 5 && (!errors.Is(ack.Err, ErrClosed) || ack.Sent.IsZero() || !ack.Received.IsZero()) {
				t.Errorf("%s: ack %d: %+v", name, i, ack)
			}
		}
		if err := s.Close(t.Context()); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
	}
}

func TestASilentServiceEndsTheStream(t *testing.T) {
	c, endpoint := socket(t, answering(t, func(int, string) string { return "" }))
	var got acks
	s, err := c.InjectStream(t.Context(), endpoint, StreamOptions{OnAck: got.take, Window: 2, Patience: 150 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if err := s.TrySend([]event{{}}, i); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.TrySend([]event{{}}, 2); !errors.Is(err, ErrWindowFull) {
		t.Errorf("window: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := s.Send(ctx, []event{{}}, 2); !errors.Is(err, ErrWindowFull) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for the window: %v", err)
	}
	if err := s.Send(t.Context(), []event{{}}, 3); !errors.Is(err, ErrClosed) { // waits until the stream is given up
		t.Errorf("waiting while it dies: %v", err)
	}
	<-s.Done()
	if !errors.Is(s.Err(), ErrUnreachable) || len(got.all) != 2 || !errors.Is(got.all[1].Err, ErrUnreachable) {
		t.Errorf("%v, %+v", s.Err(), got.all)
	}
}

func TestAnAnswerToNothingEndsTheStream(t *testing.T) {
	c, endpoint := socket(t, func(r *http.Request, conn *websocket.Conn) {
		text(t, r, conn, `{"accepted":1}`)
		<-conn.CloseRead(r.Context()).Done()
	})
	s, err := c.InjectStream(t.Context(), endpoint, StreamOptions{})
	if err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	if !errors.Is(s.Err(), ErrMalformed) {
		t.Errorf("got %v", s.Err())
	}
}

func TestCloseSaysWhatIsUnanswered(t *testing.T) {
	c, endpoint := socket(t, answering(t, func(int, string) string { return "" }))
	var got acks
	s, err := c.InjectStream(t.Context(), endpoint, StreamOptions{OnAck: got.take})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), func() {}, nil); err == nil {
		t.Error("a function was sent")
	}
	if err := s.Send(t.Context(), event{"dc1", 1}, "tag"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close: %v", err)
	}
	if len(got.all) != 1 || got.all[0].Tag != "tag" || !errors.Is(got.all[0].Err, ErrClosed) {
		t.Errorf("acks %+v", got.all)
	}
}

// BenchmarkInjectStream counts both ends of the connection: the server runs in the same process.
func BenchmarkInjectStream(b *testing.B) {
	for _, batch := range []int{1, 20} {
		b.Run(fmt.Sprintf("%d-per-frame", batch), func(b *testing.B) {
			c, endpoint := socket(b, answering(b, func(int, string) string { return `{"accepted":1}` }))
			s, err := c.InjectStream(b.Context(), endpoint, StreamOptions{})
			if err != nil {
				b.Fatal(err)
			}
			events := make([]event, batch)
			began := cpu()
			b.ResetTimer()
			for i := 0; i < b.N; i += batch {
				for j := range events {
					events[j] = event{"dc1", uint64(i + j)}
				}
				if err := s.Send(b.Context(), events, nil); err != nil {
					b.Fatal(err)
				}
			}
			if err := s.Close(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64((cpu()-began).Nanoseconds())/float64(b.N), "cpu-ns/event")
		})
	}
}
