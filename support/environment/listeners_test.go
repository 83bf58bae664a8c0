package environment

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/config"
)

// reached is a data center whose toolkit listeners are one test server; there is one listener, P.
func reached(t *testing.T, host string, port int) (*Environment, *DataCenter) {
	t.Helper()
	e := &Environment{settings: &config.Config{Toolkit: config.Toolkit{Port: port, Pairs: 0}}}
	return e, &DataCenter{reach: Reach{Name: "dc1", Toolkit: host}}
}

func TestRefusedCountsOnlyWhereItAnsweredBefore(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	host, text, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	e, dc := reached(t, host, port)
	listeners, err := e.Listeners(ctx, dc)
	if err != nil {
		t.Fatal(err)
	}
	if refusal := listeners.Refuse(ctx); refusal.Open == nil || refusal.Unclear != nil {
		t.Errorf("it still answers: %+v", refusal)
	}
	server.Close()
	if refusal := listeners.Refuse(ctx); refusal.Open != nil || refusal.Unclear != nil {
		t.Errorf("it is closed: %+v", refusal)
	}
	// Nothing ever listened here: that it refuses now proves nothing.
	if _, err := e.Listeners(ctx, dc); err == nil || !strings.Contains(err.Error(), "was not seen to listen") {
		t.Errorf("no positive control: %v", err)
	}
	for name, host := range map[string]string{"a host that does not exist": "dc1.invalid", "an address that is no host": "256.0.0.1"} {
		e, dc := reached(t, host, port)
		if _, err := e.Listeners(ctx, dc); err == nil {
			t.Errorf("%s: it was seen to listen", name)
		}
		gone := Listeners{name: "dc1", addresses: []string{toolkitListener(host, port, 0)}}
		if refusal := gone.Refuse(ctx); refusal.Unclear == nil || refusal.Open != nil {
			t.Errorf("%s, which is not refused: %+v", name, refusal)
		}
	}
	e, dc = reached(t, "", port)
	if _, err := e.Listeners(ctx, dc); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("it cannot be reached: %v", err)
	}
}

func TestAListenerThatLeavesItsPeerHangingIsNotClosed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // accepted by the kernel, never answered
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	hanging := Listeners{name: "dc1", addresses: []string{listener.Addr().String()}}
	if refusal := hanging.Refuse(ctx); refusal.Open == nil || !strings.Contains(refusal.Open.Error(), "neither answers nor refuses") {
		t.Errorf("%+v", refusal)
	}
}
