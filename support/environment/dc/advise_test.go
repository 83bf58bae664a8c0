package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit/access"
	"github.com/crossdc/failover/toolkit/streams"
)

// TestAdviceFromALiveInstance reads the toolkit's configuration from data centers that run, and the network by the doctor. What is not there,
// what is meant for another application and what the toolkit could not read is an error that names it; what is a trap is told.
func TestAdviceFromALiveInstance(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the better part of a minute")
	}
	data := startDataCenters(t)
	advise, doctor := filepath.Join(t.TempDir(), "advise"), filepath.Join(t.TempDir(), "doctor")
	compile(t, "build", "-o", advise, "github.com/crossdc/failover/support/advise")
	compile(t, "build", "-o", doctor, "github.com/crossdc/failover/support/doctor")
	profile := filepath.Join(t.TempDir(), "network.yaml")
	environ := append(data.environ(), "CROSSDC_HISTORY=-", "CROSSDC_REPORTS="+t.TempDir(), "CROSSDC_JOURNAL="+filepath.Join(t.TempDir(), "journal"))
	ask := func(program string, more []string, arguments ...string) (out, complaints string, failed bool) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		command := exec.CommandContext(ctx, program, arguments...)
		var said, wrong strings.Builder
		command.Env, command.Stdout, command.Stderr = append(environ, more...), &said, &wrong
		err := command.Run()
		return said.String(), wrong.String(), err != nil
	}
	out := func(program string, arguments ...string) string {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		command := exec.CommandContext(ctx, program, arguments...)
		command.Env = environ
		text, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %q: %v\n%s", filepath.Base(program), arguments, err, text)
		}
		return string(text)
	}
	if text := out(doctor, "-profile", profile); !strings.Contains(text, "from here to dc1: the toolkit's listener: round trip P50") || !strings.Contains(text, profile+" is written") {
		t.Errorf("the doctor measured nothing:\n%s", text)
	}
	if written, err := os.ReadFile(profile); err != nil || !strings.Contains(string(written), "\nrtt: ") {
		t.Errorf("%s %v", written, err)
	}
	var answer struct {
		Timing struct {
			Interval float64 `json:"i_s"`
			Misses   int     `json:"n"`
		} `json:"timing"`
		Traps []string `json:"traps"`
		Notes []string `json:"notes"`
	}
	ours := []string{"-live", "dc1", "-profile", profile, "-samples", "5", "-json"}
	read := func() {
		t.Helper()
		answer.Traps, answer.Notes = nil, nil
		if err := json.Unmarshal([]byte(out(advise, ours...)), &answer); err != nil {
			t.Fatal(err)
		}
	}
	if read(); answer.Timing.Interval != 30 || answer.Timing.Misses != 4 || len(answer.Notes) != 0 {
		t.Errorf("%+v", answer)
	}
	refused := func(want string, more ...string) {
		t.Helper()
		said, complaints, failed := ask(advise, more, ours...)
		if !failed || said != "" || !strings.Contains(complaints, want) {
			t.Errorf("%q: want an error with %q, got %q and %q", more, want, said, complaints)
		}
	}
	refused(`dc1 has no application configuration "Elsewhere" in instance StreamsInstance (it has CrossDCFailover)`, "CROSSDC_APPLICATION_CONFIGURATION=Elsewhere")
	refused("has no property for a::B (it holds some for com.crossdc.drill::FailoverDrill)", "CROSSDC_APPLICATION_COMPOSITE=a::B", "CROSSDC_DC1_JOB=", "CROSSDC_DC2_JOB=")

	set(t, data, "dc1", map[string]string{"heartbeatExchangeInterval": "20.0", "consecutiveHeartbeatMisses": "4"})
	read()
	if told := strings.Join(answer.Notes, "\n"); answer.Timing.Interval != 20 || !strings.Contains(told, "FailoverDrill_consecutiveHeartbeatMisses of dc1 is no key") {
		t.Errorf("%+v", answer)
	}
	if traps := strings.Join(answer.Traps, "\n"); !strings.Contains(traps, "C4: heartbeatExchangeInterval") {
		t.Errorf("two intervals are no trap in %q", answer.Traps)
	}
	set(t, data, "dc1", map[string]string{"heartbeatExchangeInterval": "20s"})
	refused(`heartbeatExchangeInterval = "20s" from property com.crossdc.drill::FailoverDrill_heartbeatExchangeInterval to float64: not a number of this type; allowed is a decimal number`)
	data.end(t)
}

// set changes properties of the application configuration of a data center, as its operators would.
func set(t *testing.T, data *dataCenters, dc string, values map[string]string) {
	t.Helper()
	prefix := "CROSSDC_" + strings.ToUpper(dc) + "_"
	password, err := os.ReadFile(data.settings[prefix+"PASSWORD_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	client, err := streams.New(streams.Config{Root: data.settings[prefix+"ROOT"], Config: access.Config{User: data.settings[prefix+"USER"],
		Password: access.NewSecret(strings.TrimSpace(string(password))), CAFile: data.settings[prefix+"CA_FILE"], Timeout: 10 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	instance, err := client.Instance(t.Context(), "StreamsInstance")
	if err != nil {
		t.Fatal(err)
	}
	configuration, err := client.ApplicationConfiguration(t.Context(), instance, "CrossDCFailover")
	if err != nil {
		t.Fatal(err)
	}
	properties := map[string]*string{}
	for key, value := range values {
		properties["com.crossdc.drill::FailoverDrill_"+key] = &value
	}
	if _, err := client.UpdateApplicationConfiguration(t.Context(), configuration, properties); err != nil {
		t.Fatal(err)
	}
}
