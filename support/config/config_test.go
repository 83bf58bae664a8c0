package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kelseyhightower/envconfig"
	"pgregory.net/rapid"
)

// clean removes our variables from the environment for the length of a test.
func clean(t testing.TB) {
	t.Helper()
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, Prefix+"_") {
			t.Setenv(name, value) // restores it afterwards
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func set(t testing.TB, pairs map[string]string) {
	t.Helper()
	clean(t)
	for name, value := range pairs {
		t.Setenv(name, value)
	}
}

func mustLoad(t testing.TB) *Config {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaults(t *testing.T) {
	clean(t)
	t.Setenv("USER", "nobody-asked-for-this") // envconfig would fall back to it with an envconfig tag
	t.Setenv("TOKEN", "nor-for-this")
	c := mustLoad(t)
	if c.Environment != Embedded || c.Topology != ActiveActive || c.Speedup != 60 || c.Rate != 1000 || c.Trials != 1 || c.Hazards != HazardsReport {
		t.Errorf("defaults %+v", c)
	}
	if c.Toolkit.HeartbeatInterval != 30*time.Second || c.Toolkit.Misses != 4 || c.Toolkit.Port != 25091 {
		t.Errorf("toolkit %+v", c.Toolkit)
	}
	if c.Seed == 0 || !c.RandomSeed() {
		t.Errorf("seed %d drawn %t", c.Seed, c.RandomSeed())
	}
	if c.DC1.Name != "dc1" || c.DC2.Name != "dc2" || c.DC1.User != "" || c.DC1.Token.IsSet() {
		t.Errorf("sites %+v %+v", c.DC1, c.DC2)
	}
	if !c.Uses("status stream") || !c.Uses("traffic") {
		t.Error("all indicators may be used by default")
	}
}

func TestObjectivesFollowFromTheToolkit(t *testing.T) {
	clean(t)
	o := mustLoad(t).Objectives()
	if o.RTO != 180*time.Second || o.RPO != 180*time.Second {
		t.Errorf("RTO %s RPO %s, want (4+1)*30s+30s and 150s+30s", o.RTO, o.RPO)
	}
	if !strings.Contains(o.Derivation, "(4+1)*30 s") || !strings.Contains(o.Derivation, "150 s + 30 s") {
		t.Errorf("derivation %q", o.Derivation)
	}
	set(t, map[string]string{"CROSSDC_RTO": "2m", "CROSSDC_RPO": "10s"})
	if o := mustLoad(t).Objectives(); o.RTO != 2*time.Minute || o.RPO != 10*time.Second || !strings.Contains(o.Derivation, "as given") {
		t.Errorf("given objectives %+v", o)
	}
}

// TestSnapshotPeriod has the pairs of toolkit contract 6.6.
func TestSnapshotPeriod(t *testing.T) {
	for _, c := range []struct{ i, s, want float64 }{
		{30, 180, 150}, {30, 60, 30}, {30, 30, 30}, {15, 60, 45}, {10, 60, 50}, {7, 60, 413}, {30, 45, 60}, {30, 100, 270},
		{1.5, 15, 21}, {2.9, 10, 11.6}, {1, 5, 4}, {1, 3, 2}, {0.2, 1, 0.2}, {0.2, 2, 0.2}, {30, 0.5, 0},
	} {
		d := func(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }
		got := Toolkit{HeartbeatInterval: d(c.i), SnapshotInterval: d(c.s)}.SnapshotPeriod()
		if (got - d(c.want)).Abs() > time.Microsecond {
			t.Errorf("I=%g S=%g: P_s=%s, want %g s", c.i, c.s, got, c.want)
		}
	}
}

func TestNamesAreThoseOfEnvconfig(t *testing.T) {
	clean(t)
	var out bytes.Buffer
	if err := envconfig.Usagef(Prefix, &Config{}, &out, "{{range .}}{{.Key}}\n{{end}}"); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, leaf := range leaves(&Config{}) {
		names = append(names, leaf.name)
		if leaf.field.Tag.Get("envconfig") != "" {
			t.Errorf("%s has an envconfig tag: envconfig would also read it without prefix", leaf.name)
		}
		if leaf.field.Tag.Get("doc") == "" {
			t.Errorf("%s is not documented", leaf.name)
		}
		if k := leaf.value.Interface(); leaf.field.Tag.Get("unit") == "" {
			switch k.(type) {
			case time.Duration, float64:
				t.Errorf("%s has no unit", leaf.name)
			}
		}
	}
	if want := strings.Fields(out.String()); !slices.Equal(names, want) {
		t.Errorf("our names differ from envconfig's:\n%q\n%q", names, want)
	}
}

func TestEveryProblemIsReportedAtOnceWithNameValueAndWhatIsAllowed(t *testing.T) {
	set(t, map[string]string{
		"CROSSDC_ENVIRONMENT":                "cloudy",
		"CROSSDC_SPEEDUP":                    "fast",
		"CROSSDC_TRIALS":                     "0",
		"CROSSDC_RTO":                        "150",
		"CROSSDC_RPO":                        "-1s",
		"CROSSDC_INDICATORS":                 "link-probe,tea-leaves",
		"CROSSDC_DC1_ROOT":                   "https://streamsadmin:hunter2@host:9714/",
		"CROSSDC_DC2_FINGERPRINT":            "abc",
		"CROSSDC_TOOLKIT_MISSES":             "256",
		"CROSSDC_TOOLKIT_HEARTBEAT_INTERVAL": "0s",
		"CROSSDC_TOOLKIT_READ_TIMEOUT":       "1.5s",
		"CROSSDC_ENDPOINT_EVENTS":            "",
		"CROSSDC_HEARTBEATINTERVAL":          "30s",
		"CROSSDC_SPEEDUPP":                   "60",
	})
	_, err := Load()
	if err == nil {
		t.Fatal("accepted")
	}
	text := err.Error()
	for _, want := range []string{
		`CROSSDC_ENVIRONMENT="cloudy": allowed: embedded, remote`,
		`CROSSDC_SPEEDUP="fast": allowed: a number`,
		`CROSSDC_TRIALS="0": allowed: a whole number from 1`,
		`CROSSDC_RTO="150": allowed: a duration with its unit`,
		`CROSSDC_RPO="-1s": allowed: a duration from 0s`,
		`CROSSDC_INDICATORS="link-probe,tea-leaves": allowed: all, operator-metrics`,
		`CROSSDC_DC1_ROOT="(credentials not shown)@host:9714/": allowed: an http or https URL without credentials`,
		`CROSSDC_DC2_FINGERPRINT="abc": allowed: 64 hex`,
		`CROSSDC_TOOLKIT_MISSES="256": allowed: a whole number from 0 to 255`,
		`CROSSDC_TOOLKIT_HEARTBEAT_INTERVAL="0s": allowed: a duration above 0s`,
		`CROSSDC_TOOLKIT_READ_TIMEOUT="1.5s": allowed: whole seconds`,
		`CROSSDC_ENDPOINT_EVENTS="": allowed: the operator's name`,
		`CROSSDC_SPEEDUPP: unknown variable; did you mean CROSSDC_SPEEDUP?`,
		`CROSSDC_HEARTBEATINTERVAL: unknown variable; did you mean CROSSDC_`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %s in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "hunter2") {
		t.Errorf("the password shows:\n%s", text)
	}
}

func remote(more map[string]string) map[string]string {
	pairs := map[string]string{
		"CROSSDC_ENVIRONMENT": "remote",
		"CROSSDC_DC1_ROOT":    "https://one:9714/streams/resources", "CROSSDC_DC1_USER": "admin", "CROSSDC_DC1_PASSWORD": "hunter2",
		"CROSSDC_DC2_ROOT": "https://two:9714/streams/resources", "CROSSDC_DC2_TOKEN": "hunter2-token",
	}
	for name, value := range more {
		pairs[name] = value
	}
	return pairs
}

func TestRemoteNeedsToKnowWhereAndWho(t *testing.T) {
	set(t, remote(nil))
	c := mustLoad(t)
	if c.Speedup != 1 || c.DC1.Password.Reveal() != "hunter2" || c.DC2.Token.Reveal() != "hunter2-token" {
		t.Errorf("speedup %g", c.Speedup)
	}
	set(t, map[string]string{"CROSSDC_ENVIRONMENT": "remote"})
	_, err := Load()
	for _, want := range []string{"CROSSDC_DC1_ROOT", "CROSSDC_DC2_ROOT", "CROSSDC_DC1_USER", "CROSSDC_DC2_TOKEN"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not asked for: %v", want, err)
		}
	}
	set(t, remote(map[string]string{"CROSSDC_SPEEDUP": "60"}))
	if c := mustLoad(t); c.Speedup != 60 {
		t.Errorf("speedup %g: a remote pair of emulators has one too", c.Speedup)
	}
}

func TestSecretsComeFromFilesToo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "password")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pairs := remote(map[string]string{"CROSSDC_DC1_PASSWORD_FILE": path})
	delete(pairs, "CROSSDC_DC1_PASSWORD")
	for text, want := range map[string]string{"a b\n": "a b", "x": "x", "y\r\n": "y", "z\n\n": "z\n"} {
		write(text)
		set(t, pairs)
		if c := mustLoad(t); c.DC1.Password.Reveal() != want {
			t.Errorf("%q: read %q, want %q", text, c.DC1.Password.Reveal(), want)
		}
	}
	write("hunter3\n")
	set(t, remote(map[string]string{"CROSSDC_DC1_PASSWORD_FILE": path}))
	if _, err := Load(); err == nil || !strings.Contains(err.Error(), "CROSSDC_DC1_PASSWORD and CROSSDC_DC1_PASSWORD_FILE are both set") || strings.Contains(err.Error(), "hunter") {
		t.Errorf("both: %v", err)
	}
	for name, bad := range map[string]string{"missing": path + "x", "folder": filepath.Dir(path)} {
		pairs["CROSSDC_DC1_PASSWORD_FILE"] = bad
		set(t, pairs)
		if _, err := Load(); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
	write("")
	pairs["CROSSDC_DC1_PASSWORD_FILE"] = path
	set(t, pairs)
	if _, err := Load(); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("empty file: %v", err)
	}
}

