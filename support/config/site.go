package config

import "time"

// Site says how one data center is reached; emulated ones need none of it but take their names from it.
type Site struct {
	Name        string `doc:"name of the data center in the toolkit's configuration, as reports call it; any text, different from the other's; empty = dc1, dc2"`
	Root        string `unit:"URL" doc:"top-level URL of the management REST API"`
	DataURL     string `split_words:"true" unit:"URL" doc:"top-level URL of the Data Exchange service; empty = there is none, and scenarios that send events are skipped"`
	MetricsURL  string `split_words:"true" unit:"URL" doc:"Prometheus text of the instance; empty = metrics by REST only"`
	ToolkitHost string `split_words:"true" unit:"host" doc:"host of the toolkit's listeners as seen from here; empty = they cannot be reached; whether they refuse connections (S08) and whether one heartbeat brings both sides back (S55) is then not checked, which leaves the verdict inconclusive"`
	User        string `doc:"login name"`
	Password    Secret `doc:"password of User"`
	Token       Secret `doc:"bearer token, instead of User and Password"`
	CAFile      string `split_words:"true" unit:"path" doc:"PEM file with the authority that signed the data center's certificate; empty = the system's"`
	Fingerprint string `unit:"hex" doc:"SHA-256 of the data center's certificate; pins it instead of an authority"`

	InsecureSkipTLSVerify bool `split_words:"true" default:"false" doc:"accept any certificate; noted in every report"`

	TrustedHosts   []string `split_words:"true" unit:"host or host:port" doc:"further hosts that the login may be sent to, comma separated: those that links in the data center's answers name instead of the host of its URLs; without a port the URL's counts"`
	RebaseLinks    bool     `split_words:"true" default:"false" doc:"call the host of the URLs whatever host links in answers name: for tunnels, port forwards and load balancers"`
	AllowPlainHTTP bool     `split_words:"true" default:"false" doc:"accept http URLs beyond loopback, where the login travels in the clear; noted in every report"`

	Instance string `default:"StreamsInstance" doc:"instance id"`
	Job      string `doc:"name of the application's job, or of its application; empty = the only job of the application CROSSDC_APPLICATION_COMPOSITE"`
	Bundle   string `unit:"path" doc:"application bundle (.sab) to submit again after a fault; empty = scenarios that submit are skipped"`

	Prometheus Prometheus

	HostsFile string `split_words:"true" unit:"path" doc:"YAML file that names the data center's hosts and how each is reached over SSH; empty = nothing is done on its hosts"`

	PasswordFile string `split_words:"true" unit:"path" doc:"file with Password; a trailing newline is trimmed"`
	TokenFile    string `split_words:"true" unit:"path" doc:"file with Token; a trailing newline is trimmed"`
}

// Prometheus is a server that scrapes a data center, instead of its own page of metrics.
type Prometheus struct {
	URL       string        `unit:"URL" doc:"Prometheus server that scrapes the instance, the part before /api/v1; instead of METRICS_URL; empty = none"`
	Selector  string        `doc:"label matchers without braces that tell the data center's series from all others there, such as datacenter=\"east\"; empty = the names of instance and job tell"`
	Token     Secret        `doc:"bearer token for that server; the data center's login is never sent there"`
	TokenFile string        `split_words:"true" unit:"path" doc:"file with Token; a trailing newline is trimmed"`
	CAFile    string        `split_words:"true" unit:"path" doc:"PEM file with the authority that signed the server's certificate; empty = the system's"`
	Oldest    time.Duration `default:"2m" unit:"wall time" doc:"the greatest age of a sample that is evidence: a scrape interval, and one scrape that failed"`
}
