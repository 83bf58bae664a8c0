package environment

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/toolkit/access"
	"github.com/crossdc/failover/toolkit/exchange"
)

// TestWhatBecomesOfInjectedEvents: refused is only what nobody can have taken, acknowledged only what was taken whole; all else is
// unknown. Nothing is ever sent twice.
func TestWhatBecomesOfInjectedEvents(t *testing.T) {
	const acknowledged, refusedWhole, unknown = "acknowledged", "refused", "unknown"
	for name, test := range map[string]struct {
		answer func(http.ResponseWriter)
		want   string
	}{
		"taken":                  {say(200, `{"accepted":2}`), acknowledged},
		"taken, number unsaid":   {say(204, ``), acknowledged},
		"taken in part":          {say(200, `{"accepted":1}`), unknown},
		"nothing taken":          {say(200, `{"accepted":0}`), refusedWhole},
		"more than was sent":     {say(200, `{"accepted":3}`), unknown},
		"buffer full":            {say(503, ``, "Retry-After", "1"), refusedWhole},
		"too many requests":      {say(429, ``, "Retry-After", "1"), refusedWhole},
		"a bare 503":             {say(503, `<html>upstream</html>`), unknown},
		"a bad gateway":          {say(502, ``), unknown},
		"a gateway's time limit": {say(504, ``), unknown},
		"an error of the server": {say(500, ``), unknown},
		"login refused":          {say(401, ``), refusedWhole},
		"job gone":               {say(404, ``), refusedWhole},
		"does not fit":           {say(400, `{"messages":[{"message":"item 0"}]}`), refusedWhole},
		"connection lost":        {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, unknown},
	} {
		t.Run(name, func(t *testing.T) {
			var posts atomic.Int32
			var server *httptest.Server
			server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					posts.Add(1)
					_, _ = io.Copy(io.Discard, r.Body)
					test.answer(w)
					return
				}
				_, _ = fmt.Fprintf(w, `{"jobs":[{"id":"1","name":"drill","injectEndpoints":[{"operator":"Events","port":"Event","uri":"%s/inject"}]}]}`, server.URL)
			}))
			t.Cleanup(server.Close)
			client, err := exchange.New(exchange.Config{URL: server.URL + "/streams/data", Config: access.Config{Timeout: 5 * time.Second, Retries: access.UntilTimeout}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(client.CloseIdle)
			to := sink{streams: NewStreams("1"), endpoint: "Events", sites: map[string]*endpoints{"dc1": newEndpoints(client, "drill")}}
			err = to.Inject(t.Context(), "dc1", []traffic.Event{{DC: "dc1", Seq: 1}, {DC: "dc1", Seq: 2}})
			got := unknown
			switch {
			case err == nil:
				got = acknowledged
			case errors.Is(err, traffic.ErrRefused):
				got = refusedWhole
			}
			if got != test.want {
				t.Errorf("%s, want %s: %v", got, test.want, err)
			}
			if n := posts.Load(); n != 1 {
				t.Errorf("sent %d times", n)
			}
			if test.want == unknown && strings.Contains(name, "part") && !strings.Contains(err.Error(), "accepted 1 of 2 items") {
				t.Errorf("%v", err)
			}
		})
	}
}

func say(status int, body string, header ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}
