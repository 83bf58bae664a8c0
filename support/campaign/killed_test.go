package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/crossdc/failover/support/campaign/programs"
)

// TestAKilledCampaignGoesOn runs real trials of S03 on the cluster of fixtures/cluster, kills the command with SIGKILL in the middle,
// and gives the same command again: each shard counts once, whoever was told of it.
func TestAKilledCampaignGoesOn(t *testing.T) {
	cluster := apiServer(t)
	folder, err := os.MkdirTemp("", "k") // short: sockets of data centers lie below it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	root := filepath.Join("..", "..")
	built, command := filepath.Join(folder, "p"), filepath.Join(folder, "campaign")
	if err := programs.Build(t.Context(), root, built, []string{"outage"}); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", command, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	kubeconfig := serve(t, cluster, filepath.Join(folder, "c"), built)
	state, reports := filepath.Join(folder, "state"), filepath.Join(folder, "reports")
	campaign := func() *exec.Cmd {
		c := exec.Command(command, "-name", "killed", "-state", state, "-labels", "S03", "-suites", "outage", "-trials", "4", "-p", "2", "-seed", "7",
			"-engine", "kubernetes", "-image", "x/y:1", "-kubeconfig", kubeconfig, "-poll", "200ms", "-progress", "500ms")
		c.Dir = root
		c.Env = append(os.Environ(), "CROSSDC_REPORTS="+reports, "CROSSDC_HISTORY=-")
		c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		return c
	}
	first := campaign()
	output, err := first.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	killed := false
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if !killed && (strings.Contains(lines.Text(), "1 of 4 shards done") || strings.Contains(lines.Text(), "2 of 4 shards done")) {
			killed = true
			_ = first.Process.Kill() // what the test is about; Wait tells if it had ended
		}
	}
	if err := first.Wait(); !killed || err == nil {
		t.Fatalf("killed in the middle: %v, ended with %v", killed, err)
	}
	var said bytes.Buffer
	second := campaign()
	second.Stdout, second.Stderr = &said, &said
	ended := second.Run() // 1 where a trial proved nothing, as on a machine that is too busy
	if code := second.ProcessState.ExitCode(); code != 0 && code != 1 {
		t.Fatalf("the same command again: %v\n%s", ended, said.String())
	}
	if !strings.Contains(said.String(), "4 of 4 shards delivered") {
		t.Errorf("it does not say that all were delivered:\n%s", said.String())
	}
	journal, err := os.ReadFile(filepath.Join(state, "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]int{"delivered": 4, "doubled": 0, "lost": 0, "round": 1} {
		if got := strings.Count(string(journal), `"kind":"`+kind+`"`); got != want {
			t.Errorf("%s: %d, want %d\n%s", kind, got, want, journal)
		}
	}
	raw, err := os.ReadFile(filepath.Join(reports, "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	var run struct {
		Scenarios []struct{ ID, Outcome string }
	}
	if err := json.Unmarshal(raw, &run); err != nil || len(run.Scenarios) != 4 {
		t.Fatalf("the run has %d scenarios, %v", len(run.Scenarios), err)
	}
	for _, s := range run.Scenarios {
		if s.ID != "S03" || s.Outcome != "passed" && s.Outcome != "inconclusive" {
			t.Errorf("%s is %s", s.ID, s.Outcome)
		}
	}
}

// serve starts the cluster and returns its kubeconfig.
func serve(t *testing.T, program, folder, programs string, more ...string) string {
	t.Helper()
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, append([]string{"-folder", folder, "-programs", programs}, more...)...)
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close() // which ends it
		timer := time.AfterFunc(10*time.Second, func() { _ = c.Process.Kill() })
		_ = c.Wait()
		timer.Stop()
	})
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		var line struct{ Kubeconfig string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Kubeconfig != "" {
			go func() { // what it says later must not fill the pipe; it ends with the pipe
				for lines.Scan() {
				}
			}()
			return line.Kubeconfig
		}
	}
	t.Fatal("the cluster ended before it was ready")
	return ""
}
