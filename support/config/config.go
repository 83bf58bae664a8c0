// Package config is the one place where the suites' settings are read: a struct tree filled by envconfig from
// variables that start with CROSSDC_, with defaults, validation of everything at once, and printing without secrets.
//
// It is used by every support package and by the suites; of them it imports support/application alone, and the toolkit. Whether the objectives are
// feasible with the toolkit's configuration is not judged here.
package config

import (
	"time"

	"github.com/crossdc/failover/support/application"
)

// Prefix of every variable.
const Prefix = "CROSSDC"

// Kinds of environment.
const (
	Embedded = "embedded"
	Remote   = "remote"
	Hosts    = "hosts"
)

// Topologies.
const (
	ActiveActive  = "active/active"
	ActivePassive = "active/passive"
)

// What a reproduced, known hazard of the toolkit means for a scenario's outcome.
const (
	HazardsReport = "report"
	HazardsFail   = "fail"
)

// What a scenario that cannot run in an environment means for the run.
const (
	SkipsReport = "report"
	SkipsFail   = "fail"
)

// Config is everything that can be set. The doc tag documents a field, the unit tag names its unit, the allow tag
// says which values are allowed (in parentheses: those of a table); envconfig's own tags are default and split_words. The envconfig tag is never used:
// with it envconfig would fall back to a variable without prefix (USER, TOKEN, ...), which is never meant.
type Config struct {
	Environment string `default:"embedded" allow:"(kinds)" doc:"what the run is aimed at: two emulated data centers started here, two that exist already, or two that exist and whose hosts are reached over SSH as well"`
	Topology    string `default:"active/active" allow:"active/active|active/passive" doc:"how the application runs in the two data centers"`

	Speedup     float64 `default:"0" unit:"toolkit seconds per wall second" doc:"how much faster than real time the toolkit runs; 0 = 60 where data centers are emulated, else 1"`
	Seed        int64   `default:"0" doc:"repeats a run (phases of faults, jitter); 0 = drawn at random and printed"`
	Trials      int     `default:"1" unit:"repetitions" doc:"how often each scenario is repeated; a P90 needs 29, a P95 needs 59"`
	Hazards     string  `default:"report" allow:"report|fail" doc:"what a known hazard of the toolkit that a scenario reproduces does to its outcome"`
	Skips       string  `default:"report" allow:"report|fail" doc:"what a scenario that cannot run here does to the run: report = it is skipped, with its reason; fail = it counts as not tested, which is no pass"`
	Reports     string  `default:"reports/out" unit:"path" doc:"folder for JUnit, JSON and HTML, relative to the module; created when missing"`
	Table       string  `default:"end" allow:"end|never" doc:"the table of results on the terminal: end = the last suite of a command prints it; never = whoever started the suites does (make run)"`
	History     string  `default:"reports/past" unit:"path" doc:"folder of the history of runs (trends, overdue drills, comparison), relative to the module; - = none is kept"`
	Journal     string  `unit:"path" doc:"folder of the journals of faults, from which the next run or make heal heals what a run that died has left; it must outlive the run; empty = $XDG_STATE_HOME/crossdc-failover or ~/.local/state/crossdc-failover"`
	EvidenceKey string  `split_words:"true" unit:"path" doc:"Ed25519 private key (PEM, PKCS #8) that make evidence signs with; empty = the archive has hashes only"`
	Scenarios   string  `unit:"path" doc:"folder of scenarios that a team wrote down as YAML, run by suites/declared beside those that ship, relative to the module; empty = none"`
	Explore     string  `default:"5s" unit:"wall time, or a number of schedules" doc:"how much suites/exploration explores in virtual time: 30s, or 10000 for as many schedules"`
	ExploreFrom uint64  `split_words:"true" default:"0" unit:"schedule" doc:"the first schedule of CROSSDC_SEED that suites/exploration draws; a run that ended prints where to go on"`
	RunID       string  `split_words:"true" doc:"joins the suites started by one command; empty = made up from time and process id"`

	RTO time.Duration `default:"0s" unit:"toolkit time" doc:"objective for the time until service is back; 0 = (N+1)*I + 30s from the toolkit's configuration"`
	RPO time.Duration `default:"0s" unit:"toolkit time of traffic" doc:"objective for acknowledged events lost; 0 = P_s + I, with the snapshot period P_s that follows from the toolkit's configuration"`

	SteadyHeartbeats   int     `default:"200" split_words:"true" unit:"heartbeat intervals" doc:"how long the no-fault scenario watches"`
	EnduranceFailovers int     `default:"20" split_words:"true" unit:"failovers" doc:"how many failovers the endurance scenario makes back to back; 20 show a leak of one thing per fourth failover, 200 are the proof"`
	Rate               float64 `default:"1000" unit:"events per wall second" doc:"traffic of all data centers together; each gets half"`
	MinimumLoad        float64 `default:"0.8" split_words:"true" unit:"share of the rate, 0..1" doc:"load that must really flow before, during and after a fault, else the verdict is inconclusive"`

	Indicators  []string      `default:"all" allow:"(indicators)" doc:"the ways to see a change that may be used, comma separated"`
	CallTimeout time.Duration `default:"5s" split_words:"true" unit:"wall time" doc:"limit of one call to a data center"`
	StepTimeout time.Duration `default:"0s" split_words:"true" unit:"wall time" doc:"limit of one step of a scenario: whatever hangs ends then, with what is known stored; 0 = generously more than all waits of a step with the toolkit's configuration"`

	Armed []string `doc:"names of both hosts files, comma separated: only then is anything broken on hosts; else make doctor prints what would be done"`

	FaultLimit time.Duration `split_words:"true" default:"1h" unit:"wall time" doc:"the longest that a fault may last in data centers that exist: it ends then whatever the scenario wants, and one that needs more is not available"`
	StopFile   string        `split_words:"true" unit:"path" doc:"file whose appearance ends a run: everything heals, and the run ends as interrupted; empty = none is watched for"`

	Lease bool `default:"true" doc:"take data centers that are known by URL for the run, by an application configuration object in each instance, so that a second run is refused; false = nothing is written there, and two runs at once are noticed by nobody"`

	DC1 Site `doc:"first data center"`
	DC2 Site `doc:"second data center"`

	Application Application
	Endpoint    Endpoints
	Toolkit     Toolkit
	Relay       Relay
	Emulator    Emulator
	Agent       Agent
	Proof       Proof

	drawn     bool                     // Seed was drawn at random
	described *application.Description // by CROSSDC_APPLICATION_FILE; nil: by the settings
}

