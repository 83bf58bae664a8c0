package environment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/toolkit/access"
)

// relay implements fault.Link over the control interface of the relay between the data centers (fixtures/wan).
type relay struct {
	control   string
	token     string
	addresses map[string]string // direction -> where the relay listens; nil: probing is not possible from here
	port      int               // P
	http      *http.Client
}

// CannotApply implements fault.Particular.
func (r *relay) CannotApply(rule fault.LinkRule) string {
	if rule.Mode.OfPackets() {
		return fmt.Sprintf("the relay carries connections, and TCP hides from it what becomes of single packets (%s); set CROSSDC_ENVIRONMENT=hosts for real hosts, whose kernels handle packets", rule.Mode)
	}
	return ""
}

// relayTimeout bounds one call to the relay's control interface, which is on this machine or close to it.
const relayTimeout = 5 * time.Second

func newRelay(control, token string, addresses map[string]string, port int) *relay {
	return &relay{
		control: strings.TrimSuffix(control, "/"), token: token, addresses: addresses, port: port,
		http: &http.Client{Timeout: relayTimeout, Transport: &http.Transport{MaxIdleConns: 2, IdleConnTimeout: time.Minute}},
	}
}

// wireRule is a rule as the relay's control interface speaks it; durations are texts such as "1.5s".
type wireRule struct {
	Direction      string  `json:"direction"`
	Ports          string  `json:"ports"`
	Mode           string  `json:"mode"`
	Delay          string  `json:"delay,omitempty"`
	Jitter         string  `json:"jitter,omitempty"`
	BytesPerSecond int64   `json:"bytesPerSecond,omitempty"`
	Lost           float64 `json:"lost,omitempty"`
	Handshake      string  `json:"handshake,omitempty"`
	Retransmit     string  `json:"retransmit,omitempty"`
	Down           string  `json:"down,omitempty"`
	Up             string  `json:"up,omitempty"`
	Lifetime       string  `json:"lifetime"`
	Remaining      string  `json:"remaining,omitempty"` // in answers: what is left of the lifetime
}

// Apply implements fault.Link.
func (r *relay) Apply(ctx context.Context, rule fault.LinkRule) error {
	text := func(d time.Duration) string {
		if d == 0 {
			return ""
		}
		return d.String()
	}
	body, err := json.Marshal(wireRule{
		Direction: rule.Direction, Ports: string(rule.Ports), Mode: string(rule.Mode), Delay: text(rule.Delay), Jitter: text(rule.Jitter),
		BytesPerSecond: rule.BytesPerSecond, Lost: rule.Lost, Handshake: text(rule.Handshake), Retransmit: text(rule.Retransmit),
		Down: text(rule.Down), Up: text(rule.Up), Lifetime: rule.Lifetime.String(),
	})
	if err != nil {
		return fmt.Errorf("apply %s to %s: %w", rule.Mode, rule.Direction, err)
	}
	_, err = r.call(ctx, http.MethodPut, "/rules", body)
	return err
}

// Clear implements fault.Link.
func (r *relay) Clear(ctx context.Context, direction string) error {
	_, err := r.call(ctx, http.MethodDelete, "/rules?direction="+url.QueryEscape(direction), nil)
	return err
}

