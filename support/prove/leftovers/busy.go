package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"github.com/crossdc/failover/support/environment/gateway"
	"github.com/crossdc/failover/support/fault"
)

// refusing is what the proxy does: every tenth call of each service is refused, with the wish to be left alone for a second.
const refusing = `[{"do":"status","status":503,"retryAfter":"1","every":10}]`

// busyFaults are all faults by URL.
var busyFaults = []string{"cancel-job", "stop-instance", "orderly-shutdown", "restart-pe", "partition", "one-way", "block", "degrade", "drop", "lose", "flap"}

// busy injects and heals faults through a proxy that refuses every tenth call: none may fail or stay.
func (b *bench) busy(ctx context.Context, runs int) error {
	proxy, err := gateway.Build(ctx, b.folder.Path)
	if err != nil {
		return err
	}
	broken := 0
	for n := 1; n <= runs; n++ {
		name := busyFaults[(n-1)%len(busyFaults)]
		refused, err := b.throughProxy(ctx, n, proxy, name)
		if ctx.Err() != nil {
			return errors.New("interrupted; nothing is proven")
		}
		state := "healed, both sides serve"
		if err != nil {
			state, broken = err.Error(), broken+1
		}
		fmt.Printf("%-3d %-18s %3d calls refused: %s\n", n, name, refused, state)
	}
	fmt.Printf("\n%d of %d through the busy proxy\n", runs-broken, runs)
	if broken > 0 {
		return fmt.Errorf("%d of %d runs through a busy proxy failed or left something broken", broken, runs)
	}
	return nil
}

func (b *bench) throughProxy(ctx context.Context, n int, proxy, name string) (refused int, err error) {
	folder := filepath.Join(b.folder.Path, fmt.Sprintf("busy-%d", n))
	journals := fault.Journals{Folder: filepath.Join(folder, "journal")}
	if err := os.MkdirAll(journals.Folder, 0o700); err != nil {
		return 0, fmt.Errorf("make a folder for the journal: %w", err)
	}
	direct, closeDataCenters, err := b.dataCenters(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, closeDataCenters()) }()
	settings := maps.Clone(direct)
	var services []gateway.Service
	for _, dc := range []string{"DC1", "DC2"} {
		for _, door := range []string{"ROOT", "DATA_URL", "METRICS_URL"} {
			setting := "CROSSDC_" + dc + "_" + door
			services = append(services, gateway.Service{Name: setting, Target: direct[setting], TargetCA: direct["CROSSDC_"+dc+"_CA_FILE"]})
		}
	}
	g, err := gateway.Start(ctx, proxy, folder, services, refusing)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	maps.Copy(settings, g.URLs)
	environ := append(plain(), "CROSSDC_JOURNAL="+journals.Folder)
	for _, dc := range []string{"DC1", "DC2"} {
		settings["CROSSDC_"+dc+"_CA_FILE"] = g.CAFile
	}
	for setting, value := range settings {
		environ = append(environ, setting+"="+value)
	}
	output := filepath.Join(folder, "output.txt")
	run := b.command(ctx, victim{fault: name}, environ, output)
	if err := run.Run(); err != nil {
		return 0, fmt.Errorf("the run failed: %w: %s", err, lastWords(output))
	}
	usage, err := g.Rules("")
	if err != nil {
		return 0, err
	}
	for _, rule := range usage {
		refused += rule.Applied
	}
	if refused == 0 {
		return 0, errors.New("nothing is proven: the proxy refused no call")
	}
	return refused, whole(ctx, direct, journals)
}
