package streams

import (
	"encoding/json"
	"testing"
)

// FuzzPlainValues holds the short ways against package json: what they take, it takes, and to the same value.
func FuzzPlainValues(f *testing.F) {
	for _, raw := range []string{`"a"`, `""`, `"`, `"a\"b"`, `"\u00e4"`, "\"\u00e4\"", "\"\xff\"", "0", "-0", "-", "007", "-12", "9223372036854775807", "9223372036854775808", "1.0", "1e3", "1_0", "+1", " 1", "null", `"a" `} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if got, ok := plainText(json.RawMessage(raw)); ok {
			var want string
			if err := json.Unmarshal([]byte(raw), &want); err != nil || got != want {
				t.Errorf("%q: %q, want %q (%v)", raw, got, want, err)
			}
		}
		if got, ok := plainInteger(json.RawMessage(raw)); ok {
			var want int64
			if err := json.Unmarshal([]byte(raw), &want); err != nil || got != want {
				t.Errorf("%q: %d, want %d (%v)", raw, got, want, err)
			}
		}
	})
}

func TestPlainValuesAreTaken(t *testing.T) {
	if text, ok := plainText(json.RawMessage(`"https://a/b?c=d"`)); !ok || text != "https://a/b?c=d" {
		t.Errorf("%q, %v", text, ok)
	}
	if n, ok := plainInteger(json.RawMessage("-1718000300000")); !ok || n != -1718000300000 {
		t.Errorf("%d, %v", n, ok)
	}
}
