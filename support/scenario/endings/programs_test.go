package endings

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built is where the programs of an embedded environment lie, compiled once for all tests of this package.
var built = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "endings-")
	if err != nil {
		return "", err
	}
	for _, arguments := range [][]string{
		{"build", "-o", filepath.Join(folder, "emulator"), "github.com/crossdc/failover/fixtures/emulator"},
		{"build", "-o", filepath.Join(folder, "relay"), "github.com/crossdc/failover/fixtures/wan"},
		{"test", "-c", "-o", filepath.Join(folder, "endings.test"), suiteFolder},
	} {
		if output, err := exec.Command("go", arguments...).CombinedOutput(); err != nil {
			return folder, fmt.Errorf("go %s: %w: %s", arguments[0], err, output)
		}
	}
	return folder, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if folder, _ := built(); folder != "" {
		_ = os.RemoveAll(folder)
	}
	os.Exit(code)
}

// compiled returns the compiled suite, and the settings that hand the compiled programs to it.
func compiled(t *testing.T) (suite string, environ []string) {
	t.Helper()
	folder, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(folder, "endings.test"), []string{"CROSSDC_EMULATOR_PATH=" + filepath.Join(folder, "emulator"), "CROSSDC_EMULATOR_RELAY=" + filepath.Join(folder, "relay")}
}
