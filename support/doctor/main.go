// Command doctor looks at everything that a run needs and breaks nothing: the settings, the way to both data centers, what is
// there, which indicators speak, what each side holds of the other, and which faults can be injected. One line each, with the
// remedy where something is wrong.
//
//	go run ./support/doctor [-json] [-send] [-profile network.yaml]
//
// With -profile it measures the network as well and writes it down for support/advise; a file that exists is not overwritten.
//
// With -send it tries one event through each data center, and says which level of accounting was reached and what would raise it.
// It exits 0 when a run can begin, 1 when something is wrong, and 2 when it was called wrongly.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/process"
	"github.com/crossdc/failover/support/scenario/refusal"
	"github.com/crossdc/failover/toolkit"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), process.EndSignals()...)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, arguments []string, out, complaints io.Writer) int {
	flags := flag.NewFlagSet("doctor", flag.ContinueOnError)
	flags.SetOutput(complaints)
	asJSON := flags.Bool("json", false, "a list of findings instead of lines")
	profile := flags.String("profile", "", "new file that the measured network is written to, for support/advise")
	send := flags.Bool("send", false, "try one event through each data center, and say which level was reached")
	if err := flags.Parse(arguments); err != nil || flags.NArg() > 0 {
		if flags.NArg() > 0 {
			fmt.Fprintf(complaints, "doctor: %q: it takes no arguments; everything is set by CROSSDC_* variables\n", flags.Args())
		}
		return 2
	}
	if *profile != "" {
		if err := vacant(*profile); err != nil {
			fmt.Fprintln(complaints, "doctor: -profile:", err)
			return 2
		}
	}
	tell := &teller{out: out}
	if *asJSON {
		tell.out = io.Discard
	}
	examine(ctx, tell, options{send: *send, profile: *profile})
	if *asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(tell.rows); err != nil {
			fmt.Fprintln(complaints, "doctor:", err)
			return 1
		}
	}
	if tell.wrong > 0 || ctx.Err() != nil {
		return 1
	}
	return 0
}

// closing bounds how long an emulated pair may take to go away.
const closing = 30 * time.Second

// options are what is asked for beyond looking.
type options struct {
	send    bool   // try one event through each data center
	profile string // file for the measured network; empty: none
}

// examine looks at one thing after another; what rests on something that is wrong is left out and said to be. The network is measured
// only for a profile, because that takes a while.
func examine(ctx context.Context, tell *teller, asked options) {
	settings, causes := refusal.Check()
	if settings == nil {
		for _, cause := range causes {
			tell.add(environment.Finding{Where: "settings", What: string(cause.Kind), State: environment.Wrong, Says: cause.Sentence(), Cause: &cause})
		}
		tell.add(environment.Finding{Where: "data centers", What: "everything", State: environment.NotLooked, Says: "needs settings that are right"})
		return
	}
	for _, checked := range environment.Checks(settings) {
		tell.add(environment.Finding{Where: "settings", What: checked.What, State: environment.Fits, Says: checked.Fits})
		for _, warning := range checked.Warnings {
			tell.add(environment.Finding{Where: "settings", What: checked.What, State: environment.Notable, Says: warning})
		}
	}
	for _, finding := range environment.Predictions(settings) {
		tell.add(finding)
	}
	if !settings.Kind().Emulated {
		env, err := environment.Attach(settings)
		if err != nil {
			tell.obstacle(err)
			return
		}
		before := tell.wrong
		for _, finding := range environment.Examine(ctx, settings, env) {
			tell.add(finding)
		}
		if err := env.Close(ctx); err != nil {
			tell.obstacle(err)
		}
		for _, finding := range environment.ExamineHosts(ctx, settings) {
			tell.add(finding)
		}
		if tell.wrong > before || ctx.Err() != nil {
			tell.add(environment.Finding{Where: "data centers", What: "status and faults", State: environment.NotLooked, Says: "needs all of the above"})
			return
		}
	}
	env, err := environment.Open(ctx, settings, environment.Options{Reads: true})
	if err != nil {
		tell.obstacle(err)
		return
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
		defer cancel()
		if err := env.Close(ctx); err != nil {
			tell.obstacle(err)
		}
	}()
	if settings.Kind().Emulated {
		for _, finding := range environment.Examine(ctx, settings, env) {
			tell.add(finding)
		}
		awaitContact(ctx, env)
	}
	if asked.profile != "" {
		distances, err := environment.Distances(ctx, settings, env)
		if err != nil {
			tell.obstacle(err)
		} else {
			tell.measured(asked.profile, distances, time.Now())
		}
	}
	for _, finding := range environment.ExamineStatus(ctx, env) {
		tell.add(finding)
	}
	if asked.send {
		for _, finding := range sendOne(ctx, env) {
			tell.add(finding)
		}
	}
	for _, finding := range environment.ExamineFaults(env) {
		tell.add(finding)
	}
	for _, finding := range environment.DryRun(ctx, env) {
		tell.add(finding)
	}
	for _, finding := range scenarios(settings, env, refusal.Folder(".")) {
		tell.add(finding)
	}
}

// awaitContact waits until an emulated pair, which has just been started, had the time to find each other: D0 and three
// heartbeats.
func awaitContact(ctx context.Context, env *environment.Environment) {
	limit := time.Duration(float64(env.Timing.InitDelay+3*env.Timing.Interval) / env.Speedup)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ticker := time.NewTicker(time.Duration(float64(env.Timing.Interval)/env.Speedup) / 4)
	defer ticker.Stop()
	for {
		status, err := env.Client.Status(ctx)
		if err == nil && status.Sites[0].Conclusion.State == toolkit.Up && status.Sites[1].Conclusion.State == toolkit.Up {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// row is a finding in JSON.
type row struct {
	Where string       `json:"where"`
	What  string       `json:"what"`
	State string       `json:"state"`
	Says  string       `json:"says"`
	Cause *model.Cause `json:"cause,omitempty"`
}

// teller prints findings as they come and counts what is wrong.
type teller struct {
	out   io.Writer
	where string
	rows  []row
	wrong int
}

func (t *teller) add(f environment.Finding) {
	if f.State == environment.Wrong {
		t.wrong++
	}
	t.rows = append(t.rows, row{f.Where, f.What, string(f.State), f.Says, f.Cause})
	if f.Where != t.where {
		t.where = f.Where
		fmt.Fprintln(t.out, f.Where)
	}
	fmt.Fprintf(t.out, "  %-13s %s: %s\n", f.State, f.What, f.Says)
}

func (t *teller) obstacle(err error) {
	cause := environment.CauseOf(err)
	t.add(environment.Finding{Where: "environment", What: string(cause.Kind), State: environment.Wrong, Says: cause.Sentence(), Cause: &cause})
}
