package config

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// AllIndicators stands for every indicator in CROSSDC_INDICATORS.
const AllIndicators = "all"

// checker collects problems by the name of the variable.
type checker struct {
	byName   map[string]leaf
	problems []Problem
}

// check reports a variable whose value is not allowed; ok says that it is.
func (k *checker) check(name string, ok bool, allowed string) {
	if ok {
		return
	}
	leaf := k.byName[name]
	value, set := os.LookupEnv(name)
	if !set {
		value = leaf.field.Tag.Get("default")
	}
	k.problems = append(k.problems, leaf.refuse(value, "allowed: "+allowed))
}

// complain reports a relation between variables, of which the named one decides.
func (k *checker) complain(variable, format string, arguments ...any) {
	k.problems = append(k.problems, Problem{Variable: variable, Text: fmt.Sprintf(format, arguments...)})
}

func (c *Config) validate() []Problem {
	k := &checker{byName: map[string]leaf{}}
	for _, leaf := range leaves(c) {
		k.byName[leaf.name] = leaf
		if list := choices(leaf.field.Tag.Get("allow")); list != nil {
			k.oneOf(leaf, list)
		}
		if d, ok := leaf.value.Interface().(time.Duration); ok {
			k.check(leaf.name, d >= 0 && d <= maxDuration, "a duration from 0s to "+maxDuration.String())
		}
	}
	k.numbers(c)
	k.names(c)
	for i, site := range c.Sites() {
		k.site(c, fmt.Sprintf("%s_DC%d_", Prefix, i+1), site)
	}
	k.url(Prefix+"_RELAY_URL", c.Relay.URL)
	if !c.Kind().Emulated && c.Relay.URL != "" && (c.Relay.Towards.DC1 == "" || c.Relay.Towards.DC2 == "") {
		k.complain(Prefix+"_RELAY_URL", "%s_RELAY_URL without %s_RELAY_TOWARDS_DC1 and _DC2: allowed: all three, because a fault of the link is believed only when a probe through the relay feels it", Prefix, Prefix)
	}
	if c.Kind().Hosts && c.Relay.URL != "" {
		k.complain(Prefix+"_RELAY_URL", "%s_RELAY_URL with %s_ENVIRONMENT=%s: allowed: none, because the kernels of the hosts break the link there", Prefix, Prefix, c.Environment)
	}
	k.purpose(c)
	return k.problems
}

// maxDuration keeps sums and products of durations far from overflow.
const maxDuration = 366 * 24 * time.Hour

func (k *checker) oneOf(l leaf, allowed []string) {
	values := []string{fmt.Sprint(l.value.Interface())}
	if list, ok := l.value.Interface().([]string); ok {
		values = list
		if len(list) == 0 {
			k.check(l.name, false, l.allowed())
		}
	}
	for _, value := range values {
		if !slices.Contains(allowed, value) {
			k.check(l.name, false, l.allowed())
			return
		}
	}
}

