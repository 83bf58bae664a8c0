package crossdc

import (
	"strings"
	"testing"
)

// Every trap of reading a file (toolkit contract 2.1) is told with its line, and what the toolkit reads as it looks is not.
func TestLinesThatAreNotWhatTheySeem(t *testing.T) {
	for _, x := range []struct {
		name, file string
		line       int // 0: nothing is told
		says       string
	}{
		{"as shipped", "# comment\n\nheartbeatExchangeInterval = 30.0\n  crossDCHttpPort=25091  \n\t# comment\n", 0, ""},
		{"empty tokens are dropped", "heartbeatExchangeInterval==30.0=\n", 0, ""},
		{"no value", "crossDCInitDelay=40.0\ndataSnapshotJdbcUrl=\n", 2, "there is no value"},
		{"no value but spaces", "dataSnapshotJdbcUrl=  \n", 1, "there is no value"},
		{"equals sign in a value", "\ndataSnapshotJdbcUrl=jdbc:db2://h/d:a=b;\n", 2, "the value holds a '='"},
		{"comment behind a value", "heartbeatExchangeInterval=30.0 # s\n", 1, "part of the value"},
		{"carriage return in a text", "crossDCInitDelay=40.0\r\nlocalDataCenterName=dc1\r\n", 2, "carriage return"},
		{"carriage return behind a number", "heartbeatExchangeInterval=30.0\r\n", 0, ""},
		{"TAB before a key", "\tcrossDCInitDelay=40.0\n", 1, "another word"},
		{"byte order mark", "\uFEFFcrossDCInitDelay=40.0\n", 1, "another word"},
		{"another case", "CrossDCInitDelay=40.0\n", 1, "another word"},
		{"misspelled", "heartbeatInterval=30\n", 1, "no such key"},
		{"twice", "crossDCInitDelay=40.0\n\ncrossDCInitDelay=10.0\n", 3, "line 1 has this key already"},
		{"no assignment", "crossDCInitDelay 40.0\n", 1, "there is no '='"},
		{"no key", "=40.0\n", 1, "there is no key"},
	} {
		found := ReadingTraps([]byte(x.file))
		switch {
		case x.line == 0 && len(found) != 0:
			t.Errorf("%s: %v is told", x.name, found)
		case x.line != 0 && (len(found) != 1 || found[0].Line != x.line || !strings.Contains(found[0].String(), x.says)):
			t.Errorf("%s: %v, want line %d and %q", x.name, found, x.line, x.says)
		}
	}
}

// No value of a line is repeated: it may be a password.
func TestReadingTrapsHoldNoValue(t *testing.T) {
	for _, line := range []string{"dataSnapshotJdbcPassword=hunter2=", "dataSnapshotJdbcPassword=hun=hunter2", "dataSnapshotJdbcPassword=hunter2 # x", "dataSnapshotJdbcPassword hunter2",
		"password=hunter2", "DATASNAPSHOTJDBCPASSWORD=hunter2", "dataSnapshotJdbcPassword=hunter2\t"} {
		for _, f := range ReadingTraps([]byte(line)) {
			if strings.Contains(f.String(), "hunter2") {
				t.Errorf("%q: %s", line, f)
			}
		}
	}
}

// A line that the toolkit takes a value from is not said to be ignored, and a line with a key of the toolkit that it takes none
// from is told.
func FuzzReadingTraps(f *testing.F) {
	f.Add([]byte("heartbeatExchangeInterval=30.0\r\ncrossDCInitDelay=\n"))
	f.Add([]byte("\uFEFFcrossDCInitDelay=40.0\ncrossDCInitDelay==1=\n=\n= =\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		told := map[int]string{}
		for _, finding := range ReadingTraps(file) {
			told[finding.Line] = finding.Effect
		}
		used := map[int]bool{}
		for _, key := range Keys() {
			if _, line := lookup(file, key.Name); line > 0 {
				used[line] = true
				if strings.Contains(told[line], "ignored") {
					t.Errorf("line %d gives %s, and is said to be ignored: %s", line, key.Name, told[line])
				}
			}
		}
		for i, line := range strings.Split(string(file), "\n") {
			word, _, _ := strings.Cut(strings.Trim(line, " "), "=")
			meant, known := meantKey(word)
			if known && meant.Name == strings.Trim(word, " ") && !used[i+1] && told[i+1] == "" {
				t.Errorf("line %d has the key %s, gives no value, and is not told", i+1, meant.Name)
			}
		}
	})
}
