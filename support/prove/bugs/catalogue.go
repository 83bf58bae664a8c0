package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/prove/catalogue"
)

// catalogued writes the catalogue of scenarios and the list of their labels into the module's folder.
func catalogued(module string) error {
	page, err := pageOf(module)
	if err != nil {
		return err
	}
	settings, err := config.Load()
	if err != nil {
		return err
	}
	last := filepath.Join(settings.Reports, store.RunFile)
	run, err := store.Read(last)
	switch {
	case err == nil:
		page.Measure(run)
	case errors.Is(err, fs.ErrNotExist):
		fmt.Printf("no run in %s: how long scenarios take stays as it was\n", settings.Reports)
	default:
		return fmt.Errorf("read how long scenarios take: %w", err)
	}
	text, err := page.Markdown()
	if err != nil {
		return err
	}
	labels, err := catalogue.LabelsSource(module, page.Scenarios)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(module, catalogue.LabelsFile), []byte(labels), 0o644); err != nil {
		return fmt.Errorf("write the list of labels: %w", err)
	}
	if err := os.WriteFile(filepath.Join(module, catalogue.PageFile), []byte(text), 0o644); err != nil {
		return fmt.Errorf("write the catalogue: %w", err)
	}
	fmt.Println("wrote", catalogue.PageFile, "and", catalogue.LabelsFile)
	return nil
}

// pageOf gathers what the catalogue is written from; how long scenarios take is what the page of before says.
func pageOf(module string) (catalogue.Page, error) {
	contract, err := catalogue.Contract(module)
	if err != nil {
		return catalogue.Page{}, err
	}
	scenarios, err := catalogue.Scenarios(module)
	if err != nil {
		return catalogue.Page{}, err
	}
	before, err := os.ReadFile(filepath.Join(module, catalogue.PageFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return catalogue.Page{}, fmt.Errorf("read the catalogue of before: %w", err)
	}
	page := catalogue.Page{Contract: contract, Scenarios: scenarios, Durations: catalogue.Durations(string(before))}
	for _, p := range proofs {
		page.Caught = append(page.Caught, catalogue.Caught{Bug: p.bug, Suite: p.suite, ID: p.id, Step: p.step})
	}
	return page, nil
}
