// Command advise says, before anything is broken and without any environment, what the toolkit's configuration and a network
// mean: how long failovers take, how much they lose, how many happen for nothing, and which configurations would be better.
//
//	go run ./support/advise [-profile network.yaml] [-config crossdc-config.txt] [-samples 400] [-seed 1] [-json] [-html advice.html]
//
// The configuration is that of CROSSDC_TOOLKIT_*, or, with -config, a configuration file of the toolkit, read as the toolkit
// reads it; the objectives are CROSSDC_RTO and CROSSDC_RPO.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/crossdc/advise"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "advise:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("advise", flag.ContinueOnError)
	profile := flags.String("profile", "", "YAML file that says what happens in a year; without it a typical one")
	file := flags.String("config", "", "configuration file of the toolkit; without it CROSSDC_TOOLKIT_*")
	samples := flags.Int("samples", 0, "failures drawn for each kind; 0 = 400")
	seed := flags.Uint64("seed", 1, "of the draws")
	page := flags.String("html", "", "file that the advice is written to as a page; the terminal gets it as well")
	asJSON := flags.Bool("json", false, "JSON instead of text")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is not understood: everything is given by flags", flags.Arg(0))
	}
	in, err := input(*profile, *file)
	if err != nil {
		return err
	}
	in.Samples, in.Seed = *samples, *seed
	advice, err := advise.Advise(ctx, in)
	if err != nil {
		return err
	}
	if *page != "" {
		if err := writePage(*page, advice); err != nil {
			return err
		}
	}
	if *asJSON {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(advice)
	}
	return show(os.Stdout, advice)
}

// input gathers the configuration, the objectives and the profile.
func input(profile, file string) (advise.Input, error) {
	settings, err := config.Load()
	if err != nil {
		return advise.Input{}, err
	}
	in := advise.Input{Config: environment.ToolkitConfig(settings)}
	if file != "" {
		if in.Config, err = toolkitFile(file); err != nil {
			return advise.Input{}, err
		}
		in.RTO, in.RPO = settings.RTO, settings.RPO // derived ones would be those of CROSSDC_TOOLKIT_*
	} else {
		objectives := settings.Objectives()
		in.RTO, in.RPO = objectives.RTO, objectives.RPO
	}
	in.Profile, err = readProfile(profile)
	return in, err
}

// toolkitFile reads a configuration file with the toolkit's own rules and traps (toolkit contract 2.1).
func toolkitFile(name string) (crossdc.Config, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return crossdc.Config{}, fmt.Errorf("read the toolkit's configuration file: %w", err) // the toolkit would go on with its defaults
	}
	c, err := crossdc.Load(crossdc.Source{FileName: name, ReadFile: func(string) ([]byte, error) { return content, nil }})
	if err != nil {
		return crossdc.Config{}, fmt.Errorf("configuration file %s: %w", name, err)
	}
	return c, nil
}