// Application names what the toolkit's composite is called inside the application.
type Application struct {
	File          string `unit:"path" doc:"YAML file that describes the application, its traffic and its results, instead of the other CROSSDC_APPLICATION_* and CROSSDC_ENDPOINT_*; relative to the working folder or to the module; empty = the drill application (support/application/drill.yaml)"`
	Invocation    string `default:"CrossDCFailover" doc:"name under which the application invokes the composite CrossDataCenterFailover"`
	Configuration string `default:"CrossDCFailover" doc:"instance-level application configuration that holds the toolkit's properties"`
	Composite     string `default:"com.crossdc.drill::FailoverDrill" doc:"main composite of the application; properties start with this name and an underscore"`
	Fused         bool   `default:"false" doc:"embedded: all operators in one PE instead of two"`
	Merge         string `default:"keyed" allow:"keyed|additive" doc:"embedded: how the application merges a replica into its state"`
}

// Endpoints names the operators of the application that the Data Exchange service offers. An application that lacks
// one sets it to "-": what needs it is then left out, with the reason in the report.
type Endpoints struct {
	Events   string `default:"Events" doc:"EndpointSource that takes numbered events"`
	Control  string `default:"Control" doc:"EndpointSource that takes state requests and special messages"`
	Results  string `default:"Results" doc:"EndpointSink with one tuple per processed event"`
	Status   string `default:"Status" doc:"EndpointSink with the toolkit's RemoteDataCenterStatus"`
	Takeover string `default:"Takeover" doc:"EndpointSink with one tuple per replicated fragment taken over"`
	State    string `default:"State" doc:"EndpointSink with the answers to state requests"`
}

