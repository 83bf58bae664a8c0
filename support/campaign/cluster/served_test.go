package cluster

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/campaign/engine"
)

// served starts the cluster of fixtures/cluster, which make test-cluster builds, and returns its kubeconfig.
func served(t *testing.T, programs string, arguments ...string) string {
	t.Helper()
	program := os.Getenv("TEST_CLUSTER")
	if program == "" {
		t.Skip("needs the API server of fixtures/cluster: make test-cluster")
	}
	command := exec.Command(program, append([]string{"-folder", t.TempDir(), "-programs", programs}, arguments...)...)
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		done := make(chan struct{})
		go func() { _ = command.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			_ = command.Process.Kill()
			<-done
		}
	})
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		var line struct{ Kubeconfig string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Kubeconfig != "" {
			return line.Kubeconfig
		}
	}
	t.Fatal("the cluster ended before it was ready")
	return ""
}

// shard is a program that delivers one line of nothing after a second, in place of a suite: what is tested is what becomes of it.
func shard(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "shard"), []byte("#!/bin/sh\nsleep 1\necho done\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return folder
}

// TestWhatBefallsPodsIsTold plays evictions, kills, doubles, lost nodes and cut logs, and looks for each by its shard.
func TestWhatBefallsPodsIsTold(t *testing.T) {
	kubeconfig := served(t, shard(t), "-play", "evict:0@1,kill:1@1,double:2@1,lose:3@1")
	r := round(t)
	shards, err := r.Plan.Shards()
	if err != nil {
		t.Fatal(err)
	}
	r.Todo = shards[:4]
	e := &Engine{Options: Options{Image: "x", CPU: "1", Memory: "1Gi", Parallel: 4, Retries: 1, Limit: time.Minute}, Kubeconfig: kubeconfig, Poll: 50 * time.Millisecond, Stall: 30 * time.Second}
	ended := map[int][]string{}
	err = e.Run(t.Context(), r, func(event engine.Event) error {
		if !event.Began {
			ended[event.Shard] = append(ended[event.Shard], event.Node+" "+event.Why)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for shard, want := range map[int]string{0: "pod", 1: "exit code 137", 3: "disrupted: DeletionByTaintManager"} {
		if len(ended[shard]) != 2 || !strings.Contains(strings.Join(ended[shard], "\n"), want) {
			t.Errorf("shard %d ended %q, want twice and %q", shard, ended[shard], want)
		}
	}
	if len(ended[2]) != 2 {
		t.Errorf("a doubled shard ended %q", ended[2])
	}
}

func TestADeadControllerIsNamed(t *testing.T) {
	r := round(t)
	e := &Engine{Options: Options{Image: "x", CPU: "1", Memory: "1Gi", Parallel: 1, Limit: time.Minute}, Kubeconfig: served(t, shard(t), "-dies", "1"), Poll: 50 * time.Millisecond, Stall: 4 * time.Second}
	err := e.Run(t.Context(), r, func(engine.Event) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "does the Job controller run") {
		t.Errorf("said %v", err)
	}
}
