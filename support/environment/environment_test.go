package environment

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/toolkit"
)

func open(t *testing.T) *Environment {
	t.Helper()
	settings, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // the programs may have to be compiled
	defer cancel()
	env, err := Open(ctx, settings, Options{Progress: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := env.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return env
}

// TestEmbeddedEnvironment brings up real processes once and looks at them from several sides.
func TestEmbeddedEnvironment(t *testing.T) {
	env := open(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	t.Run("both data centers come to hold each other UP", func(t *testing.T) {
		awaitStatus(ctx, t, env, toolkit.Up)
	})
	t.Run("an event goes through each side", func(t *testing.T) {
		for _, a := range env.Client.Availability(ctx) {
			if a.Outcome != toolkit.Served {
				t.Errorf("%v", a)
			}
		}
	})
	t.Run("the link answers in both directions", func(t *testing.T) {
		for _, direction := range []string{"dc1->dc2", "dc2->dc1"} {
			if err := env.Link().Probe(ctx, direction, 0); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("every fault of the catalogue says whether it is available", func(t *testing.T) {
		for name, why := range env.Describe().Capabilities {
			reason := "yes"
			switch {
			case strings.HasSuffix(name, "-database"):
				reason = "no database" // replicas are in a folder here
			case name == "reorder", name == "duplicate", name == "corrupt":
				reason = "TCP hides from it what becomes of single packets" // the relay carries connections
			case name == "hang-application":
				reason = "cannot be told from the platform's" // one emulator runs both
			case name == "stop-service":
				reason = "no service of the system"
			case name == "fill-storage", name == "deny-storage":
				reason = "a host of its own" // the device and the rights of the folder are ours
			}
			if reason != "yes" {
				if !strings.Contains(why, reason) {
					t.Errorf("%s is said to be available, or not for want of %s: %s", name, reason, why)
				}
				continue
			}
			if why != "yes" {
				t.Errorf("%s is not available in an embedded environment: %s", name, why)
			}
		}
	})
	t.Run("a crash bites and heals", func(t *testing.T) {
		journal, err := fault.OpenJournal(filepath.Join(t.TempDir(), "journal"), env.Where().Kind)
		if err != nil {
			t.Fatal(err)
		}
		injection, err := fault.Crash("dc1").Inject(ctx, env, journal)
		if err != nil {
			t.Fatal(err)
		}
		if width := injection.T0.Latest.Sub(injection.T0.Earliest); width <= 0 || width > 5*time.Second {
			t.Errorf("t0 is %v wide", width)
		}
		if env.DC1.Serving(ctx) {
			t.Error("dc1 serves after its processes were killed")
		}
		if err := injection.Heal(ctx); err != nil {
			t.Fatal(err)
		}
		awaitStatus(ctx, t, env, toolkit.Up)
	})
	t.Run("it goes away without a trace", func(t *testing.T) {
		folder := env.own.folder.Path
		if err := env.Close(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(folder); !os.IsNotExist(err) {
			t.Errorf("%s is still there (%v)", folder, err)
		}
	})
}

func awaitStatus(ctx context.Context, t *testing.T, env *Environment, want toolkit.State) {
	t.Helper()
	var status toolkit.Status
	err := await(ctx, "the status", func(ctx context.Context) (bool, error) {
		var err error
		status, err = env.Client.Status(ctx)
		return err == nil && status.Sites[0].Conclusion.State == want && status.Sites[1].Conclusion.State == want, nil
	})
	if err != nil {
		t.Fatalf("%v\n%v", err, status)
	}
}

func TestSpeedupWithinTheMeasuringError(t *testing.T) {
	t.Setenv("CROSSDC_SPEEDUP", "600")
	settings, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	causes := Check(settings)
	if len(causes) != 1 || causes[0].Setting != "CROSSDC_SPEEDUP" || causes[0].Remedy != "use CROSSDC_SPEEDUP of at most 180" {
		t.Errorf("a speedup of 600 makes the measuring error 6 s of toolkit time: %+v", causes)
	}
}
