package scenario

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"
)

const commit = "60a03de12abc7f0011223344556677889900aabb"

func files(t *testing.T, all map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range all {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTheVersionIsTheCommitOrTheRelease(t *testing.T) {
	branch := map[string]string{".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": commit + "\n", "suites/outage/x.go": ""}
	for name, c := range map[string]struct {
		info  *debug.BuildInfo
		files map[string]string
		at    string
		want  string
	}{
		"a branch":        {nil, branch, "suites/outage", commit[:12]},
		"packed":          {nil, map[string]string{".git/HEAD": "ref: refs/heads/main", ".git/packed-refs": "# pack-refs\n" + commit + " refs/heads/main\n"}, ".", commit[:12]},
		"detached":        {nil, map[string]string{".git/HEAD": commit}, ".", commit[:12]},
		"a worktree":      {nil, map[string]string{"w/.git": "gitdir: ../main/.git/worktrees/w", "main/.git/worktrees/w/HEAD": "ref: refs/heads/side", "main/.git/worktrees/w/commondir": "../..", "main/.git/refs/heads/side": commit}, "w", commit[:12]},
		"out of the tree": {nil, map[string]string{".git/HEAD": "ref: ../../secret", "secret": commit}, ".", ""},
		"stamped":         {&debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "ffffffffffffffff"}}}, branch, ".", "ffffffffffff"},
		"required":        {&debug.BuildInfo{Deps: []*debug.Module{{Path: modulePath, Version: "v1.2.3"}}}, branch, ".", "v1.2.3"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := version(c.info, filepath.Join(files(t, c.files), c.at)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestThisProgramWasBuiltNotLongAgo(t *testing.T) {
	if at := built(); at.IsZero() || time.Until(at) > time.Minute {
		t.Errorf("built %s", at)
	}
}
