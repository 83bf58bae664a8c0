package environment

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// emulated is what the embedded environment knows of one data center before it runs. Once it runs it is reached like
// any other, through the URLs and the authority in its ready line.
type emulated struct {
	name     string // as the toolkit is told
	place    string // dc1 or dc2: the emulator's name for it, in paths and host names
	address  string // its own loopback address
	direct   string // the other one's own address
	peer     string // where it finds the other one: the relay
	folder   string
	config   string // path of the emulator's configuration file
	password string
}

// instanceReady is the emulator's ready line.
type instanceReady struct {
	PID     int    `json:"pid"`
	Root    string `json:"root"`
	Data    string `json:"data"`
	Metrics string `json:"metrics"`
	CA      string `json:"ca"`
}

// instanceConfig is the emulator's configuration file.
type instanceConfig struct {
	Name         string   `json:"name"`
	Listen       string   `json:"listen"`
	RESTPort     int      `json:"restPort"`
	DataPort     int      `json:"dataPort"`
	Directory    string   `json:"directory"`
	User         string   `json:"user"`
	PasswordFile string   `json:"passwordFile"`
	Speedup      float64  `json:"speedup"`
	Refresh      string   `json:"refresh"`
	Truth        string   `json:"truth,omitempty"`
	Switches     []string `json:"switches,omitempty"`
	Seed         uint64   `json:"seed"`
	Merge        string   `json:"merge"`
}

// Ports that an emulated data center listens on, on its own address: the product's defaults.
const (
	restPort = 9714
	dataPort = 9715
)

// emulatedUser is the administrator of an emulated instance.
const emulatedUser = "streamsadmin"

// prepare creates the folders, the password and the configuration file of one emulated data center.
func (e *emulated) prepare(c instanceConfig) error {
	if err := os.MkdirAll(e.storage(), 0o700); err != nil {
		return fmt.Errorf("prepare %s: %w", e.name, err)
	}
	var err error
	if e.password, c.PasswordFile, err = newSecretFile(filepath.Join(e.folder, passwordFile)); err != nil {
		return fmt.Errorf("prepare %s: %w", e.name, err)
	}
	c.Name, c.Listen, c.RESTPort, c.DataPort = e.place, e.address, restPort, dataPort
	c.Directory, c.User = filepath.Join(e.folder, "i"), emulatedUser // short: unix sockets live below it
	e.config = filepath.Join(e.folder, "emulator.json")
	return writeJSON(e.config, c)
}

// storage is the toolkit's snapshot folder; the toolkit never creates it. It lies in the instance's data folder, so that a name that
// leads out of it leads to where the emulator may write.
func (e *emulated) storage() string { return filepath.Join(e.folder, "i", "data", "storage") }

func writeJSON(path string, value any) error {
	raw, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}

// childEnvironment is what a child process inherits: nothing of ours that could hold a secret.
func childEnvironment(folder string) []string {
	kept := []string{"TMPDIR=" + folder}
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if name == "PATH" || name == "HOME" || name == "GOCOVERDIR" || name == "TZ" {
			kept = append(kept, entry)
		}
	}
	return kept
}
