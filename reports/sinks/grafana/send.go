package grafana

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
	"github.com/crossdc/failover/reports/redact"
)

// Server is a Grafana. Its token is never part of an error, nor of anything printed.
type Server struct {
	address *url.URL
	token   string
}

// String is the address without credentials.
func (s Server) String() string { return s.address.Redacted() }

// GoString hides the token from %#v too.
func (s Server) GoString() string { return "grafana.Server(" + s.String() + ")" }

// At is the Grafana at an address like https://grafana.example.com/prefix. The token (of a service account that may write
// annotations) is read from tokenFile or, when that is empty, from GRAFANA_TOKEN.
func At(address, tokenFile string) (Server, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.User != nil {
		return Server{}, errors.New("grafana's address must be a URL like https://host/prefix, without user and password")
	}
	token := os.Getenv("GRAFANA_TOKEN")
	if tokenFile != "" {
		data, err := os.ReadFile(tokenFile)
		if err != nil {
			return Server{}, fmt.Errorf("read grafana's token: %w", err)
		}
		token = string(data)
	}
	if token = strings.TrimSpace(token); token == "" {
		return Server{}, errors.New("there is no token for grafana: set GRAFANA_TOKEN or name a file that holds it")
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return Server{}, errors.New("grafana's token is more than one word of printable ASCII; it is not shown here")
	}
	return Server{parsed, token}, nil
}

// Annotate sends the annotations of run, one request each, and stops at the first that fails. The context bounds how long
// that takes. Redirects are not followed: the token is for this server only.
func (s Server) Annotate(ctx context.Context, run model.Run) error {
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	all := Annotations(run)
	for i, annotation := range all {
		if err := s.post(ctx, &client, annotation); err != nil {
			return fmt.Errorf("send annotation %d of %d of run %s to %s: %w", i+1, len(all), run.ID, s, err)
		}
	}
	return nil
}

func (s Server) post(ctx context.Context, client *http.Client, annotation Annotation) error {
	body, err := json.Marshal(annotation)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address.JoinPath("api", "annotations").String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+s.token)
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // only read from
	said, _ := io.ReadAll(io.LimitReader(response.Body, 2000))
	switch {
	case response.StatusCode == http.StatusOK:
		return nil
	case response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%s: the token may not write annotations", response.Status)
	default:
		return fmt.Errorf("%s: %s", response.Status, plain.Clip(redact.Secrets(nil, []string{s.token})(plain.Line(string(said))), 300))
	}
}
