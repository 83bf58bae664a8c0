package built

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/config"
)

// suite is a program in the place of a suite: it does what the label filter says.
const suite = `package small

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"testing"
)

func TestMain(*testing.M) {
	filter := os.Args[len(os.Args)-1]
	interrupted := make(chan os.Signal, 1)
	if strings.HasSuffix(filter, "=endless") {
		signal.Notify(interrupted, os.Interrupt)
	}
	fmt.Println(strings.Join(os.Environ(), "\n"))
	switch {
	case strings.HasSuffix(filter, "=red"):
		os.Exit(1)
	case strings.HasSuffix(filter, "=endless"):
		<-interrupted
		fmt.Println("torn down")
		os.Exit(2)
	}
}
`

// compiled are compiled suites of a module that has one of them.
func compiled(t *testing.T) *Suites {
	t.Helper()
	module := t.TempDir()
	for name, content := range map[string]string{"go.mod": "module example.com/m\n\ngo 1.25\n", "suites/small/small_test.go": suite} {
		path := filepath.Join(module, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(module)
	settings := &config.Config{}
	settings.Emulator.Path, settings.Emulator.Relay = "/given/emulator", "/given/relay"
	s, err := Compile(t.Context(), settings, "small")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(s.Folder()); err == nil {
			t.Errorf("%s is left", s.Folder())
		}
	})
	return s
}

// run runs the suite and returns what it said.
func run(t *testing.T, s *Suites, r Run) (green bool, said string) {
	t.Helper()
	r.Suite, r.Reports = "small", t.TempDir()
	green, err := s.Run(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	output, err := os.ReadFile(filepath.Join(r.Reports, OutputFile))
	if err != nil {
		t.Fatal(err)
	}
	return green, string(output)
}

func TestASuiteRunsAsAProgramWithSettingsOfItsOwn(t *testing.T) {
	s := compiled(t)
	green, said := run(t, s, Run{Filter: "green", Limit: time.Minute, Environ: []string{"A=1", "B=1"}, Settings: []string{"B=2"}})
	if !green {
		t.Error("it was green")
	}
	for _, want := range []string{"A=1\n", "B=2\n", "CROSSDC_EMULATOR_PATH=/given/emulator\n", "CROSSDC_EMULATOR_RELAY=/given/relay\n", "CROSSDC_REPORTS=", "CROSSDC_JOURNAL=" + s.Folder()} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in its environment:\n%s", want, said)
		}
	}
	if green, _ := run(t, s, Run{Filter: "red", Limit: time.Minute}); green {
		t.Error("it was red")
	}
}

// One that is ended takes its data centers away before it goes.
func TestARunThatIsEndedIsInterrupted(t *testing.T) {
	s := compiled(t)
	reports := t.TempDir()
	output := filepath.Join(reports, OutputFile)
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		defer stop()
		for t.Context().Err() == nil {
			if said, _ := os.ReadFile(output); len(said) > 0 { // it listens by then
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	green, err := s.Run(ctx, Run{Suite: "small", Filter: "endless", Reports: reports, Limit: time.Minute})
	<-ctx.Done()
	if said, _ := os.ReadFile(output); err != nil || green || !strings.Contains(string(said), "torn down") {
		t.Errorf("green %v, %v, said %s", green, err, said)
	}
}

func TestWhatCannotBeRunIsAnError(t *testing.T) {
	s := compiled(t)
	if _, err := s.Run(t.Context(), Run{Suite: "other", Reports: t.TempDir(), Limit: time.Minute}); err == nil || !strings.Contains(err.Error(), "run the suite other") {
		t.Error(err)
	}
	if _, err := s.Run(t.Context(), Run{Suite: "small", Reports: filepath.Join(t.TempDir(), "none"), Limit: time.Minute}); err == nil || !strings.Contains(err.Error(), "keep the output") {
		t.Error(err)
	}
	settings := &config.Config{}
	settings.Emulator.Path, settings.Emulator.Relay = "/given/emulator", "/given/relay"
	if _, err := Compile(t.Context(), settings, "none"); err == nil || !strings.Contains(err.Error(), `build the suites ["none"]`) {
		t.Error(err)
	}
}
