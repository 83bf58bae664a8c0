package adapter

import (
	"strings"
	"testing"
)

func TestAddressesAreHeldAgainstTheirForm(t *testing.T) {
	for name, c := range map[string]struct {
		adapter string
		values  Values
		want    string // empty: it fits
	}{
		"a URL":                 {"http", Values{"url": "https://one.example:8443/orders?x=1"}, ""},
		"an IPv6 host":          {"http", Values{"url": "http://[::1]:8080/"}, ""},
		"filled in later":       {"http", Values{"url": "${data}/orders"}, ""},
		"no scheme":             {"http", Values{"url": "one.example/orders"}, `"one.example/orders" does not begin with http:// or https://`},
		"a host for a scheme":   {"http", Values{"url": "one.example:8443/orders"}, "does not begin with http:// or https://"},
		"another scheme":        {"http", Values{"url": "ftp://one.example/"}, "does not begin with http:// or https://"},
		"no host":               {"http", Values{"url": "https:///orders"}, "names no host"},
		"port 0":                {"http", Values{"url": "https://one.example:0/"}, `port "0" is none: give 1 to 65535`},
		"port 70000":            {"http", Values{"url": "https://one.example:70000/"}, `port "70000" is none: give 1 to 65535`},
		"an empty port":         {"http", Values{"url": "https://one.example:/"}, `port "" is none`},
		"a port in words":       {"http", Values{"url": "https://one.example:http/"}, "is no address"},
		"credentials":           {"http", Values{"url": "https://me:hunt/er2@one.example/"}, "must not hold credentials"},
		"credentials, no start": {"http", Values{"url": "//me:hunter2@one.example/"}, "must not hold credentials"},
		"a space":               {"http", Values{"url": "https://one example/"}, "is no address"},
		"host:port":             {"tcp", Values{"address": "one.example:25001"}, ""},
		"no port":               {"tcp", Values{"address": "one.example"}, `"one.example" is no host:port`},
		"no host either":        {"tcp", Values{"address": ":25001"}, "is no host:port"},
		"TCP port 0":            {"tcp", Values{"address": "one.example:0"}, `port "0" is none: give 1 to 65535`},
		"TCP port -1":           {"tcp", Values{"address": "one.example:-1"}, `port "-1" is none`},
		"a URL for an address":  {"tcp", Values{"address": "tcp://one.example:25001"}, "is a URL: give host:port"},
		"we listen anywhere":    {"tcp-listen", Values{"listen": ":0"}, ""},
		"we listen on 70000":    {"tcp-listen", Values{"listen": "127.0.0.1:70000"}, `port "70000" is none: give 0 to 65535`},
		"brokers":               {"kafka", Values{"brokers": "a:9092, b:9092", "topic": "t"}, ""},
		"one of the brokers":    {"kafka", Values{"brokers": "a:9092, b", "topic": "t"}, `"b" is no host:port`},
		"no broker":             {"kafka", Values{"brokers": " , ", "topic": "t"}, "names none"},
		"MQTT with credentials": {"mqtt", Values{"address": "me:hunter2@broker:1883", "topic": "t"}, "must not hold credentials"},
	} {
		used, err := Find(c.adapter)
		if err != nil {
			t.Fatal(err)
		}
		err = used.CheckForm(WayIn, c.values)
		switch {
		case c.want == "" && err != nil, c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		case err != nil && strings.Contains(err.Error(), "hunt"):
			t.Errorf("%s: a secret shows: %v", name, err)
		}
	}
}
