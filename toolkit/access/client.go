package access

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client makes calls to one service. It is safe for concurrent use.
type Client struct {
	cfg     Config
	base    *url.URL
	http    *http.Client
	session *session
	jitter  func() float64
}

// NewClient checks the configuration and builds a client of the service at address. Nothing is sent.
func NewClient(cfg Config, address string) (*Client, error) {
	cfg = cfg.withDefaults()
	base, err := cfg.ParseAddress(address)
	if err != nil {
		return nil, err
	}
	transport := cfg.Transport
	if transport == nil {
		built, err := cfg.NewTransport()
		if err != nil {
			return nil, err
		}
		transport = built
	}
	c := &Client{cfg: cfg, base: base, session: new(session), jitter: cfg.Rand}
	if c.jitter == nil {
		c.jitter = rand.Float64
	}
	c.http = &http.Client{Transport: transport, Jar: c.session, CheckRedirect: c.checkRedirect}
	return c, nil
}

// checkRedirect follows few redirects, and only to where the credentials may go.
func (c *Client) checkRedirect(next *http.Request, via []*http.Request) error {
	if len(via) >= 5 {
		return errors.New("stopped after 5 redirects")
	}
	if next.URL.Scheme != via[0].URL.Scheme || !c.mayGo(next.URL) {
		return &redirectError{fmt.Errorf("%w: redirected to %s://%s", ErrUntrustedHost, next.URL.Scheme, next.URL.Host)}
	}
	if next.Method != via[0].Method {
		return &redirectError{fmt.Errorf("malformed redirect to %s: it would turn %s into %s", next.URL.Path, via[0].Method, next.Method)}
	}
	return nil
}

// redirectError is a redirect that was not followed.
type redirectError struct{ error }

func (e *redirectError) Unwrap() error { return e.error }

func (c *Client) mayGo(u *url.URL) bool {
	return hostPort(u) == hostPort(c.base) || c.cfg.trusts(u, c.base)
}

// Insecure reports whether certificates are not checked or the way is not encrypted.
func (c *Client) Insecure() bool { return c.cfg.InsecureSkipVerify || c.base.Scheme == "http" }

// Base is the configured address.
func (c *Client) Base() *url.URL { u := *c.base; return &u }

// Now is the configured clock.
func (c *Client) Now() time.Time { return c.cfg.Now() }

// Timeout bounds one call; long ones by the second value.
func (c *Client) Timeout() (short, long time.Duration) { return c.cfg.Timeout, c.cfg.LongTimeout }

// MaxBody is the limit of a JSON body in bytes.
func (c *Client) MaxBody() int64 { return c.cfg.MaxBody }

// HTTPClient is for protocols that start from HTTP (WebSocket); its calls need Header and Resolve.
func (c *Client) HTTPClient() *http.Client { return c.http }

// CloseIdle closes connections that are not in use.
func (c *Client) CloseIdle() { c.http.CloseIdleConnections() }

// Format prints the address and nothing else, for every verb.
func (c *Client) Format(state fmt.State, _ rune) {
	_, _ = fmt.Fprintf(state, "client of %s", c.base.Host)
}

// Resolve turns a link into the address to call, or refuses it with ErrUntrustedHost.
func (c *Client) Resolve(link string) (*url.URL, error) {
	u, err := c.base.Parse(link)
	if err != nil {
		return nil, fmt.Errorf("%w: link is not a URL", ErrMalformed)
	}
	u.User = nil
	u.Fragment, u.RawFragment = "", ""
	plain := map[string]string{"ws": "http", "wss": "https"}[u.Scheme]
	if plain == "" {
		plain = u.Scheme
	}
	if plain != "http" && plain != "https" {
		return nil, fmt.Errorf("%w: link has scheme %q", ErrMalformed, u.Scheme)
	}
	if c.mayGo(u) && (plain == c.base.Scheme || plain == "https") {
		return u, nil
	}
	if !c.cfg.RebaseLinks {
		return nil, fmt.Errorf("%w: link points to %s://%s, the configured address is %s://%s", ErrUntrustedHost, u.Scheme, u.Host, c.base.Scheme, c.base.Host)
	}
	u.Host = c.base.Host
	if strings.HasPrefix(u.Scheme, "ws") {
		u.Scheme = "ws" + strings.TrimPrefix(c.base.Scheme, "http")
	} else {
		u.Scheme = c.base.Scheme
	}
	return u, nil
}

// Authorize sets the credentials of a request.
func (c *Client) Authorize(header http.Header) {
	switch {
	case !c.cfg.BearerToken.IsZero():
		header.Set("Authorization", "Bearer "+c.cfg.BearerToken.Reveal())
	case c.cfg.User != "" || !c.cfg.Password.IsZero():
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(c.cfg.User+":"+c.cfg.Password.Reveal())))
	}
}

