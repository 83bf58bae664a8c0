package distance

import (
	"context"
	"errors"
	"math"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Handshakes with a listener are measured, whether or not it ever accepts one.
func TestAListenerIsMeasured(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // ends the test
	way, err := Measure(t.Context(), l.Addr().String(), 20, time.Millisecond)
	if err != nil || way.Tried != 20 || way.Repeated+way.Failed+len(way.RTT) != 20 {
		t.Fatalf("%+v %v", way, err)
	}
	if half := way.Quantile(0.5); half <= 0 || half > 100*time.Millisecond || way.Quantile(0) > half || way.Quantile(1) < half {
		t.Errorf("over loopback P50 is %s of %v", half, way.RTT)
	}
}

// Who refuses is an error that can be told, and so is an end from outside.
func TestWhatCannotBeMeasuredIsTold(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	way, err := Measure(t.Context(), address, 3, time.Millisecond)
	if !errors.Is(err, syscall.ECONNREFUSED) || way.Failed != 3 || !strings.Contains(err.Error(), address) {
		t.Errorf("%+v %v", way, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Measure(ended, address, 3, time.Hour); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestLossHasItsBound(t *testing.T) {
	for _, x := range []struct {
		way         Way
		share, most float64
	}{
		{Way{}, 0, 1},
		{Way{Tried: 100}, 0, 0.0133},
		{Way{Tried: 100, Repeated: 19}, 0.1, 0.141},
		{Way{Tried: 4, Failed: 4}, 1, 1},
	} {
		share, most := x.way.Loss()
		if math.Abs(share-x.share) > 0.001 || math.Abs(most-x.most) > 0.002 {
			t.Errorf("%+v: %.4f, at most %.4f", x.way, share, most)
		}
	}
}
