package crossdc

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

const app = "com.crossdc.drill::FailoverDrill"

func fromFile(content string, properties map[string]string) Source {
	return Source{Application: app, Properties: properties, FileName: "crossdc-config.txt",
		ReadFile: func(string) ([]byte, error) { return []byte(content), nil }}
}

func TestLoadCodeDefaults(t *testing.T) {
	for name, s := range map[string]Source{
		"nothing":                 {Application: app},
		"another application":     {Application: app, Properties: map[string]string{"x::Y_crossDCHttpPort": "1"}},
		"unreadable file":         {Application: app, FileName: "f", ReadFile: func(string) ([]byte, error) { return nil, errors.New("no such file") }},
		"file without a reader":   {Application: app, FileName: "f"},
		"reader without a file":   {Application: app, ReadFile: func(string) ([]byte, error) { panic("read although no name is given") }},
		"read error after a part": {Application: app, FileName: "f", ReadFile: func(string) ([]byte, error) { return []byte("crossDCHttpPort=1"), errors.New("read") }},
	} {
		got, err := Load(s)
		if want := CodeDefaults(); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v, want the code defaults", name, got, err)
		}
	}
}

// TestLoadPort reads one int32 key from a file, before a property of 7 and the default 25091.
func TestLoadPort(t *testing.T) {
	for name, x := range map[string]struct {
		line string
		want int32
	}{
		"plain":                       {"crossDCHttpPort=1", 1},
		"spaces around everything":    {"  crossDCHttpPort  =  1  ", 1},
		"no file line":                {"", 7},
		"comment":                     {"# crossDCHttpPort=1", 7},
		"comment behind spaces":       {"   # crossDCHttpPort=1", 7},
		"empty value":                 {"crossDCHttpPort=", 7},
		"empty value, then one":       {"crossDCHttpPort=\ncrossDCHttpPort=2", 2},
		"blank value is taken":        {"crossDCHttpPort= x", 0},
		"three tokens":                {"crossDCHttpPort=1=2", 7},
		"doubled equals sign":         {"crossDCHttpPort==1", 1},
		"leading equals sign":         {"=crossDCHttpPort=1", 1},
		"trailing equals sign":        {"crossDCHttpPort=1=", 1},
		"first match wins":            {"crossDCHttpPort=1\ncrossDCHttpPort=2", 1},
		"case-sensitive":              {"crossdchttpport=1", 7},
		"TAB before the key":          {"\tcrossDCHttpPort=1", 7},
		"TAB after the value":         {"crossDCHttpPort=1\t", 1},
		"TAB before the value":        {"crossDCHttpPort=\t1", 1},
		"CRLF":                        {"crossDCHttpPort=1\r\n", 1},
		"byte order mark, first line": {"\ufeffcrossDCHttpPort=1\n", 7},
		"byte order mark, other line": {"\ufeff\ncrossDCHttpPort=1\n", 1},
		"inline comment":              {"crossDCHttpPort=1 # one", 0},
		"not an integer":              {"crossDCHttpPort=4.0", 0},
		"too large":                   {"crossDCHttpPort=2147483648", 0},
		"plus sign":                   {"crossDCHttpPort=+1", 1},
		"hexadecimal":                 {"crossDCHttpPort=0x10", 0},
		"other key's value":           {"x=crossDCHttpPort", 7},
	} {
		got, err := Load(fromFile(x.line, map[string]string{app + "_crossDCHttpPort": "7"}))
		if x.want == 0 {
			var bad *CastError
			if !errors.As(err, &bad) || bad.Key != "crossDCHttpPort" || bad.Origin != "configuration file crossdc-config.txt" {
				t.Errorf("%s: %d, %v, want a cast error", name, got.HTTPPort, err)
			}
			continue
		}
		if err != nil || got.HTTPPort != x.want {
			t.Errorf("%s: %d, %v, want %d", name, got.HTTPPort, err, x.want)
		}
	}
}

func TestLoadStringsKeepWhatTheTrimLeaves(t *testing.T) {
	for line, want := range map[string]string{
		"localDataCenterName=dc7\r\n":      "dc7\r",
		"localDataCenterName=\tdc7\t":      "\tdc7\t",
		"localDataCenterName=dc7 # mine":   "dc7 # mine",
		"localDataCenterName= dc 7 ":       "dc 7",
		"localDataCenterName=dc7;user=x\n": "dc1", // a '=' in the value: the line is ignored
	} {
		got, err := Load(fromFile(line, nil))
		if err != nil || got.LocalDataCenterName != want {
			t.Errorf("%q: %q, %v, want %q", line, got.LocalDataCenterName, err, want)
		}
	}
	got, err := Load(Source{Application: app, Properties: map[string]string{app + "_dataSnapshotJdbcUrl": " jdbc:x;user=y "}})
	if err != nil || got.JDBCURL != " jdbc:x;user=y " {
		t.Errorf("property %q, %v: properties are taken as they are", got.JDBCURL, err)
	}
}

