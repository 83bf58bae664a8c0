package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/crossdc/failover/support/application"
)

// applicationFile is the setting that describes the application as a whole.
const applicationFile = Prefix + "_APPLICATION_FILE"

// readApplication takes the application's names from its file. Names that are set beside the file are refused: two descriptions
// of one application would have to agree.
func (c *Config) readApplication() []Problem {
	if c.Application.File == "" {
		return nil
	}
	var problems []Problem
	for _, leaf := range leaves(c) {
		if leaf.name == applicationFile || leaf.prefix != Prefix+"_APPLICATION" && leaf.prefix != Prefix+"_ENDPOINT" {
			continue
		}
		if value, set := os.LookupEnv(leaf.name); set {
			problems = append(problems, leaf.refuse(value, fmt.Sprintf("it is set together with %s=%q, which describes the application as a whole; allowed: one of the two", applicationFile, c.Application.File)))
		}
	}
	described, err := application.Load(found(c.Application.File))
	if err != nil {
		return append(problems, fileProblems(c.Application.File, err)...)
	}
	c.take(described)
	return problems
}

// fileProblems are the problems of a file, one each.
func fileProblems(file string, err error) (problems []Problem) {
	list := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	for _, one := range list {
		wrong := new(application.Error)
		text := one.Error()
		if errors.As(one, &wrong) {
			text = wrong.Error()
		}
		problems = append(problems, Problem{applicationFile, fmt.Sprintf("%s=%q: %s", applicationFile, file, text)})
	}
	return problems
}

// found is where a file is: below the folder that we run in, else below that of the module; suites run in folders of their own.
func found(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	if _, err := os.Stat(path); err == nil {
		return path
	}
	folder, err := os.Getwd()
	if err != nil {
		return path
	}
	for ; ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return filepath.Join(folder, path)
		}
		if filepath.Dir(folder) == folder {
			return path
		}
	}
}

// take lets the settings be those of the described application.
func (c *Config) take(d *application.Description) {
	c.described = d
	a, e := &c.Application, &c.Endpoint
	a.Invocation, a.Configuration, a.Composite, a.Fused, a.Merge = d.Invocation, d.Configuration, d.Composite, d.Embedded.Fused, d.Embedded.Merge
	named := func(name string) string {
		if name == "" {
			return none
		}
		return name
	}
	e.Events, e.Control, e.Results = named(d.Endpoints.Events), named(d.Endpoints.Control), named(d.Endpoints.Results)
	e.Status, e.Takeover, e.State = named(d.Endpoints.Status), named(d.Endpoints.Takeover), named(d.Endpoints.State)
	if c.RTO == 0 {
		c.RTO = d.Objectives.RTO.Time()
	}
	if c.RPO == 0 {
		c.RPO = d.Objectives.RPO.Time()
	}
}

// none stands for an endpoint that the application lacks.
const none = "-"

// Described is the application: as its file says, or the drill application with the names that the settings give it. It is shared: change
// nothing in it.
func (c *Config) Described() *application.Description {
	if c.described != nil {
		return c.described
	}
	d := application.Drill()
	a, e := c.Application, c.Endpoint
	d.Invocation, d.Configuration, d.Composite, d.Embedded = a.Invocation, a.Configuration, a.Composite, application.Embedded{Fused: a.Fused, Merge: a.Merge}
	named := func(name string) string {
		if name == none {
			return ""
		}
		return name
	}
	d.Endpoints = application.Endpoints{
		Events: named(e.Events), Control: named(e.Control), Results: named(e.Results), Status: named(e.Status), Takeover: named(e.Takeover), State: named(e.State),
	}
	return d
}
