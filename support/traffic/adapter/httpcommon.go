package adapter

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/crossdc/failover/toolkit/access"
)

// httpParameters are what every adapter over HTTP takes.
func httpParameters() []Parameter {
	return append([]Parameter{
		{Name: "url", Doc: "address, https://host:port/path", Way: BothWays, Kind: URL, Required: true},
		{Name: "headers", Doc: "further headers, one a line: Name: value. Secrets belong into header_file", Way: BothWays, Kind: Lines},
		{Name: "header_file", Doc: "file of headers in the same form, for those that hold a secret", Way: BothWays, Kind: Secret},
		{Name: "user", Doc: "name for HTTP Basic", Way: BothWays},
		{Name: "password_file", Doc: "file of the password for HTTP Basic", Way: BothWays, Kind: Secret},
		{Name: "token_file", Doc: "file of a bearer token, sent instead of user and password", Way: BothWays, Kind: Secret},
		{Name: "allow_plain_http", Doc: "true permits http:// beyond loopback, where everything travels in the clear", Way: BothWays, Kind: Switch, Default: "false"},
	}, tlsParameters()...)
}

// httpClient builds the client and the headers that httpParameters describe. The client never repeats a call.
func httpClient(v Values) (*access.Client, http.Header, error) {
	config := v.accessConfig()
	config.User, config.AllowPlainHTTP, config.MaxBody = v["user"], v.on("allow_plain_http"), 16<<20
	config.Settings = access.Settings{
		Address: "url", User: "user", Password: "password_file", CAFile: "ca_file", Fingerprint: "fingerprint", AllowPlainHTTP: "allow_plain_http",
	}
	var err error
	if config.Password, err = v.secret("password_file"); err != nil {
		return nil, nil, err
	}
	if config.BearerToken, err = v.secret("token_file"); err != nil {
		return nil, nil, err
	}
	header, err := headers(v.lines("headers"))
	if err != nil {
		return nil, nil, fmt.Errorf("parameter \"headers\": %w", err)
	}
	secret, err := v.secret("header_file")
	if err != nil {
		return nil, nil, err
	}
	more, err := headers(split(secret.Reveal(), "\n"))
	if err != nil {
		return nil, nil, fmt.Errorf("parameter \"header_file\": %w", err)
	}
	for name, values := range more {
		header[name] = values
	}
	client, err := access.NewClient(config, v["url"])
	if err != nil {
		return nil, nil, fmt.Errorf("parameter \"url\": %w", err)
	}
	return client, header, nil
}

// headers reads lines of Name: value. Its errors name a line by its number, because it may hold a secret.
func headers(lines []string) (http.Header, error) {
	out := http.Header{}
	for i, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		name = strings.TrimSpace(name)
		if !ok || name == "" || strings.ContainsAny(name, " \t\"(),/;<=>?@[\\]{}") || strings.ContainsAny(value, "\r\x00") {
			return nil, fmt.Errorf("line %d is not Name: value", i+1)
		}
		switch http.CanonicalHeaderKey(name) {
		case "Authorization":
			return nil, errors.New("give user, password_file or token_file instead of the header Authorization")
		case "Content-Length", "Transfer-Encoding", "Connection", "Host":
			return nil, fmt.Errorf("header %s is set by the protocol", name)
		}
		out.Add(name, strings.TrimSpace(value))
	}
	return out, nil
}

// address is the called URL, for a client whose base it is.
func address(client *access.Client) *url.URL { return client.Base() }