// Toolkit is the toolkit's configuration: given to the application of an embedded environment; for a remote one what
// its operators declare. Defaults are those that the toolkit ships.
type Toolkit struct {
	HeartbeatInterval time.Duration `default:"30s" split_words:"true" unit:"toolkit time" doc:"I, heartbeatExchangeInterval"`
	Misses            uint8         `default:"4" doc:"N, consecutiveHeartbeatMissesAllowed"`
	SnapshotInterval  time.Duration `default:"180s" split_words:"true" unit:"toolkit time" doc:"S, dataSnapshotExchangeInterval; below 1s the toolkit divides by zero"`
	InitDelay         time.Duration `default:"40s" split_words:"true" unit:"toolkit time" doc:"D0, crossDCInitDelay"`
	ConnectTimeout    time.Duration `default:"25s" split_words:"true" unit:"toolkit time" doc:"C, httpConnectionTimeout, whole seconds; 0 = left to the operating system"`
	ReadTimeout       time.Duration `default:"100s" split_words:"true" unit:"toolkit time" doc:"R, httpReadTimeout, whole seconds; 0 = no limit"`
	Pairs             int           `default:"1" doc:"W, numberOfHttpSenderReceiverPairs"`
	Port              int           `default:"25091" doc:"P, crossDCHttpPort; P..P+W are used"`

	SendToAll       bool `default:"false" split_words:"true" doc:"sendToAllRemoteMachines"`
	RetainSnapshots bool `default:"false" split_words:"true" doc:"retainOlderDataSnapshotsAtStartup"`
	ReturnSnapshots bool `default:"false" split_words:"true" doc:"sendDataSnapshotsToOriginDCAtStartup"`
	LogHTTPErrors   bool `default:"false" split_words:"true" doc:"alwaysLogHttpErrors"`
}

// Relay is the control interface of the link between the data centers. Embedded environments start their own.
type Relay struct {
	URL       string `unit:"URL" doc:"control interface of a relay that stands between remote data centers; empty = link faults are skipped there"`
	Token     Secret `doc:"bearer token of the relay's control interface"`
	TokenFile string `split_words:"true" unit:"path" doc:"file with Token; a trailing newline is trimmed"`

	Towards Towards
}

// Towards says where the relay between remote data centers listens: a fault of the link is believed only when a probe
// through the relay feels it.
type Towards struct {
	DC1 string `unit:"host" doc:"where the relay stands in for the first data center; needed with CROSSDC_RELAY_URL, for probing the link"`
	DC2 string `unit:"host" doc:"where the relay stands in for the second data center; needed with CROSSDC_RELAY_URL, for probing the link"`
}

// Emulator says which emulator and relay programs the embedded environment starts.
type Emulator struct {
	Path  string `unit:"path" doc:"a built emulator; empty = built on first use"`
	Relay string `unit:"path" doc:"a built relay; empty = built on first use"`

	Switches Switches
}

// Agent is the program that looks at a host, and breaks things there.
type Agent struct {
	Path string `unit:"path" doc:"a built fault agent (support/fault/agent) for the hosts' architecture; empty = built when it is needed"`
}

// Switches are bugs that the emulated data centers are given, for proving that the suites catch them.
type Switches struct {
	DC1 []string `doc:"bug switches of the first emulated data center, comma separated; for proving only (make prove), every report says so"`
	DC2 []string `doc:"bug switches of the second emulated data center, comma separated; for proving only (make prove), every report says so"`
}

// Proof breaks the suites' own senses, for proving that a verdict does not come from them alone.
type Proof struct {
	Senses []string `doc:"broken senses of our own, comma separated; for proving only (make prove), every report says so"`
}