// Request is one call.
type Request struct {
	Op          string // in words, for errors: "list jobs of StreamsInstance"
	Method      string // default GET
	URL         string // absolute, or relative to the configured address
	Query       url.Values
	Header      http.Header
	Accept      string // default application/json
	ContentType string
	Body        []byte
	Stream      io.Reader     // instead of Body; never repeated
	Length      int64         // of Stream, 0 unknown
	Timeout     time.Duration // default Config.Timeout
	Repeatable  bool          // may be retried; GET and HEAD always are unless NoRetry
	NoRetry     bool
	Success     []int // statuses beyond 2xx that are handed to the caller, e.g. 416
}

func (r *Request) repeatable() bool {
	return !r.NoRetry && r.Stream == nil && (r.Repeatable || r.Method == http.MethodGet || r.Method == http.MethodHead)
}

// Response is a whole answer.
type Response struct {
	Status   int
	Header   http.Header
	Body     []byte
	URL      string    // as called
	Received time.Time // when the body was complete, with monotonic reading
}

// Do makes a call and reads the whole body within the timeout. Errors are *Error.
func (c *Client) Do(ctx context.Context, r Request) (Response, error) {
	var out Response
	err := c.call(ctx, &r, func(response *http.Response) error {
		limit := c.cfg.MaxBody
		if response.ContentLength > limit {
			return fmt.Errorf("%w: body of %d bytes, limit %d", ErrMalformed, response.ContentLength, limit)
		}
		var body bytes.Buffer
		if n := response.ContentLength; n > 0 && n < 1<<20 {
			body.Grow(int(n) + bytes.MinRead)
		}
		n, err := body.ReadFrom(io.LimitReader(response.Body, limit+1))
		if err != nil {
			return err
		}
		if n > limit {
			return fmt.Errorf("%w: body of more than %d bytes", ErrMalformed, limit)
		}
		out = Response{Status: response.StatusCode, Header: response.Header, Body: body.Bytes(), URL: response.Request.URL.String(), Received: c.cfg.Now()}
		return nil
	})
	return out, err
}

// Stream makes a call and hands the answer to read while the timeout still runs. It is never repeated once read has begun.
func (c *Client) Stream(ctx context.Context, r Request, read func(*http.Response) error) error {
	r.NoRetry = true
	return c.call(ctx, &r, read)
}

func (c *Client) call(ctx context.Context, r *Request, read func(*http.Response) error) error {
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	target, err := c.Resolve(r.URL)
	if err != nil {
		return c.Fail(r.Op, r.Method, r.URL, err)
	}
	if len(r.Query) > 0 {
		query := target.Query()
		for key, values := range r.Query {
			query[key] = values
		}
		target.RawQuery = query.Encode()
	}
	timeout := r.Timeout
	if timeout <= 0 {
		timeout = c.cfg.Timeout
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, &timeoutError{timeout})
	defer cancel()
	var last *Error
	renewed := false
	for attempt := 0; ; attempt++ {
		failure := c.once(ctx, r, target, read)
		if failure == nil {
			return nil
		}
		if last != nil && failure.Timeout() {
			failure = last // the time ran out while it was repeated: that says less than what it was repeated for
		}
		failure.Attempts = attempt + 1
		if failure.Trouble == StaleSession && !renewed && r.Stream == nil {
			renewed = true // 401 means that nothing was done, whatever the method
			continue
		}
		if attempt >= c.cfg.Retries || !r.repeatable() || !failure.Transient() || ctx.Err() != nil {
			return failure
		}
		pause := c.pause(attempt, failure.RetryAfter)
		if deadline, ok := ctx.Deadline(); ok && c.remaining(deadline) < pause {
			return failure // waiting would only replace the cause by a timeout
		}
		if err := c.cfg.Sleep(ctx, pause); err != nil {
			return failure
		}
		last = failure
	}
}

// remaining is against the real clock: context deadlines know no other.
func (c *Client) remaining(deadline time.Time) time.Duration { return time.Until(deadline) }

func (c *Client) pause(attempt int, after time.Duration) time.Duration {
	if after > 0 {
		return after
	}
	mean := c.cfg.RetryDelay << min(attempt, 6)
	return mean/2 + time.Duration(c.jitter()*float64(mean))
}

