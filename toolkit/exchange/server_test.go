package exchange

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/crossdc/failover/toolkit/access"
)

const (
	password = "Sw0rdf!sh"
	data     = "/streams/data/instances/StreamsInstance"
)

// serve starts a TLS server that checks credentials, and a client of it.
func serve(t testing.TB, handler http.HandlerFunc, change ...func(*Config)) (*httptest.Server, *Client) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, got, ok := r.BasicAuth(); !ok || user != "streamsadmin" || got != password {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		handler(w, r)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := Config{URL: server.URL + data, Config: access.Config{User: "streamsadmin", Password: NewSecret(password), CAFile: ca, Timeout: 5 * time.Second}}
	for _, c := range change {
		c(&cfg)
	}
	client, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdle)
	return server, client
}

// socket serves a WebSocket with the given conversation.
func socket(t testing.TB, talk func(*http.Request, *websocket.Conn), change ...func(*Config)) (*Client, Endpoint) {
	t.Helper()
	server, client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		talk(r, conn)
	}, change...)
	return client, Endpoint{
		Job: "12", Operator: "Events", Port: "Event", URI: server.URL + data + "/x", WebSocketURI: strings.Replace(server.URL, "https", "wss", 1) + data + "/x",
	}
}

func text(t testing.TB, r *http.Request, conn *websocket.Conn, frame string) {
	t.Helper()
	if err := conn.Write(r.Context(), websocket.MessageText, []byte(frame)); err != nil {
		t.Logf("server: %v", err)
	}
}
