package cluster

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/campaign/engine"
	"github.com/crossdc/failover/support/campaign/plan"
)

func round(t *testing.T) engine.Round {
	t.Helper()
	r := plan.Request{Name: "nightly", Run: "nightly-1", Labels: "S03 && $(HOME)", Suites: []string{"outage"}, Trials: 5, PerShard: 1, Seed: 7}
	shards, err := r.Shards()
	if err != nil {
		t.Fatal(err)
	}
	return engine.Round{Number: 2, Plan: r, Todo: append(shards[:1:1], shards[3:]...)}
}

// TestNoSecretStandsInTheJob carries settings of every kind, and looks for the secrets where they must not be.
func TestNoSecretStandsInTheJob(t *testing.T) {
	file := filepath.Join(t.TempDir(), "dc2")
	if err := os.WriteFile(file, []byte("geheim-2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{Image: "x/y:1", CPU: "2", Memory: "1Gi", Parallel: 9, Retries: 1, Limit: time.Minute}
	err := o.Carry([]string{"HOME=/root", "CROSSDC_DC1_PASSWORD=geheim-1", "CROSSDC_DC2_PASSWORD_FILE=" + file, "CROSSDC_RELAY_TOKEN=geheim-3", "CROSSDC_RATE=$500",
		"CROSSDC_SEED=1", "CROSSDC_REPORTS=/x", "CROSSDC_DC1_ROOT=https://a/"})
	if err != nil {
		t.Fatal(err)
	}
	job, err := o.Job(round(t))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"geheim", "CROSSDC_SEED", "CROSSDC_REPORTS", "/root", `"S03 && $(HOME)`} {
		if strings.Contains(string(raw), never) {
			t.Errorf("the job holds %q: %s", never, raw)
		}
	}
	for _, want := range []string{`"CROSSDC_DC2_PASSWORD_FILE","value":"/run/secrets/crossdc/dc2-password-file"`, `"CROSSDC_RELAY_TOKEN_FILE"`, `"value":"$$500"`, `"0,3-4"`,
		`"completions":3`, `"parallelism":3`, `"backoffLimitPerIndex":1`, `"podReplacementPolicy":"Failed"`, `"automountServiceAccountToken":false`,
		`"readOnlyRootFilesystem":true`, `"runAsNonRoot":true`, `"drop":["ALL"]`, `"limits":{"cpu":"2","memory":"1Gi"},"requests":{"cpu":"2","memory":"1Gi"}`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the job lacks %s: %s", want, raw)
		}
	}
	secret := o.Secret(round(t).Plan)
	if string(secret.Data["dc1-password"]) != "geheim-1" || string(secret.Data["dc2-password-file"]) != "geheim-2\n" {
		t.Errorf("the secret is %v", secret.Data)
	}
}

func TestWhatCannotBeIsNamed(t *testing.T) {
	for _, c := range []struct {
		change func(*Options)
		says   string
	}{
		{func(o *Options) { o.CPU = "two" }, `-cpu "two"`}, {func(o *Options) { o.Memory = "0" }, `-memory "0"`},
		{func(o *Options) { o.NodeSelector = "disk" }, `-node-selector "disk"`},
	} {
		o := Options{CPU: "1", Memory: "1Gi"}
		c.change(&o)
		if _, err := o.Job(round(t)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("said %v, want %s", err, c.says)
		}
	}
	for _, setting := range []string{"CROSSDC_DC1_BUNDLE=x.sab", "CROSSDC_SCENARIOS=mine", "CROSSDC_DC1_CA_FILE=/is/not/there"} {
		if err := new(Options).Carry([]string{setting}); err == nil || !strings.Contains(err.Error(), strings.Split(setting, "=")[0]) {
			t.Errorf("%s: %v", setting, err)
		}
	}
}
