// Package stored reads what a Prometheus server has scraped of a data center, into the model of package metrics. The series are those that
// package exposition knows, whoever exposed them.
//
// A server goes on answering for minutes with what it scraped last, so that an answer is no evidence that anybody measured anything lately.
// Every sample therefore carries when it was scraped, by our own clock, and what is stale is left out.
package stored

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"github.com/crossdc/failover/toolkit/access"
	"github.com/crossdc/failover/toolkit/metrics"
	"github.com/crossdc/failover/toolkit/metrics/exposition"
)

// DefaultOldest is how old a sample may be at most: a scrape interval of a minute, and one that failed.
const DefaultOldest = 2 * time.Minute

// ErrStale says that the server has nothing of the data center that is recent enough.
var ErrStale = errors.New("the Prometheus server has no recent sample")

// Server reads one Prometheus server over its HTTP API. It implements toolkit.Scraper.
type Server struct {
	client *access.Client
	api    v1.API
	query  string
	oldest time.Duration
}

// New returns a reader of the server at the client's address (the part before /api/v1). selector are label matchers without braces, such
// as `datacenter="east"`, that tell a data center's series from all others; empty: they carry the instance's and the job's name. oldest is
// the greatest age of a sample; 0: DefaultOldest. It contacts nobody.
func New(client *access.Client, selector string, oldest time.Duration) *Server {
	if oldest <= 0 {
		oldest = DefaultOldest
	}
	query := `{__name__=~"streams_.+|op_.+|pe_.+"`
	if selector = strings.Trim(selector, " ,"); selector != "" {
		query += "," + selector
	}
	return &Server{client: client, api: v1.NewAPI(transport{client}), query: query + "}", oldest: oldest}
}

// CloseIdle closes connections that are not in use.
func (s *Server) CloseIdle() { s.client.CloseIdle() }

// Scrape asks for the newest sample of every series. Each carries the earliest instant at which it can have been scraped (Stored). Series that
// the server holds for gone, or whose newest sample is too old, are left out; without any other the error wraps ErrStale. As with
// exposition.Scraper, the Set may be good in part beside an error that names single series. Everything is asked for, whatever is named.
func (s *Server) Scrape(ctx context.Context, _ ...string) (metrics.Set, error) {
	asked := s.client.Now()
	// What is marked as gone is not in this answer; its stamps are when the server evaluated it.
	present, err := s.vector(ctx)
	if err != nil {
		return metrics.Set{}, err
	}
	if len(present) == 0 {
		return metrics.Set{}, fmt.Errorf("%w that %s selects; look at its targets, and at the selector", ErrStale, s.query)
	}
	now := present[0].Timestamp.Time()
	raw, err := s.samples(ctx, now)
	if err != nil {
		return metrics.Set{}, err
	}
	var list []exposition.Stored
	old := 0
	for _, series := range present {
		last, ok := raw[series.Metric.Fingerprint()]
		if !ok {
			old++
			continue
		}
		labels := make(map[string]string, len(series.Metric))
		for name, value := range series.Metric {
			labels[string(name)] = string(value)
		}
		// Its age by the server's own clock: the server looked after we asked, so that the sample is no older than this.
		age := now.Sub(last.Timestamp.Time()) + time.Millisecond
		list = append(list, exposition.Stored{Labels: labels, Value: float64(last.Value), At: asked.Add(-age)})
	}
	if len(list) == 0 {
		return metrics.Set{}, fmt.Errorf("%w: the newest of %d series are older than %v", ErrStale, old, s.oldest)
	}
	return exposition.FromStored(list)
}

func (s *Server) vector(ctx context.Context) (model.Vector, error) {
	value, _, _, err := s.api.Query(ctx, s.query, time.Time{})
	if err != nil {
		return nil, s.failed(err)
	}
	vector, ok := value.(model.Vector)
	if !ok {
		return nil, fmt.Errorf("%w: the Prometheus server answered a %s where a vector was asked for", access.ErrMalformed, value.Type())
	}
	return vector, nil
}

// samples are the newest ones of each series as they were scraped, with their own stamps: what is evaluated for an instant carries that instead.
func (s *Server) samples(ctx context.Context, now time.Time) (map[model.Fingerprint]model.SamplePair, error) {
	value, _, _, err := s.api.Query(ctx, fmt.Sprintf("%s[%dms]", s.query, s.oldest.Milliseconds()), now)
	if err != nil {
		return nil, s.failed(err)
	}
	matrix, ok := value.(model.Matrix)
	if !ok {
		return nil, fmt.Errorf("%w: the Prometheus server answered a %s where a range was asked for", access.ErrMalformed, value.Type())
	}
	newest := map[model.Fingerprint]model.SamplePair{}
	for _, series := range matrix {
		if n := len(series.Values); n > 0 {
			newest[series.Metric.Fingerprint()] = series.Values[n-1]
		}
	}
	return newest, nil
}

// failed says what the server refused. An error of the way to it stays what it is.
func (s *Server) failed(err error) error {
	var refused *v1.Error
	if errors.As(err, &refused) && refused.Type == v1.ErrBadData {
		return fmt.Errorf("%w: the Prometheus server refuses %s: %s", access.ErrMalformed, s.query, refused.Msg)
	}
	return fmt.Errorf("ask the Prometheus server: %w", err)
}

// transport sends the library's requests with the login, trust and limits of an access client.
type transport struct{ client *access.Client }

// URL implements api.Client.
func (t transport) URL(endpoint string, arguments map[string]string) *url.URL {
	u := t.client.Base()
	for name, value := range arguments {
		endpoint = strings.ReplaceAll(endpoint, ":"+name, url.PathEscape(value))
	}
	return u.JoinPath(endpoint)
}

// Do implements api.Client.
func (t transport) Do(ctx context.Context, request *http.Request) (*http.Response, []byte, error) {
	r := access.Request{Op: "query metrics", Method: request.Method, URL: request.URL.String(), ContentType: request.Header.Get("Content-Type"),
		Repeatable: true, // a question changes nothing
		// Refusals come as JSON, and a server without POST says so.
		Success: []int{http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusUnprocessableEntity, http.StatusNotImplemented}}
	if request.Body != nil {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, nil, err
		}
		r.Body = body
	}
	response, err := t.client.Do(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	return &http.Response{StatusCode: response.Status, Header: response.Header}, response.Body, nil
}

var _ api.Client = transport{}