func (c *Client) once(ctx context.Context, r *Request, target *url.URL, read func(*http.Response) error) *Error {
	body := r.Stream
	if body == nil && r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, target.String(), body)
	if err != nil {
		return c.Fail(r.Op, r.Method, target.String(), err)
	}
	if r.Stream != nil && r.Length > 0 {
		request.ContentLength = r.Length
	}
	for key, values := range r.Header {
		request.Header[key] = values
	}
	accept := r.Accept
	if accept == "" {
		accept = "application/json"
	}
	request.Header.Set("Accept", accept)
	request.Header.Set("Accept-Encoding", "identity") // services that compress all the same are understood, see decoded
	request.Header.Set("User-Agent", "crossdc-failover")
	if r.ContentType != "" {
		request.Header.Set("Content-Type", r.ContentType)
	}
	c.Authorize(request.Header)
	response, err := c.http.Do(request)
	if err != nil {
		return c.Fail(r.Op, r.Method, target.String(), timeoutCause(ctx, err))
	}
	defer func() { _ = response.Body.Close() }()
	if err := decoded(response); err != nil {
		failure := c.Fail(r.Op, r.Method, target.String(), err)
		failure.Status = response.StatusCode
		return failure
	}
	ok := response.StatusCode >= 200 && response.StatusCode < 300
	for _, status := range r.Success {
		ok = ok || status == response.StatusCode
	}
	if !ok {
		return c.Refusal(r.Op, r.Method, target.String(), response)
	}
	if trouble := page(response, target, accept); trouble != None {
		return c.troubled(&Error{Op: c.scrub(r.Op), Method: r.Method, URL: c.scrub(CleanURL(target.String())), Status: response.StatusCode, Class: trouble.class(), Trouble: trouble})
	}
	err = read(response)
	if err == nil {
		// Closing a connection at the deadline tells the service first: one that then ends its body properly would make half an answer look whole.
		err = ctx.Err()
	}
	if err != nil {
		var ours *Error
		if errors.As(err, &ours) {
			return ours
		}
		failure := c.Fail(r.Op, r.Method, target.String(), timeoutCause(ctx, err))
		failure.Status = response.StatusCode
		return failure
	}
	return nil
}

// Refusal turns an answer that is no success into an error. It reads at most 64 KiB of the body. After a 401 to a session cookie
// the cookies are dropped.
func (c *Client) Refusal(op, method, address string, response *http.Response) *Error {
	body, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10)) // what came is enough: the status says the rest
	id, message := ErrorBody(body)
	failure := &Error{
		Op: c.scrub(op), Method: method, URL: c.scrub(CleanURL(address)), Status: response.StatusCode,
		MessageID: c.scrub(clip(id)), Message: c.scrub(clip(message)),
		RetryAfter: c.retryAfter(response.Header.Get("Retry-After")), Class: classOf(response.StatusCode),
	}
	switch {
	case response.StatusCode == http.StatusUnauthorized && response.Request != nil && response.Request.Header.Get("Cookie") != "":
		c.session.forget()
		failure.Trouble = StaleSession
	case response.StatusCode == http.StatusBadRequest && c.base.Scheme == "http" && strings.Contains(message, "HTTPS"):
		failure.Trouble = TLSServer // so say Go, nginx and Apache
	case response.StatusCode < 300:
		if asked, err := url.Parse(address); err == nil {
			if failure.Trouble = page(response, asked, ""); failure.Trouble != None {
				failure.Class, failure.Message = failure.Trouble.class(), ""
			}
		}
	}
	return c.troubled(failure)
}

// Fail wraps what went wrong on the way, classified and scrubbed.
func (c *Client) Fail(op, method, address string, err error) *Error {
	failure := &Error{Op: c.scrub(op), Method: method, URL: c.scrub(CleanURL(address)), Class: classify(err), Trouble: troubleOf(err), Err: cause(err)}
	for _, class := range []error{ErrMalformed, ErrUnauthorized, ErrNotFound, ErrRejected} {
		if errors.Is(err, class) {
			failure.Class = class
		}
	}
	if text := failure.Err.Error(); c.scrub(text) != text {
		failure.Err = errors.New(c.scrub(text))
	}
	return c.troubled(failure)
}

func (c *Client) retryAfter(text string) time.Duration {
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil && seconds >= 0 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(c.cfg.Now()))
	}
	return 0
}

// timeoutError says which bound was hit.
type timeoutError struct{ bound time.Duration }

func (e *timeoutError) Error() string   { return fmt.Sprintf("no complete answer within %v", e.bound) }
func (e *timeoutError) Timeout() bool   { return true }
func (e *timeoutError) Temporary() bool { return true }
func (e *timeoutError) Unwrap() error   { return context.DeadlineExceeded }

// timeoutCause prefers the bound that ended the call over the way net/http words it.
func timeoutCause(ctx context.Context, err error) error {
	if ctx.Err() == nil || !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
		return err
	}
	var bound *timeoutError
	if why := context.Cause(ctx); errors.As(why, &bound) {
		return bound
	}
	return err
}
