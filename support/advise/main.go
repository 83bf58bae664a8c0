// Command advise says, before anything is broken and without any environment, what the toolkit's configuration and a network
// mean: how long failovers take, how much they lose, how many happen for nothing, and which configurations would be better.
//
//	go run ./support/advise [-profile network.yaml] [-config crossdc-config.txt | -live dc1] [-samples 400] [-seed 1] [-json] [-html advice.html]
//
// The configuration is that of CROSSDC_TOOLKIT_*, or, with -config, a configuration file of the toolkit, or, with -live, the
// application configuration that a data center's instance has; both are read as the toolkit reads them. The objectives are
// CROSSDC_RTO and CROSSDC_RPO.
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
	live := flags.String("live", "", "data center whose instance is asked for the toolkit's configuration, by its name (CROSSDC_DC1_NAME); the other is asked as well")
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
	in, err := input(ctx, *profile, *file, *live)
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
func input(ctx context.Context, profile, file, live string) (advise.Input, error) {
	settings, err := config.Load()
	if err != nil {
		return advise.Input{}, err
	}
	in := advise.Input{RTO: settings.RTO, RPO: settings.RPO} // derived ones would be those of CROSSDC_TOOLKIT_*
	switch {
	case file != "" && live != "":
		return advise.Input{}, errors.New("-config and -live: give one of them")
	case live != "":
		err = fromInstance(ctx, settings, live, &in)
	case file != "":
		in.Config, in.Notes, err = toolkitFile(file)
	default:
		objectives := settings.Objectives()
		in.Config, in.RTO, in.RPO = environment.ToolkitConfig(settings), objectives.RTO, objectives.RPO
		in.Config.RemoteMachineNames, in.Config.StorageDirectory = settings.DC2.Name, "/replicas" // no setting tells them: they are no traps
	}
	if err != nil {
		return advise.Input{}, err
	}
	in.Profile, err = readProfile(profile)
	return in, err
}

// fromInstance reads the configuration of one data center, and of the other for the traps that show in both together.
func fromInstance(ctx context.Context, settings *config.Config, name string, in *advise.Input) error {
	asked := -1
	for i, site := range settings.Sites() {
		if site.Name == name {
			asked = i
		}
	}
	if asked < 0 {
		return fmt.Errorf("-live %s: give %s or %s, as CROSSDC_DC1_NAME and CROSSDC_DC2_NAME have it", name, settings.DC1.Name, settings.DC2.Name)
	}
	found, problems, err := environment.Configurations(ctx, settings)
	if err != nil {
		return err
	}
	if problems[asked] != nil {
		return problems[asked]
	}
	own, peer := found[asked], found[1-asked]
	in.Config, in.Known, in.Notes = own.Config, own.Known, own.Notes
	if err := problems[1-asked]; err != nil {
		in.Notes = append(in.Notes, "the other data center's configuration could not be read, so traps of both together (C3, C4, C10, C11) were not looked for: "+err.Error())
		return nil
	}
	in.Peer, in.Notes = &peer.Config, append(in.Notes, peer.Notes...)
	return nil
}

// toolkitFile reads a configuration file with the toolkit's own rules, and says in notes which lines are not what they seem
// (toolkit contract 2.1).
func toolkitFile(name string) (crossdc.Config, []string, error) {
	content, err := bounded(name, "the toolkit's configuration file")
	if err != nil {
		return crossdc.Config{}, nil, err // the toolkit would go on with its defaults
	}
	c, err := crossdc.Load(crossdc.Source{FileName: name, ReadFile: func(string) ([]byte, error) { return content, nil }})
	if err != nil {
		return crossdc.Config{}, nil, err
	}
	var notes []string
	for _, trap := range crossdc.ReadingTraps(content) {
		notes = append(notes, name+" "+trap.String())
	}
	return c, notes, nil
}
