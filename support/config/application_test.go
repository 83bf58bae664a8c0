package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/application"
)

func described(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "orders.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The defaults of the settings are the drill application's file.
func TestTheDrillApplicationIsTheDefault(t *testing.T) {
	clean(t)
	unset := mustLoad(t)
	set(t, map[string]string{"CROSSDC_APPLICATION_FILE": "support/application/drill.yaml"}) // relative to the module
	given := mustLoad(t)
	given.Application.File = ""
	if given.Application != unset.Application || given.Endpoint != unset.Endpoint || given.Objectives() != unset.Objectives() {
		t.Errorf("by the file %+v %+v\nby default %+v %+v", given.Application, given.Endpoint, unset.Application, unset.Endpoint)
	}
	drill := application.Drill()
	if one := unset.Described(); one.Endpoints != drill.Endpoints || one.Composite != drill.Composite || one.Level() != application.Stated {
		t.Errorf("%+v", one)
	}
	if !reflect.DeepEqual(given.Described().Endpoints, drill.Endpoints) {
		t.Errorf("%+v", given.Described())
	}
}

func TestAFileDescribesTheApplication(t *testing.T) {
	set(t, map[string]string{"CROSSDC_APPLICATION_FILE": described(t, "name: orders\ncomposite: com.example::Orders\ninvocation: Failover\nchannels: 3\nendpoints: {status: Peer}\nobjectives: {rto: 4m}\n")})
	c := mustLoad(t)
	if c.Application.Composite != "com.example::Orders" || c.Application.Invocation != "Failover" || c.Endpoint.Status != "Peer" || c.Endpoint.Events != "-" || c.Endpoint.State != "-" {
		t.Errorf("%+v %+v", c.Application, c.Endpoint)
	}
	if o := c.Objectives(); o.RTO != 4*time.Minute || o.RPO == 0 {
		t.Errorf("%+v", o)
	}
	if d := c.Described(); d.Name != "orders" || d.Level() != application.Indicated {
		t.Errorf("%+v", d)
	}
	t.Setenv("CROSSDC_RTO", "3m")
	if o := mustLoad(t).Objectives(); o.RTO != 3*time.Minute {
		t.Errorf("the setting is for this run, and must win: %+v", o)
	}
}

func TestAFileIsRefusedTogetherWithOtherNames(t *testing.T) {
	path := described(t, "name: orders\ncomposite: com.example::Orders\n")
	set(t, map[string]string{"CROSSDC_APPLICATION_FILE": path, "CROSSDC_APPLICATION_INVOCATION": "Failover", "CROSSDC_ENDPOINT_STATE": "-"})
	_, err := Load()
	for _, want := range []string{
		`CROSSDC_APPLICATION_INVOCATION="Failover": it is set together with CROSSDC_APPLICATION_FILE=` + `"` + path, `CROSSDC_ENDPOINT_STATE="-": it is set together with CROSSDC_APPLICATION_FILE=`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

func TestWhatIsWrongInAFileIsNamedWithItsLine(t *testing.T) {
	set(t, map[string]string{"CROSSDC_APPLICATION_FILE": described(t, "name: orders\ncomposite: com example\nchannels: -1\n")})
	_, err := Load()
	for _, want := range []string{`orders.yaml:2: composite: "com example"`, `orders.yaml:3: channels: -1; want 0 to 1000`, `CROSSDC_APPLICATION_FILE="`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	set(t, map[string]string{"CROSSDC_APPLICATION_FILE": "no/such/file.yaml"})
	if _, err := Load(); err == nil || !strings.Contains(err.Error(), "no/such/file.yaml") {
		t.Errorf("a file that is not there: %v", err)
	}
}
