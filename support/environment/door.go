package environment

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/fault"
)

// Setting is one variable that aims a run at data centers.
type Setting struct{ Name, Value string }

// Door is how somebody else reaches one data center of an embedded environment: everything but the secrets themselves.
type Door struct {
	Name, Root, Data, Metrics, Instance, Job string

	User         string
	PasswordFile string // path; one line
	CAFile       string // path of the authority's PEM
	ToolkitHost  string // loopback address of the toolkit's listeners
	Bundle       string // path of a bundle that submits the drill again
}

// Doors returns how both data centers of an embedded environment are reached by somebody else for as long as the
// environment is open.
func (e *Environment) Doors() ([2]Door, error) {
	if e.own == nil {
		return [2]Door{}, errors.New("only an embedded environment that is open can be handed to somebody else")
	}
	bundle := filepath.Join(e.own.folder.Path, "drill.sab")
	if err := os.WriteFile(bundle, []byte(drillBundle), 0o600); err != nil {
		return [2]Door{}, fmt.Errorf("leave the application's bundle for a remote run: %w", err)
	}
	var doors [2]Door
	for i, dc := range []*DataCenter{e.DC1, e.DC2} {
		doors[i] = Door{
			Name: dc.Name(), Root: dc.reach.Root, Data: dc.reach.Data, Metrics: dc.reach.Metrics, Instance: dc.reach.Instance,
			Job: dc.reach.Submission.JobName, User: dc.reach.Access.User, CAFile: dc.reach.Access.CAFile,
			PasswordFile: filepath.Join(e.own.folder.Path, fmt.Sprintf("dc%d", i+1), passwordFile), ToolkitHost: dc.reach.Toolkit, Bundle: bundle,
		}
	}
	return doors, nil
}

// RemoteSettings returns the variables that aim another run at this environment by its URLs, in the order of the
// documentation. What was set for this environment's toolkit and application is among them, because a remote run is told
// what an embedded one decides.
func (e *Environment) RemoteSettings() ([]Setting, error) {
	doors, err := e.Doors()
	if err != nil {
		return nil, err
	}
	between, ok := e.link.(*relay)
	if !ok {
		return nil, errors.New("only an environment with a relay of its own can be handed to somebody else")
	}
	list := []Setting{
		{"CROSSDC_ENVIRONMENT", config.Remote},
		{"CROSSDC_SPEEDUP", strconv.FormatFloat(e.Speedup, 'g', -1, 64)},
	}
	for i, door := range doors {
		prefix := fmt.Sprintf("%s_DC%d_", config.Prefix, i+1)
		list = append(list,
			Setting{prefix + "NAME", door.Name}, Setting{prefix + "ROOT", door.Root}, Setting{prefix + "DATA_URL", door.Data},
			Setting{prefix + "METRICS_URL", door.Metrics}, Setting{prefix + "TOOLKIT_HOST", door.ToolkitHost},
			Setting{prefix + "USER", door.User}, Setting{prefix + "PASSWORD_FILE", door.PasswordFile}, Setting{prefix + "CA_FILE", door.CAFile},
			Setting{prefix + "INSTANCE", door.Instance}, Setting{prefix + "JOB", door.Job}, Setting{prefix + "BUNDLE", door.Bundle},
		)
	}
	list = append(list,
		Setting{"CROSSDC_RELAY_URL", between.control}, Setting{"CROSSDC_RELAY_TOKEN_FILE", filepath.Join(e.own.folder.Path, relayTokenFile)},
		Setting{"CROSSDC_RELAY_TOWARDS_DC1", between.addresses[fault.ToDC1]}, Setting{"CROSSDC_RELAY_TOWARDS_DC2", between.addresses[fault.ToDC2]},
	)
	for _, value := range e.settings.Values() {
		inherited := strings.HasPrefix(value.Name, "CROSSDC_TOOLKIT_") || strings.HasPrefix(value.Name, "CROSSDC_APPLICATION_") ||
			strings.HasPrefix(value.Name, "CROSSDC_ENDPOINT_") || value.Name == "CROSSDC_TOPOLOGY"
		if inherited && value.Source == "environment" {
			list = append(list, Setting{value.Name, value.Value})
		}
	}
	return list, nil
}

// Files with secrets below the folder of an embedded environment.
const (
	passwordFile   = "password"
	relayTokenFile = "relay-token"
)
