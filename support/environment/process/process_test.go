package process

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// child is a process with a child of its own, like an instance with its PEs.
const child = `sleep 1000 & echo '{"ready":true,"pid":1}'; echo trouble >&2; read -r line; kill $!; exit 3`

func start(t *testing.T, script string) *Process {
	t.Helper()
	launcher := NewLauncher()
	t.Cleanup(launcher.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	p, err := launcher.Start(ctx, "child", "/bin/sh", []string{"-c", script}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Kill(context.Background()) })
	return p
}

func TestKillEndsTheWholeGroup(t *testing.T) {
	p := start(t, child)
	members, err := p.Members()
	if err != nil || len(members) != 2 {
		t.Fatalf("members before the kill: %v, %v; want the shell and its sleep", members, err)
	}
	if err := p.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if members, _ := p.Members(); len(members) != 0 {
		t.Errorf("members after the kill: %v", members)
	}
	<-p.Exited()
}

func TestSuspendStopsEveryMember(t *testing.T) {
	p := start(t, child)
	if err := p.Suspend(t.Context()); err != nil {
		t.Fatal(err)
	}
	members, _ := p.Members()
	for pid, state := range members {
		if state != 'T' {
			t.Errorf("process %d is in state %c after Suspend", pid, state)
		}
	}
	if err := p.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestSignalMemberRefusesStrangers(t *testing.T) {
	p := start(t, child)
	if err := p.SignalMember(os.Getpid(), syscall.SIGURG); err == nil || !strings.Contains(err.Error(), "not ours") {
		t.Errorf("signalling a stranger: %v; want a refusal", err)
	}
}

func TestStartReportsLastWords(t *testing.T) {
	launcher := NewLauncher()
	defer launcher.Close()
	_, err := launcher.Start(t.Context(), "broken", "/bin/sh", []string{"-c", "echo port 9714 is in use >&2; exit 1"}, nil)
	if err == nil || !strings.Contains(err.Error(), "port 9714 is in use") {
		t.Errorf("error %v; want the child's last words in it", err)
	}
}

func TestStartGivesUpAndLeavesNothing(t *testing.T) {
	launcher := NewLauncher()
	defer launcher.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := launcher.Start(ctx, "silent", "/bin/sh", []string{"-c", "sleep 1000"}, nil); err == nil {
		t.Error("a process that never says ready was accepted")
	}
}

func TestParseStatCopesWithAnyCommandName(t *testing.T) {
	pid, state, group, err := parseStat("42 (a) b (c)) S 1 77 77 0")
	if err != nil || pid != 42 || state != 'S' || group != 77 {
		t.Errorf("got %d %c %d %v", pid, state, group, err)
	}
	for _, bad := range []string{"", "42", "42 (x", "x (y) S 1 2", "42 (y) S 1"} {
		if _, _, _, err := parseStat(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestBlocksDoNotOverlap(t *testing.T) {
	first, err := ReserveBlock(rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	defer first.Release()
	second, err := ReserveBlock(rand.New(rand.NewPCG(1, 1))) // the same draws
	if err != nil {
		t.Fatal(err)
	}
	defer second.Release()
	if first.DataCenter(1) == second.DataCenter(1) {
		t.Errorf("two environments share %s", first.DataCenter(1))
	}
}

// TestNothingOutlivesAKilledSuite runs this test binary as a suite of its own, kills it with SIGKILL, and looks at
// what is left.
func TestNothingOutlivesAKilledSuite(t *testing.T) {
	if os.Getenv("PROCESS_TEST_SUITE") == "1" {
		playSuite()
	}
	self := []string{os.Args[0], "-test.run=^TestNothingOutlivesAKilledSuite$"}
	t.Run("from a terminal", func(t *testing.T) { nothingOutlives(t, self...) })
	t.Run("by nohup", func(t *testing.T) {
		nothingOutlives(t, append([]string{"/bin/sh", "-c", `trap '' HUP; exec "$0" "$@"`}, self...)...)
	})
}

func nothingOutlives(t *testing.T, command ...string) {
	t.Helper()
	suite := exec.Command(command[0], command[1:]...)
	suite.Env = append(os.Environ(), "PROCESS_TEST_SUITE=1")
	stdout, err := suite.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := suite.Start(); err != nil {
		t.Fatal(err)
	}
	var said struct {
		Folder string
		Group  int
	}
	lines := bufio.NewScanner(stdout)
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &said) != nil {
		t.Fatalf("the suite said %q", lines.Text())
	}
	if err := suite.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = suite.Wait()
	deadline := time.Now().Add(2 * time.Second)
	group := &Process{command: &exec.Cmd{Process: &os.Process{Pid: said.Group}}}
	for {
		members, err := group.Members()
		if err != nil {
			t.Fatal(err)
		}
		_, statErr := os.Stat(said.Folder)
		if len(members) == 0 && os.IsNotExist(statErr) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("2 s after kill -9 there are still processes %v or the folder (%v)", members, statErr)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func playSuite() {
	folder, err := NewFolder()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	p, err := NewLauncher().Start(context.Background(), "child", "/bin/sh", []string{"-c", child}, nil)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	_ = p.Suspend(context.Background()) // a stopped process must die too
	fmt.Printf("{\"Folder\":%q,\"Group\":%d}\n", folder.Path, p.PID())
	select {}
}