func (k *checker) numbers(c *Config) {
	finite := func(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
	k.check("CROSSDC_SPEEDUP", finite(c.Speedup) && (c.Speedup == 0 || c.Speedup >= 1 && c.Speedup <= 10000), "0 (derived) or a number from 1 to 10000")
	k.check("CROSSDC_TRIALS", c.Trials >= 1 && c.Trials <= 100000, "a whole number from 1 to 100000")
	k.check("CROSSDC_STEADY_HEARTBEATS", c.SteadyHeartbeats >= 1 && c.SteadyHeartbeats <= 10000000, "a whole number from 1 to 10000000")
	k.check("CROSSDC_ENDURANCE_FAILOVERS", c.EnduranceFailovers >= 16 && c.EnduranceFailovers <= 100000, "a whole number from 16 to 100000")
	k.check("CROSSDC_RATE", finite(c.Rate) && c.Rate >= 1 && c.Rate <= 1e6, "a number from 1 to 1000000")
	k.check("CROSSDC_MINIMUM_LOAD", finite(c.MinimumLoad) && c.MinimumLoad >= 0 && c.MinimumLoad <= 1, "a number from 0 to 1")
	k.check("CROSSDC_CALL_TIMEOUT", c.CallTimeout > 0, "a duration above 0s")
	k.check("CROSSDC_STEP_TIMEOUT", c.StepTimeout >= 0, "a duration above 0s, or 0s for one that follows from the toolkit's configuration")
	k.check("CROSSDC_FAULT_LIMIT", c.FaultLimit >= time.Second && c.FaultLimit <= 24*time.Hour, "a duration from 1s to 24h")
	k.check("CROSSDC_REPORTS", c.Reports != "", "a folder's path")

	t := c.Toolkit
	k.check("CROSSDC_TOOLKIT_HEARTBEAT_INTERVAL", t.HeartbeatInterval > 0, "a duration above 0s")
	k.check("CROSSDC_TOOLKIT_PAIRS", t.Pairs >= 1 && t.Pairs <= 1000, "a whole number from 1 to 1000")
	k.check("CROSSDC_TOOLKIT_PORT", t.Port >= 1 && t.Port+max(t.Pairs, 0) <= 65535, "a port such that P..P+W are within 1 to 65535")
	for name, d := range map[string]time.Duration{"CONNECT": t.ConnectTimeout, "READ": t.ReadTimeout} {
		k.check("CROSSDC_TOOLKIT_"+name+"_TIMEOUT", d%time.Second == 0, "whole seconds")
	}
}

func (k *checker) names(c *Config) {
	for name, value := range map[string]string{
		"EVENTS": c.Endpoint.Events, "CONTROL": c.Endpoint.Control, "RESULTS": c.Endpoint.Results,
		"STATUS": c.Endpoint.Status, "TAKEOVER": c.Endpoint.Takeover, "STATE": c.Endpoint.State,
	} {
		k.check("CROSSDC_ENDPOINT_"+name, value != "", `the operator's name, or "-" where the application has none`)
	}
	k.check("CROSSDC_APPLICATION_INVOCATION", c.Application.Invocation != "", "the name of the invocation")
	k.check("CROSSDC_APPLICATION_CONFIGURATION", c.Application.Configuration != "", "the name of the application configuration")
	k.check("CROSSDC_APPLICATION_COMPOSITE", c.Application.Composite != "", "the name of the main composite with its namespace")
	one, two := c.DC1.Name, c.DC2.Name
	if one == "" {
		one = "dc1"
	}
	if two == "" {
		two = "dc2"
	}
	if one == two {
		k.complain(Prefix+"_DC2_NAME", "%s_DC1_NAME and %s_DC2_NAME are both %q: give the two data centers different names", Prefix, Prefix, one)
	}
}

func (k *checker) site(c *Config, prefix string, s Site) {
	k.check(prefix+"NAME", s.Name == strings.TrimSpace(s.Name), "a text that neither begins nor ends with a blank: the toolkit trims what is between commas")
	k.check(prefix+"NAME", !strings.ContainsFunc(s.Name, func(r rune) bool { return r == '/' || unicode.IsControl(r) }) && utf8.ValidString(s.Name),
		"a text without slashes, line ends and other control characters: the toolkit names files by it")
	k.url(prefix+"ROOT", s.Root)
	k.url(prefix+"DATA_URL", s.DataURL)
	k.url(prefix+"METRICS_URL", s.MetricsURL)
	k.url(prefix+"PROMETHEUS_URL", s.Prometheus.URL)
	k.check(prefix+"PROMETHEUS_URL", s.Prometheus.URL == "" || s.MetricsURL == "", "only one of "+prefix+"PROMETHEUS_URL and "+prefix+"METRICS_URL: both show the same counters")
	k.check(prefix+"PROMETHEUS_SELECTOR", !strings.ContainsAny(s.Prometheus.Selector, "{}\n"), "label matchers without braces")
	k.check(prefix+"PROMETHEUS_OLDEST", s.Prometheus.Oldest >= time.Second && s.Prometheus.Oldest <= time.Hour, "a duration from 1s to 1h")
	for name, value := range map[string]string{"ROOT": s.Root, "DATA_URL": s.DataURL, "METRICS_URL": s.MetricsURL, "PROMETHEUS_URL": s.Prometheus.URL} {
		k.check(prefix+name, s.AllowPlainHTTP || !inTheClear(value), "an https URL, or http with "+prefix+"ALLOW_PLAIN_HTTP=true: the login would travel in the clear")
	}
	k.check(prefix+"TRUSTED_HOSTS", !slices.ContainsFunc(s.TrustedHosts, func(host string) bool { return !hostOrPair(host) }), "hosts such as streams.example or streams.example:9714, comma separated, without scheme and path")
	k.check(prefix+"TOOLKIT_HOST", s.ToolkitHost == "" || hostAlone(s.ToolkitHost), "a host such as streams.example or 10.0.0.7, without scheme, port and path")
	if strings.ContainsRune(s.User, ':') { // the value is not shown: what follows may be the password
		k.complain(prefix+"USER", "%sUSER has a colon in it, and Basic authentication ends the name there: allowed: a name without colons, and the password in %sPASSWORD_FILE", prefix, prefix)
	}
	k.check(prefix+"INSTANCE", s.Instance != "", "the instance's id")
	sum, err := hex.DecodeString(strings.ReplaceAll(s.Fingerprint, ":", ""))
	k.check(prefix+"FINGERPRINT", s.Fingerprint == "" || err == nil && len(sum) == 32, "64 hexadecimal digits, colons allowed")
	if s.InsecureSkipTLSVerify && (s.CAFile != "" || s.Fingerprint != "") {
		k.complain(prefix+"INSECURE_SKIP_TLS_VERIFY", "%sINSECURE_SKIP_TLS_VERIFY=true together with %sCA_FILE or %sFINGERPRINT: allowed: only one of the three", prefix, prefix, prefix)
	}
	if s.Token.IsSet() && (s.User != "" || s.Password.IsSet()) {
		k.complain(prefix+"TOKEN", "%sTOKEN together with %sUSER or %sPASSWORD: allowed: a token, or a user with a password", prefix, prefix, prefix)
	}
	if c.Kind().Emulated || !slices.Contains(kindNames(), c.Environment) {
		return
	}
	if c.Kind().Hosts && s.HostsFile == "" {
		k.complain(prefix+"HOSTS_FILE", "%sHOSTS_FILE is empty: needed with %s_ENVIRONMENT=%s, the file that names the hosts of the data center", prefix, Prefix, c.Environment)
	}
	if s.Root == "" {
		k.complain(prefix+"ROOT", "%sROOT is empty: needed with %s_ENVIRONMENT=%s, the https URL of the management API", prefix, Prefix, c.Environment)
	}
	if !s.Token.IsSet() && (s.User == "" || !s.Password.IsSet()) && s.PasswordFile == "" && s.TokenFile == "" {
		k.complain(prefix+"USER", "%sUSER and %sPASSWORD (or ..._FILE), or %sTOKEN: needed with %s_ENVIRONMENT=%s", prefix, prefix, prefix, Prefix, c.Environment)
	}
}

func (k *checker) url(name, value string) {
	if value == "" {
		return
	}
	u, err := url.Parse(value)
	ok := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil && u.Fragment == ""
	k.check(name, ok, "an http or https URL without credentials and fragment")
	if !ok {
		return
	}
	if port := u.Port(); port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		k.check(name, err == nil && n > 0, "a port from 1 to 65535")
	}
	k.check(name, u.RawQuery == "" || strings.HasSuffix(name, "METRICS_URL"), "a URL without a query: further paths are appended to it")
}

