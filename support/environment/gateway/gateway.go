// Package gateway puts the misbehaving proxy of fixtures/gateway between a test and its data centers, as a process. Tests
// import it; it imports nothing of ours.
package gateway

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Service is one address behind the gateway; see fixtures/gateway/README.md for Face.
type Service struct {
	Name     string `json:"name"`
	Listen   string `json:"listen"` // default 127.0.0.1:0
	Target   string `json:"target"`
	TargetCA string `json:"targetCA,omitempty"`
	Face     string `json:"face,omitempty"`
}

// Usage says of a rule, in the order in which they were given, how many calls it described and to how many it was applied.
type Usage struct{ Seen, Applied int }

// Gateway is a running proxy.
type Gateway struct {
	URLs   map[string]string // where each service is reached, by name
	CAFile string            // authority of its certificates

	command *exec.Cmd
	stdin   io.WriteCloser
	mu      sync.Mutex // one line and its answer at a time
	lines   *bufio.Reader
}

// Build compiles the proxy into folder and returns its path.
func Build(ctx context.Context, folder string) (string, error) {
	path := filepath.Join(folder, "gateway")
	output, err := exec.CommandContext(ctx, "go", "build", "-o", path, "github.com/crossdc/failover/fixtures/gateway").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the gateway: %w: %s", err, output)
	}
	return path, nil
}

// Start runs a built proxy with rules, a JSON array as fixtures/gateway/README.md describes it. Its files lie in folder. It ends
// with Close, at the latest with this process.
func Start(ctx context.Context, path, folder string, services []Service, rules string) (*Gateway, error) {
	if rules == "" {
		rules = "[]"
	}
	for i := range services {
		if services[i].Listen == "" {
			services[i].Listen = "127.0.0.1:0"
		}
	}
	g := &Gateway{CAFile: filepath.Join(folder, "gateway.pem")}
	config, err := json.Marshal(map[string]any{"caFile": g.CAFile, "services": services, "rules": json.RawMessage(rules)})
	if err != nil {
		return nil, fmt.Errorf("configure the gateway: %w", err)
	}
	file := filepath.Join(folder, "gateway.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		return nil, fmt.Errorf("configure the gateway: %w", err)
	}
	g.command = exec.CommandContext(ctx, path, "-config", file)
	g.command.Stderr = os.Stderr
	if g.stdin, err = g.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start the gateway: %w", err)
	}
	stdout, err := g.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the gateway: %w", err)
	}
	if err := g.command.Start(); err != nil {
		return nil, fmt.Errorf("start the gateway: %w", err)
	}
	g.lines = bufio.NewReader(stdout)
	line, err := g.lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &struct{ URLs *map[string]string }{&g.URLs})
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the gateway: it did not say that it is ready: %w", err), g.Close())
	}
	return g, nil
}

// Rules replaces the rules in force and says how often those before were applied. With "" it only asks.
func (g *Gateway) Rules(rules string) ([]Usage, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, err := io.WriteString(g.stdin, strings.ReplaceAll(rules, "\n", " ")+"\n"); err != nil {
		return nil, fmt.Errorf("change the gateway's rules: %w", err)
	}
	line, err := g.lines.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("change the gateway's rules: %w", err)
	}
	var answer struct {
		OK    bool
		Error string
		Rules []Usage
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		return nil, fmt.Errorf("change the gateway's rules: answer %q: %w", line, err)
	}
	if !answer.OK {
		return nil, fmt.Errorf("change the gateway's rules: %s", answer.Error)
	}
	return answer.Rules, nil
}

// Close ends it and waits.
func (g *Gateway) Close() error {
	_ = g.stdin.Close()
	if err := g.command.Wait(); err != nil {
		return fmt.Errorf("end the gateway: %w", err)
	}
	return nil
}