// Rules implements fault.Link.
func (r *relay) Rules(ctx context.Context) ([]fault.LinkRule, error) {
	raw, err := r.call(ctx, http.MethodGet, "/rules", nil)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Rules []wireRule `json:"rules"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, fmt.Errorf("read the relay's rules: %w", err)
	}
	rules := make([]fault.LinkRule, 0, len(answer.Rules))
	for _, wire := range answer.Rules {
		rule := fault.LinkRule{
			Direction: wire.Direction, Ports: fault.Ports(wire.Ports), Mode: fault.Mode(wire.Mode), BytesPerSecond: wire.BytesPerSecond, Lost: wire.Lost,
		}
		for _, field := range []struct {
			text string
			into *time.Duration
		}{{wire.Delay, &rule.Delay}, {wire.Jitter, &rule.Jitter}, {wire.Down, &rule.Down}, {wire.Up, &rule.Up}, {wire.Handshake, &rule.Handshake}, {wire.Retransmit, &rule.Retransmit}, {wire.Remaining, &rule.Lifetime}} {
			if field.text == "" {
				continue
			}
			if *field.into, err = time.ParseDuration(field.text); err != nil {
				return nil, fmt.Errorf("read the relay's rules: duration %q: %w", field.text, err)
			}
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

// Ended implements fault.Reporter.
func (r *relay) Ended(ctx context.Context) ([]fault.EndedRule, error) {
	raw, err := r.call(ctx, http.MethodGet, "/ended", nil)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Ended []struct {
			wireRule
			Lasted string `json:"lasted"`
			Why    string `json:"why"`
		} `json:"ended"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, fmt.Errorf("read which of the relay's rules ended: %w", err)
	}
	var list []fault.EndedRule
	for _, wire := range answer.Ended {
		lasted, err := time.ParseDuration(wire.Lasted)
		if err != nil {
			return nil, fmt.Errorf("read which of the relay's rules ended: duration %q: %w", wire.Lasted, err)
		}
		list = append(list, fault.EndedRule{
			Direction: wire.Direction, Ports: fault.Ports(wire.Ports), Mode: fault.Mode(wire.Mode), Lasted: lasted, Expired: wire.Why == "expired",
		})
	}
	return list, nil
}

func (r *relay) closeIdle() { r.http.CloseIdleConnections() }

// Probe implements fault.Link.
func (r *relay) Probe(ctx context.Context, direction string, port int) error {
	address, ok := r.addresses[direction]
	if !ok {
		return fmt.Errorf("probe the link %s: where the relay listens is not known here", direction)
	}
	return probeListener(ctx, toolkitListener(address, r.port, port))
}

// present asks a relay that the settings name for its rules, before anything is watched or broken: one that cannot be asked
// would keep a fault from being injected, and after any fault nobody could say whether the link is as it was.
func (r *relay) present(ctx context.Context) error {
	_, err := r.Rules(ctx)
	if err == nil {
		return nil
	}
	cause := model.Cause{Kind: model.CauseProtocol, Problem: "the relay answers something that is not a relay's list of rules", Object: access.CleanURL(r.control), Setting: "CROSSDC_RELAY_URL", Detail: err.Error()}
	var ours *access.Error
	if errors.As(err, &ours) {
		cause = causeOfCall("", "CROSSDC_RELAY_URL", ours)
		cause.Problem = "the relay " + cause.Problem
		switch cause.Kind {
		case model.CauseLogin, model.CauseRights:
			cause.Setting, cause.Remedy = "CROSSDC_RELAY_TOKEN", "check CROSSDC_RELAY_TOKEN or CROSSDC_RELAY_TOKEN_FILE"
		case model.CauseUnreachable, model.CauseNoAnswer:
			cause.Remedy = "check CROSSDC_RELAY_URL, and that the relay runs"
		}
	}
	return &Obstacle{cause, err}
}

// call asks again for as long as a call may take: every call of the control interface may be repeated.
func (r *relay) call(ctx context.Context, method, path string, body []byte) (answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, relayTimeout)
	defer cancel()
	err = insist(ctx, func(ctx context.Context) (err error) {
		answer, err = r.callOnce(ctx, method, path, body)
		return err
	})
	return answer, err
}

func (r *relay) callOnce(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	failed := func(class, cause error) *access.Error {
		return &access.Error{Op: "call the relay", Method: method, URL: access.CleanURL(r.control + path), Class: class, Err: cause}
	}
	request, err := http.NewRequestWithContext(ctx, method, r.control+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("call the relay: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+r.token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := r.http.Do(request)
	if err != nil {
		return nil, failed(access.ErrUnreachable, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return nil, failed(access.ErrUnreachable, err)
	}
	if response.StatusCode/100 != 2 {
		failure := failed(relayClass(response.StatusCode), nil)
		failure.Status, failure.Message = response.StatusCode, strings.TrimSpace(string(answer))
		if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
			failure.RetryAfter = time.Duration(seconds) * time.Second
		}
		return nil, failure
	}
	return answer, nil
}

// relayClass is what a status of the control interface means.
func relayClass(status int) error {
	switch {
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		return access.ErrBusy
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return access.ErrUnauthorized
	case status >= http.StatusInternalServerError:
		return access.ErrServer
	}
	return access.ErrRejected
}