func TestLoadCasts(t *testing.T) {
	for _, x := range []struct {
		key, value string
		want       string // "" if it must not cast
	}{
		{"consecutiveHeartbeatMissesAllowed", "0", "0"},
		{"consecutiveHeartbeatMissesAllowed", "255", "255"},
		{"consecutiveHeartbeatMissesAllowed", "256", ""},
		{"consecutiveHeartbeatMissesAllowed", "-1", ""},
		{"consecutiveHeartbeatMissesAllowed", "4.0", ""},
		{"consecutiveHeartbeatMissesAllowed", "", ""},
		{"sendToAllRemoteMachines", "true", "true"},
		{"sendToAllRemoteMachines", "true\r", "true"},
		{"sendToAllRemoteMachines", "True", ""},
		{"sendToAllRemoteMachines", "1", ""},
		{"sendToAllRemoteMachines", "truely", ""},
		{"sendToAllRemoteMachines", "yes", ""},
		{"heartbeatExchangeInterval", "30", "30"},
		{"heartbeatExchangeInterval", "0.2", "0.2"},
		{"heartbeatExchangeInterval", ".5", "0.5"},
		{"heartbeatExchangeInterval", "3e1", "30"},
		{"heartbeatExchangeInterval", "-1", "-1"},
		{"heartbeatExchangeInterval", "30s", ""},
		{"heartbeatExchangeInterval", "3 0", ""},
		{"heartbeatExchangeInterval", "1_0", ""},
		{"heartbeatExchangeInterval", "0x1p4", ""},
		{"heartbeatExchangeInterval", "nan", ""},
		{"heartbeatExchangeInterval", "inf", ""},
		{"heartbeatExchangeInterval", "1e400", ""},
		{"httpReadTimeout", "-5", "-5"},
		{"httpReadTimeout", "1_0", ""},
	} {
		c, err := Load(Source{Application: app, Properties: map[string]string{app + "_" + x.key: x.value}})
		var got string
		for _, k := range Keys() {
			if k.Name == x.key {
				got = k.Get(&c)
				if x.want == "" && got != k.Code() {
					t.Errorf("%s = %q: %q, want the code default after the error", x.key, x.value, got)
				}
			}
		}
		if (x.want == "") != (err != nil) || x.want != "" && got != x.want {
			t.Errorf("%s = %q: %q, %v, want %q", x.key, x.value, got, err, x.want)
		}
	}
}

func TestLoadReportsEveryBadValueAndNoSecret(t *testing.T) {
	_, err := Load(fromFile("heartbeatExchangeInterval=x\ncrossDCHttpPort=y\n", map[string]string{app + "_httpReadTimeout": "z"}))
	for _, want := range []string{"heartbeatExchangeInterval", "crossDCHttpPort", "property " + app + "_httpReadTimeout", "would not start"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %q", err, want)
		}
	}
}

func TestKeysRoundTripAsProperties(t *testing.T) {
	want := Shipped()
	want.LocalDataCenterName, want.HTTPPort, want.RemoteMachineNames, want.InitDelay = "dc9", 1234, "a,b", 1.5
	want.OperationMode, want.MissesAllowed, want.JDBCPassword, want.SendToAllRemoteMachines = 0, 200, "secret", true
	want.StorageDirectory, want.JDBCURL, want.JDBCUser, want.JDBCDriverLib, want.JDBCClassName = "/s", "jdbc:x", "u", "l", "c"
	want.TableName, want.PrimaryKeyColumnName, want.AlwaysLogHTTPErrors, want.HTTPConnectionTimeout = "t", "p", true, 1
	want.HTTPReadTimeout, want.RetainOlderSnapshots, want.SendSnapshotsToOriginDC = 2, true, true
	got, err := Load(Source{Application: app, Properties: want.Properties(app)})
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	if fields, keys := reflect.TypeFor[Config]().NumField()-1, len(Keys()); fields != keys {
		t.Errorf("%d keys for %d fields", keys, fields)
	}
	for _, k := range Keys() {
		if k.Doc == "" || k.Type == "" {
			t.Errorf("%s is not documented", k.Name)
		}
		if c := Shipped(); k.Shipped != "" && k.Type == "float64" {
			if have := k.Get(&c); have+".0" != k.Shipped {
				t.Errorf("%s: Shipped() has %s, the key's table %s", k.Name, have, k.Shipped)
			}
		}
	}
}

func TestPrintedConfigurationHasNoSecret(t *testing.T) {
	c := Shipped()
	c.JDBCPassword, c.JDBCURL = "hunter2", "jdbc:db2://h/d;password=hunter2"
	for _, format := range []string{"%v", "%+v", "%s"} {
		if got := fmt.Sprintf(format, c) + fmt.Sprintf(format, &c); strings.Contains(got, "hunter2") || !strings.Contains(got, "heartbeatExchangeInterval=30 ") {
			t.Errorf("%s: %s", format, got)
		}
	}
}

func TestRemoteMachinesSplitLikeJava(t *testing.T) {
	for list, want := range map[string][]string{
		"a":     {"a"},
		"a,b":   {"a", "b"},
		"a, b":  {"a", " b"},
		"":      {""},
		",":     {},
		"a,,b,": {"a", "", "b"},
	} {
		c := Config{RemoteMachineNames: list}
		if got := c.RemoteMachines(); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", list, got, want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("crossDCHttpPort=1\r\n# x\nlocalDataCenterName = dc1 =\n")
	f.Fuzz(func(t *testing.T, content string) {
		c, err := Load(fromFile(content, nil))
		if err != nil {
			return
		}
		again, err := Load(Source{Application: app, Properties: c.Properties(app)})
		if err != nil || again != c {
			t.Fatalf("%+v came back as %+v, %v", c, again, err)
		}
	})
}
