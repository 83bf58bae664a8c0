package scenario

import (
	"strings"
	"testing"

	"github.com/crossdc/failover/support/application"
)

// A scenario whose main claim a level does not carry is left out before it begins, with what would help; no other is.
func TestOnlyWhatALevelCannotCarryIsLeftOut(t *testing.T) {
	const traffic = "traffic:\n  adapter: tcp\n  with: {address: 'h:1'}\n  event: '{{number}}'\n"
	for text, level := range map[string]application.Level{
		"": application.Indicated,
		traffic + "results:\n  adapter: tcp\n  with: {address: 'h:2'}\n":                                       application.Counted,
		traffic + "results:\n  adapter: tcp\n  with: {address: 'h:2'}\n  number: csv:1\n":                      application.Numbered,
		"state: drill\nendpoints: {events: E, control: C, results: R, state: S}\nchannels: 5\ninvocation: X\n": application.Stated,
	} {
		described, err := application.Parse("orders.yaml", []byte("name: orders\ncomposite: com.example::Orders\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		for lowest := application.Indicated; lowest <= application.Stated; lowest++ {
			why := lacksLevel(described, lowest)
			if (why == "") != (level >= lowest) {
				t.Errorf("%v, judged from %v on: %q", level, lowest, why)
			}
			if why != "" && (!strings.Contains(why, "orders.yaml") || !strings.Contains(why, described.Raise())) {
				t.Errorf("%q does not say which file, or what raises the level", why)
			}
		}
	}
}
