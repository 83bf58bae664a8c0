package streams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"

	"github.com/crossdc/failover/toolkit/access"
)

// Config says where the management API is and how to reach it.
type Config struct {
	// Root is the URL of the root collection, or host[:port] only: then the known root paths are tried (contract 7).
	Root string
	// PageSize is the count asked for per page; default 1000 (contract 1.4).
	PageSize int

	access.Config
}

// maxPages bounds a collection whose next links do not end.
const maxPages = 10_000

// Client calls the management API of one Streams system. It is safe for concurrent use; values it returned stay as they
// were read. Every method fails with *Error and returns within Config.Timeout (LongTimeout for submission, upload,
// traces and archives).
type Client struct {
	access *access.Client
	roots  []string // candidates
	page   int

	answers answers

	mu     sync.Mutex
	root   *Root
	layout map[string]jobLayout // by job self; see JobMetrics
}

// New checks the configuration and builds a client. It contacts nobody.
func New(cfg Config) (*Client, error) {
	a, err := access.NewClient(cfg.Config, cfg.Root)
	if err != nil {
		return nil, fmt.Errorf("configure the streams client: %w", err)
	}
	c := &Client{access: a, page: cfg.PageSize, layout: map[string]jobLayout{}}
	if c.page <= 0 {
		c.page = 1000
	}
	base := a.Base()
	if base.Path == "" || base.Path == "/" {
		for _, path := range rootPaths {
			candidate := *base
			candidate.Path = path
			c.roots = append(c.roots, candidate.String())
		}
	} else {
		c.roots = []string{base.String()}
	}
	return c, nil
}

// Insecure reports whether certificates are not checked or the way is not encrypted; reports must say so.
func (c *Client) Insecure() bool { return c.access.Insecure() }

// CloseIdle closes connections that are not in use.
func (c *Client) CloseIdle() { c.access.CloseIdle() }

// Format prints the host and nothing else, for every verb.
func (c *Client) Format(state fmt.State, _ rune) {
	_, _ = fmt.Fprintf(state, "streams client of %s", c.access.Base().Host)
}

// Discover reads the root collection and remembers it for later calls.
func (c *Client) Discover(ctx context.Context) (Root, error) {
	var last error
	for _, address := range c.roots {
		response, err := c.access.Do(ctx, access.Request{Op: "discover the root", URL: address})
		if err == nil {
			var root Root
			if root, err = decodeBody(c, "discover the root", response, decodeRoot); err == nil {
				root.URL = response.URL
				c.mu.Lock()
				c.root = &root
				c.mu.Unlock()
				return root, nil
			}
		}
		last = err
		if !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrMalformed) {
			break // another path would fare no better
		}
	}
	return Root{}, last
}

func (c *Client) entry(ctx context.Context, name string) (string, error) {
	c.mu.Lock()
	root := c.root
	c.mu.Unlock()
	if root == nil {
		found, err := c.Discover(ctx)
		if err != nil {
			return "", err
		}
		root = &found
	}
	if link := root.Entries[name]; link != "" {
		return link, nil
	}
	return sibling(root.URL, name)
}

// Domains lists the domains; ErrNotFound where the model has none (v5).
func (c *Client) Domains(ctx context.Context) ([]Domain, error) {
	link, err := c.entry(ctx, "domains")
	if err != nil {
		return nil, c.fail("list domains", "", err)
	}
	return list(ctx, c, "list domains", link, "domains", nil, decodeDomain)
}

// Instances lists the instances.
func (c *Client) Instances(ctx context.Context) ([]Instance, error) {
	link, err := c.entry(ctx, "instances")
	if err != nil {
		return nil, c.fail("list instances", "", err)
	}
	return list(ctx, c, "list instances", link, "instances", nil, decodeInstance)
}

// Instance finds an instance by id; ErrNotFound when there is none.
func (c *Client) Instance(ctx context.Context, id string) (Instance, error) {
	op := "find instance " + id
	link, err := c.entry(ctx, "instances")
	if err != nil {
		return Instance{}, c.fail(op, "", err)
	}
	found, err := list(ctx, c, op, link, "instances", url.Values{"id": {id}}, decodeInstance)
	if err != nil {
		return Instance{}, err
	}
	for _, instance := range found { // a service that ignores the filter lists all
		if instance.ID == id {
			return instance, nil
		}
	}
	return Instance{}, &Error{Op: op, Method: http.MethodGet, URL: access.CleanURL(link), Class: ErrNotFound, Message: "no such instance is listed"}
}

// ReloadInstance reads an instance again.
func (c *Client) ReloadInstance(ctx context.Context, instance Instance) (Instance, error) {
	return reload(ctx, c, "read instance "+instance.ID, instance.Element, decodeInstance)
}

// Resources lists the hosts of an instance, or of its domain where the instance has no such link (contract 2.3).
func (c *Client) Resources(ctx context.Context, instance Instance) ([]Resource, error) {
	op := "list resources of " + instance.ID
	link, ok := instance.Link("resources")
	if domain, has := instance.Link("domain"); !ok && has {
		d, err := get(ctx, c, op, domain, decodeDomain)
		if err != nil {
			return nil, err
		}
		if link, err = linkOr(d.Element, "resources"); err != nil {
			return nil, c.fail(op, domain, err)
		}
	} else if !ok {
		var err error
		if link, err = linkOr(instance.Element, "resources"); err != nil {
			return nil, c.fail(op, "", err)
		}
	}
	return list(ctx, c, op, link, "resources", nil, decodeResource)
}