func TestNothingPrintsASecret(t *testing.T) {
	set(t, remote(map[string]string{"CROSSDC_RELAY_TOKEN": "hunter4"}))
	c := mustLoad(t)
	var out bytes.Buffer
	if err := c.Redacted(&out); err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&out, "%v %+v %#v %s %q %x %d", c, *c, *c, c.DC1.Password, c.DC1.Password, c.DC1.Password, c.DC1.Password)
	fmt.Fprint(&out, c.Values(), string(encoded))
	if strings.Contains(out.String(), "hunter") || strings.Contains(out.String(), "68756e746572") {
		t.Errorf("a secret shows:\n%s", out.String())
	}
	if !strings.Contains(out.String(), "CROSSDC_DC1_PASSWORD="+redacted) || !strings.Contains(out.String(), "CROSSDC_ENVIRONMENT=remote  (set)") {
		t.Errorf("the listing does not say what is set:\n%s", out.String())
	}
}

func TestPrintDocumentsEverything(t *testing.T) {
	var out bytes.Buffer
	if err := Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, leaf := range leaves(&Config{}) {
		if !strings.Contains(out.String(), "\n"+leaf.name+"="+leaf.field.Tag.Get("default")+"\n") {
			t.Errorf("%s is missing", leaf.name)
		}
	}
	if err := Print(failing{}); err == nil {
		t.Error("a failing writer is not reported")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestDistanceIsAMetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[A-D_]{0,12}`)
		a, b, c := word.Draw(t, "a"), word.Draw(t, "b"), word.Draw(t, "c")
		if distance(a, b) != distance(b, a) || (distance(a, b) == 0) != (a == b) || distance(a, c) > distance(a, b)+distance(b, c) {
			t.Fatal("not a metric")
		}
	})
}

// FuzzLoad gives any value to any variable: Load answers with a usable configuration or an error that names the
// variable, and never shows a secret.
func FuzzLoad(f *testing.F) {
	clean(f)
	all := leaves(&Config{})
	for i, leaf := range all {
		f.Add(uint(i), leaf.field.Tag.Get("default"))
	}
	for _, value := range []string{"", "-1", "NaN", "+Inf", "1e400", "9223372036854775807", "999999h", "https://u:p@h/", "http://[", "\xff", ","} {
		for i := range all {
			f.Add(uint(i), value)
		}
	}
	f.Fuzz(func(t *testing.T, which uint, value string) {
		leaf := all[which%uint(len(all))]
		if strings.ContainsRune(value, 0) || strings.HasSuffix(leaf.name, "_FILE") {
			return
		}
		t.Setenv(leaf.name, value)
		c, err := Load()
		if err != nil {
			if !strings.Contains(err.Error(), leaf.name) {
				t.Fatalf("%s=%q: %v", leaf.name, value, err)
			}
			return
		}
		if o := c.Objectives(); o.RTO <= 0 || o.RPO <= 0 || !(c.Speedup >= 1) || c.Wall(o.RTO) < 0 {
			t.Fatalf("%s=%q: objectives %+v, speedup %g", leaf.name, value, o, c.Speedup)
		}
		if leaf.secret() && len(value) > 8 && strings.Contains(fmt.Sprintf("%+v", *c), value) {
			t.Fatalf("%s shows", leaf.name)
		}
	})
}

// A value that cannot be read is one problem, and nothing that depends on it is another.
func TestAValueThatCannotBeReadIsOneProblem(t *testing.T) {
	for _, c := range [][2]string{{"CROSSDC_RATE", "fast"}, {"CROSSDC_RTO", "soon"}, {"CROSSDC_RPO", "little"}, {"CROSSDC_SPEEDUP", "x"}, {"CROSSDC_TOOLKIT_HEARTBEAT_INTERVAL", "30"}} {
		t.Run(c[0], func(t *testing.T) {
			t.Setenv(c[0], c[1])
			_, err := Load()
			var refused *Refused
			if !errors.As(err, &refused) || len(refused.Problems) != 1 || refused.Problems[0].Variable != c[0] {
				t.Errorf("%v", err)
			}
		})
	}
}

// What would only come to light as a refused login or as a data center that cannot be reached is refused by the name of its setting.
func TestTextsThatNoServiceCouldUse(t *testing.T) {
	for _, c := range []struct{ variable, value, says string }{
		{"CROSSDC_DC1_ROOT", "https://one:99999/streams/resources", "a port from 1 to 65535"},
		{"CROSSDC_DC1_ROOT", "https://one:0/streams/resources", "a port from 1 to 65535"},
		{"CROSSDC_DC1_ROOT", "https://:9714/streams/resources", "an http or https URL"},
		{"CROSSDC_DC1_ROOT", "https://one:9714/streams/resources?user=x", "a URL without a query"},
		{"CROSSDC_DC1_DATA_URL", "https://one:9715/?x", "a URL without a query"},
		{"CROSSDC_DC1_USER", "admin:secret7", "a name without colons"},
		{"CROSSDC_DC1_TOOLKIT_HOST", "one two", "a host such as"},
		{"CROSSDC_DC1_TOOLKIT_HOST", "https://one", "a host such as"},
		{"CROSSDC_DC1_TOOLKIT_HOST", "one:9714", "a host such as"},
		{"CROSSDC_DC1_NAME", " ", "neither begins nor ends with a blank"},
		{"CROSSDC_DC1_NAME", "east ", "neither begins nor ends with a blank"},
	} {
		t.Run(c.variable+"="+c.value, func(t *testing.T) {
			set(t, remote(map[string]string{c.variable: c.value}))
			_, err := Load()
			if err == nil || !strings.Contains(err.Error(), c.variable) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret7") {
				t.Errorf("it says %v", err)
			}
		})
	}
	for variable, value := range map[string]string{"CROSSDC_DC1_METRICS_URL": "https://one:9100/metrics?name=x", "CROSSDC_DC1_TOOLKIT_HOST": "fe80::1", "CROSSDC_DC1_NAME": "Köln 'east' side"} {
		set(t, remote(map[string]string{variable: value}))
		mustLoad(t)
	}
}
