package adapter

import (
	"context"
	"fmt"
	"net"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// kafka produces to a topic and reads one as a consumer group of its own. Where every in-sync replica acknowledges the producer is idempotent: a request
// that is repeated is stored once. With fewer acknowledgements it could be stored twice, so that nothing is repeated there.
func kafka() Adapter {
	return Adapter{
		Name:    "kafka",
		Summary: "Records of a Kafka topic; results are read by a consumer group of our own.",
		Parameters: append([]Parameter{
			{Name: "brokers", Doc: "host:port of the brokers to begin with, separated by commas", Way: BothWays, Kind: Addresses, Required: true},
			{Name: "topic", Doc: "the topic; it must exist", Way: BothWays, Required: true},
			{Name: "partition", Doc: "number of the partition that every event goes to; without it the event's key decides", Way: WayIn, Kind: Number},
			{Name: "acks", Doc: "who acknowledges an event: every in-sync replica, the partition's leader alone (a leader that is lost may lose it), or nobody", Way: WayIn, Default: "all", Allowed: []string{"all", "leader", "none"}},
			{Name: "group", Doc: "the consumer group; without it one of this run and data center", Way: WayOut},
			{Name: "start", Doc: "where a group without committed offsets begins: at the earliest record or at the end of the topic", Way: WayOut, Default: "earliest", Allowed: []string{"earliest", "end"}},
			{Name: "tls", Doc: "true speaks TLS", Way: BothWays, Kind: Switch, Default: "false"},
			{Name: "sasl", Doc: "how we prove who we are; it needs user, password_file and tls", Way: BothWays, Default: "none", Allowed: []string{"none", "plain", "scram-sha-256", "scram-sha-512"}},
			{Name: "user", Doc: "name for SASL", Way: BothWays},
			{Name: "password_file", Doc: "file of the password for SASL", Way: BothWays, Kind: Secret},
			{Name: "allow_plain_sasl", Doc: "true permits SASL without TLS, where others can read along", Way: BothWays, Kind: Switch, Default: "false"},
		}, append(tlsParameters(), certificateParameters()...)...),
		Acknowledgement: Depends,
		Acknowledges:    func(v Values) bool { return v["acks"] != "none" },
		In:              openKafkaIn,
		Out:             openKafkaOut,
	}
}

// kafkaOptions are what both ways have in common.
func kafkaOptions(v Values) ([]kgo.Opt, error) {
	brokers := split(v["brokers"], ",")
	for _, broker := range brokers {
		if host, port, err := net.SplitHostPort(broker); err != nil || host == "" || port == "" {
			return nil, fmt.Errorf("parameter \"brokers\": %q is no host:port", broker)
		}
	}
	if len(brokers) == 0 {
		return nil, fmt.Errorf("parameter \"brokers\": %q names no broker: give host:port", v["brokers"])
	}
	options := []kgo.Opt{kgo.SeedBrokers(brokers...), kgo.ClientID("crossdc")}
	if v.on("tls") {
		config, err := v.tlsConfig()
		if err != nil {
			return nil, err
		}
		options = append(options, kgo.DialTLSConfig(config))
	}
	if v["sasl"] == "none" {
		for _, name := range []string{"user", "password_file"} {
			if v[name] != "" {
				return nil, fmt.Errorf("parameter %q is of no use with sasl %q: give plain, scram-sha-256 or scram-sha-512", name, "none")
			}
		}
		return options, nil
	}
	if !v.on("tls") && !v.on("allow_plain_sasl") {
		return nil, fmt.Errorf("parameter \"sasl\": %q without TLS shows others who we are: set tls or allow_plain_sasl to true", v["sasl"])
	}
	password, err := v.secret("password_file")
	if err != nil {
		return nil, err
	}
	if v["user"] == "" || password.IsZero() {
		return nil, fmt.Errorf("parameter \"sasl\": %q needs user and password_file", v["sasl"])
	}
	user := v["user"]
	login := func(context.Context) (scram.Auth, error) { return scram.Auth{User: user, Pass: password.Reveal()}, nil }
	switch v["sasl"] {
	case "plain":
		return append(options, kgo.SASL(plain.Plain(func(context.Context) (plain.Auth, error) {
			return plain.Auth{User: user, Pass: password.Reveal()}, nil
		}))), nil
	case "scram-sha-256":
		return append(options, kgo.SASL(scram.Sha256(login))), nil
	}
	return append(options, kgo.SASL(scram.Sha512(login))), nil
}
