package adapter

import (
	"errors"
	"fmt"
	"math"
	"net"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crossdc/failover/toolkit/access"
)

// mqtt publishes to a topic and subscribes to one, in MQTT 5. Nothing is ever published twice: the session ends with its connection, so that no
// later connection repeats what the former did not see acknowledged.
func mqtt() Adapter {
	return Adapter{
		Name:    "mqtt",
		Summary: "Messages of an MQTT 5 broker; what is acknowledged (qos 1 and 2) is so by the broker, not by the application.",
		Parameters: append([]Parameter{
			{Name: "address", Doc: "host:port of the broker", Way: BothWays, Kind: Address, Required: true},
			{Name: "topic", Doc: "the topic of events, or the topic filter of results", Way: BothWays, Required: true},
			{Name: "qos", Doc: "quality of service: with 0 events are sent and never acknowledged, and results may be lost on their way to us", Way: BothWays, Default: "1", Allowed: []string{"0", "1", "2"}},
			{Name: "unheard", Doc: "what becomes of an event of which the broker says that nobody subscribes to its topic", Way: WayIn, Default: "acknowledged", Allowed: []string{"acknowledged", "refused"}},
			{Name: "keeps", Doc: "true: the broker keeps every result for us while we are not connected, so that a lost connection misses nothing; it needs qos 1 or 2 and a queue that is long enough", Way: WayOut, Kind: Switch, Default: "false"},
			{Name: "expiry", Doc: "how long the broker is asked to keep our subscription while we are not connected, in whole seconds", Way: WayOut, Kind: Duration, Default: "10m"},
			{Name: "client_id", Doc: "our name at the broker; without it one of this run and data center", Way: BothWays},
			{Name: "keep_alive", Doc: "after how many seconds of silence the broker is asked for a sign of life; without one the connection is lost", Way: BothWays, Kind: Number, Default: "5", Least: 1, Most: math.MaxUint16},
			{Name: "retry", Doc: "how long to wait before connecting again", Way: WayOut, Kind: Duration, Default: "100ms"},
			{Name: "tls", Doc: "true speaks TLS", Way: BothWays, Kind: Switch, Default: "false"},
			{Name: "user", Doc: "our user name", Way: BothWays},
			{Name: "password_file", Doc: "file of the password of user", Way: BothWays, Kind: Secret},
			{Name: "allow_plain_password", Doc: "true permits a password without TLS beyond loopback, where others can read along", Way: BothWays, Kind: Switch, Default: "false"},
		}, append(tlsParameters(), certificateParameters()...)...),
		Acknowledgement: Depends,
		Acknowledges:    func(v Values) bool { return v["qos"] != "0" },
		In:              openMQTTIn,
		Out:             openMQTTOut,
	}
}

// mqttOptions are what both ways have in common.
type mqttOptions struct {
	dial      dialer
	topic     string
	qos       byte
	clientID  string
	keepAlive uint16 // seconds
	user      string
	password  access.Secret
}

func readMQTT(o Opening, way Way) (m mqttOptions, err error) {
	v := o.Values
	if m.dial, err = tcpDialer(v); err != nil {
		return m, err
	}
	m.topic, m.user = v["topic"], v["user"]
	if err := checkTopic(m.topic, way == WayOut); err != nil {
		return m, fmt.Errorf("parameter \"topic\": %w", err)
	}
	m.qos = byte(v.number("qos"))
	m.keepAlive = uint16(v.number("keep_alive"))
	if m.password, err = v.secret("password_file"); err != nil {
		return m, err
	}
	switch host, _, _ := net.SplitHostPort(v["address"]); {
	case m.password.IsZero():
	case m.user == "":
		return m, errors.New("parameter \"password_file\": a password needs user")
	case !v.on("tls") && !v.on("allow_plain_password") && !access.Loopback(host):
		return m, fmt.Errorf("parameter \"password_file\": without TLS others read the password on the way to %s: set tls or allow_plain_password to true", v["address"])
	}
	if m.clientID = v["client_id"]; m.clientID == "" {
		if o.Run == "" {
			return m, errors.New("parameter \"client_id\" is missing, and the run has no word to name a client of its own")
		}
		site := o.Site
		if site == "" {
			site = "both"
		}
		m.clientID = "crossdc-" + o.Run + "-" + site + map[Way]string{WayIn: "-in", WayOut: "-out"}[way]
	}
	return m, nil
}

// checkTopic checks the name of a topic (MQTT 5, 4.7), or a filter of topics.
func checkTopic(topic string, filter bool) error {
	switch {
	case len(topic) > math.MaxUint16 || !utf8.ValidString(topic) || strings.ContainsRune(topic, 0):
		return fmt.Errorf("%.60q is too long, no UTF-8 or holds a zero", topic)
	case !filter && strings.ContainsAny(topic, "+#"):
		return fmt.Errorf("%q holds + or #, which only filters may", topic)
	case !filter:
		return nil
	}
	levels := strings.Split(topic, "/")
	for i, level := range levels {
		if strings.ContainsAny(level, "+#") && level != "+" && (level != "#" || i+1 < len(levels)) {
			return fmt.Errorf("%q is no topic filter: + stands for one whole level, # for all that follow", topic)
		}
	}
	return nil
}

// wholeSeconds gives a duration as MQTT wants it; a part of a second counts as one.
func wholeSeconds(d time.Duration) uint32 {
	return uint32(min((d+time.Second-1)/time.Second, math.MaxUint32-1))
}