// ResourceMetrics reads the metrics of a host.
func (c *Client) ResourceMetrics(ctx context.Context, resource Resource) ([]Metric, error) {
	return c.metrics(ctx, "read metrics of resource "+resource.ID, resource.Element)
}

func (c *Client) fail(op, address string, err error) error {
	var ours *Error
	if errors.As(err, &ours) {
		return ours
	}
	return c.access.Fail(op, "", address, err)
}

// decodeBody decodes a whole answer; errors name the operation, the address and the property.
func decodeBody[T any](c *Client, op string, response access.Response, decode decoder[T]) (T, error) {
	out, err := decode("", response.Body)
	if err == nil {
		return out, nil
	}
	if notJSON := jsonBody(response.Body); notJSON != nil {
		err = notJSON
	}
	failure := c.access.Fail(op, http.MethodGet, response.URL, err)
	failure.Status = response.Status
	var zero T
	return zero, failure
}

// decodeAgain is decodeBody for what is asked over and over: a body that was decoded before is not taken apart again.
func decodeAgain[T any](c *Client, op string, response access.Response, decode decoder[T]) (T, error) {
	if known, ok := c.answers.known(response.URL, response.Body).(T); ok {
		return known, nil
	}
	out, err := decodeBody(c, op, response, decode)
	if err == nil {
		c.answers.remember(response.URL, response.Body, out)
	}
	return out, err
}

// jsonBody says why an answer is no JSON at all.
func jsonBody(body []byte) error {
	if len(body) == 0 {
		return fmt.Errorf("%w: body is empty, want JSON", access.ErrMalformed)
	}
	if json.Valid(body) {
		return nil
	}
	var any json.RawMessage
	return fmt.Errorf("%w: body is not JSON: %w", access.ErrMalformed, json.Unmarshal(body, &any))
}

func get[T any](ctx context.Context, c *Client, op, link string, decode decoder[T]) (T, error) {
	response, err := c.access.Do(ctx, access.Request{Op: op, URL: link})
	if err != nil {
		var zero T
		return zero, err
	}
	return decodeAgain(c, op, response, decode)
}

func reload[T any](ctx context.Context, c *Client, op string, e Element, decode decoder[T]) (T, error) {
	if e.Self == "" {
		var zero T
		return zero, c.fail(op, "", errNoSelf)
	}
	return get(ctx, c, op, e.Self, decode)
}

// list reads a collection through all of its pages. Elements that moved between pages while reading are given once.
// The call's timeout covers all pages together.
func list[T any](ctx context.Context, c *Client, op, link, key string, filter url.Values, decode decoder[T]) ([]T, error) {
	short, _ := c.access.Timeout()
	ctx, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	query := url.Values{"count": {strconv.Itoa(c.page)}}
	for name, values := range filter {
		query[name] = values
	}
	out := []T{}
	seen := map[string]bool{}
	known := map[string]bool{}
	var total int64
	for pages := 0; link != ""; pages++ {
		if seen[link] || pages >= maxPages {
			return nil, c.fail(op, link, fmt.Errorf("%w: next links do not end", access.ErrMalformed))
		}
		seen[link] = true
		response, err := c.access.Do(ctx, access.Request{Op: op, URL: link, Query: query})
		if err != nil {
			return nil, err
		}
		query = nil // next carries its own
		if total += int64(len(response.Body)); total > c.access.MaxBody() {
			return nil, c.fail(op, link, fmt.Errorf("%w: pages of more than %d bytes", access.ErrMalformed, c.access.MaxBody()))
		}
		read, err := decodeAgain(c, op, response, pageDecoder(key, decode))
		if err != nil {
			return nil, err
		}
		for _, element := range read.elements {
			if self := selfOf(element); self != "" {
				if known[self] {
					continue
				}
				known[self] = true
			}
			out = append(out, element)
		}
		link = read.next
	}
	return out, nil
}

// page is one page of a collection.
type page[T any] struct {
	elements []T
	next     string // link of the next one
}

func pageDecoder[T any](key string, decode decoder[T]) decoder[page[T]] {
	return func(path string, body json.RawMessage) (page[T], error) {
		f := object(path, body)
		read := page[T]{next: f.text("next")}
		raw, there := f.raw[key]
		if f.err == nil && !there {
			f.err = fmt.Errorf("%w: %s is missing", access.ErrMalformed, f.at(key))
		}
		entries, err := array(f.at(key), raw)
		if f.err != nil {
			err = f.err
		}
		if err != nil {
			return page[T]{}, err
		}
		for i, entry := range entries {
			element, err := decode(fmt.Sprintf("%s[%d]", f.at(key), i), entry)
			if err != nil {
				return page[T]{}, err
			}
			read.elements = append(read.elements, element)
		}
		return read, nil
	}
}

func selfOf(element any) string {
	if e, ok := element.(interface{ selfLink() string }); ok {
		return e.selfLink()
	}
	return ""
}

func (e Element) selfLink() string { return e.Self }

// decoder reads one element; path names it in errors.
type decoder[T any] = func(path string, raw json.RawMessage) (T, error)

var errNoSelf = fmt.Errorf("%w: it has no self", access.ErrMalformed)

func isGone(err error) bool { return errors.Is(err, ErrNotFound) }
