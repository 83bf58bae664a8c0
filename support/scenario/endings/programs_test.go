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
	for program, source := range map[string]string{"emulator": "emulator", "relay": "wan"} {
		build := exec.Command("go", "build", "-o", filepath.Join(folder, program), "github.com/crossdc/failover/fixtures/"+source)
		if output, err := build.CombinedOutput(); err != nil {
			return folder, fmt.Errorf("build %s: %w: %s", program, err, output)
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

// programs are the settings that hand the compiled programs to a suite.
func programs(t *testing.T) []string {
	t.Helper()
	folder, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return []string{"CROSSDC_EMULATOR_PATH=" + filepath.Join(folder, "emulator"), "CROSSDC_EMULATOR_RELAY=" + filepath.Join(folder, "relay")}
}