// inTheClear reports whether a URL would send a login over a network without TLS.
func inTheClear(value string) bool {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())
}

// hostOrPair reports whether a text is a host, with or without a port.
func hostOrPair(text string) bool {
	host := text
	if name, port, err := net.SplitHostPort(text); err == nil {
		n, wrong := strconv.ParseUint(port, 10, 16)
		if wrong != nil || n == 0 {
			return false
		}
		host = name
	}
	return hostAlone(host)
}

// hostAlone reports whether a text is a host without a port.
func hostAlone(host string) bool {
	return host != "" && (net.ParseIP(host) != nil || !strings.ContainsAny(host, " /:@[]?#"))
}

// withoutCredentials quotes a URL with anything that looks like credentials left out, also when it cannot be parsed.
func withoutCredentials(value string) string {
	if at := strings.LastIndex(value, "@"); at >= 0 {
		value = "(credentials not shown)" + value[at:]
	}
	return fmt.Sprintf("%q", value)
}

// readSecretFiles fills secrets from their ..._FILE variables.
func (c *Config) readSecretFiles() []Problem {
	var problems []Problem
	read := func(name string, secret *Secret, path string) {
		if path == "" {
			return
		}
		if secret.IsSet() {
			problems = append(problems, Problem{name, fmt.Sprintf("%s and %s_FILE are both set: allowed: one of the two", name, name)})
			return
		}
		content, err := readSecret(path)
		if err != nil {
			problems = append(problems, Problem{name + "_FILE", fmt.Sprintf("%s_FILE=%q: %v; allowed: a readable file with one line", name, path, err)})
			return
		}
		*secret = NewSecret(content)
	}
	for i, site := range []*Site{&c.DC1, &c.DC2} {
		prefix := fmt.Sprintf("%s_DC%d_", Prefix, i+1)
		read(prefix+"PASSWORD", &site.Password, site.PasswordFile)
		read(prefix+"TOKEN", &site.Token, site.TokenFile)
		read(prefix+"PROMETHEUS_TOKEN", &site.Prometheus.Token, site.Prometheus.TokenFile)
	}
	read(Prefix+"_RELAY_TOKEN", &c.Relay.Token, c.Relay.TokenFile)
	return problems
}

// maxSecret bounds what is read: a mistaken path must not be loaded whole.
const maxSecret = 64 << 10

func readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("not a regular file")
	}
	if info.Size() > maxSecret {
		return "", fmt.Errorf("%d bytes, more than %d", info.Size(), maxSecret)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	if text == "" {
		return "", errors.New("empty")
	}
	return text, nil
}
