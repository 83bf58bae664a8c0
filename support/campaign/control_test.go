package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/campaign/engine"
	"github.com/crossdc/failover/support/campaign/local"
	"github.com/crossdc/failover/support/campaign/plan"
	"github.com/crossdc/failover/support/campaign/state"
)

// silent runs nothing of what it is given, or only tells that it was lost.
type silent struct{ tells bool }

func (silent) Name() string { return "silent" }

func (s silent) Run(_ context.Context, round engine.Round, tell func(engine.Event) error) error {
	for _, shard := range round.Todo {
		if s.tells {
			if err := tell(engine.Event{Shard: shard.Index, Attempt: attemptName(), Node: "n", Why: "the node was lost"}); err != nil {
				return err
			}
		}
	}
	return nil
}

func controlled(t *testing.T, e engine.Engine, retries int, out *bytes.Buffer) *control {
	t.Helper()
	r := plan.Request{Name: "c", Run: "c-1", Labels: "S03", Suites: []string{"outage"}, Trials: 3, PerShard: 1, Seed: 1}
	s, err := state.Open(t.TempDir(), r, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &control{state: s, engine: e, retries: retries, out: out, now: time.Now}
}

func TestAnEngineThatRunsNothingEndsTheCampaign(t *testing.T) {
	if err := controlled(t, silent{}, 2, &bytes.Buffer{}).run(t.Context()); !errors.Is(err, errNoProgress) || !strings.Contains(err.Error(), "shards 0-2") {
		t.Errorf("said %v", err)
	}
}

func TestALostShardIsRunAgainAsOftenAsSaid(t *testing.T) {
	var out bytes.Buffer
	c := controlled(t, silent{tells: true}, 2, &out)
	if err := c.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c.lost() != 9 || len(c.state.Missing()) != 3 || strings.Count(out.String(), "is lost: the node was lost") != 9 {
		t.Errorf("%d lost, %d missing, said\n%s", c.lost(), len(c.state.Missing()), out.String())
	}
}

// TestShardsThatDieAreNamedWithTheirLogs runs real processes in place of the program of a shard: one that delivers nothing,
// one that cannot be started, one that hangs.
func TestShardsThatDieAreNamedWithTheirLogs(t *testing.T) {
	for _, c := range []struct{ name, script, says string }{
		{"dies", "#!/bin/sh\necho out of memory; exit 7\n", "exit status 7; see "},
		{"hangs", "#!/bin/sh\nexec sleep 60\n", "it took longer than its limit of 300ms; see "},
		{"is none", "", "no such file"},
		{"lies", "#!/bin/sh\nexit 0\n", "see "},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			program := filepath.Join(dir, "shard")
			if c.script != "" {
				if err := os.WriteFile(program, []byte(c.script), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			var out bytes.Buffer
			e := &local.Engine{Shard: []string{program}, Programs: dir, Work: filepath.Join(dir, "work"), Parallel: 2, Limit: 300 * time.Millisecond, Environ: os.Environ(), Attempt: attemptName}
			if c.name != "hangs" {
				e.Limit = time.Minute
			}
			control := controlled(t, e, 0, &out)
			if err := control.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if control.lost() != 3 || strings.Count(out.String(), c.says) != 3 {
				t.Errorf("%d lost, said\n%s", control.lost(), out.String())
			}
		})
	}
}

// TestWhatEndsBecauseWeAreEndedIsRunAgain ends a campaign whose shards run.
func TestWhatEndsBecauseWeAreEndedIsRunAgain(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "shard")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nexec sleep 60\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	e := &local.Engine{Shard: []string{program}, Programs: dir, Work: filepath.Join(dir, "work"), Parallel: 2, Limit: time.Minute, Environ: os.Environ(), Attempt: attemptName}
	c := controlled(t, e, 0, &bytes.Buffer{})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := c.run(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("said %v", err)
	}
	if todo := c.state.Todo(0); c.lost() != 0 || len(todo) != 3 {
		t.Errorf("%d lost, todo %v", c.lost(), todo)
	}
}

func TestFlagsThatCannotBeAreNamed(t *testing.T) {
	for _, c := range []struct{ flags, says string }{
		{"-p 0", "-p 0: want at least 1"}, {"-retries -1", "-retries -1"}, {"-engine cloud", `-engine "cloud"`}, {"nightly", `"nightly" is not understood`},
		{"-limit 1ms", "-limit 1ms"},
	} {
		if _, err := parse(strings.Fields(c.flags), &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.flags, err)
		}
	}
	kept := plan.Request{Name: "c", Labels: "S03", Trials: 59, PerShard: 1, Seed: 4}
	o, err := parse(strings.Fields("-trials 29"), &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.fits(kept); err == nil || !strings.Contains(err.Error(), "begun with -trials 59") {
		t.Errorf("other trials: %v", err)
	}
	if o, _ = parse(nil, &bytes.Buffer{}); o.fits(kept) != nil {
		t.Errorf("no flags: %v", o.fits(kept))
	}
}
