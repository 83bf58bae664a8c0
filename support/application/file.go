package application

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/crossdc/failover/support/strictyaml"
)

// Description is one file.
type Description struct {
	Name          string     `yaml:"name"`          // as reports call the application
	Composite     string     `yaml:"composite"`     // main composite with its namespace: com.example::Main
	Invocation    string     `yaml:"invocation"`    // name under which it invokes the composite CrossDataCenterFailover
	Configuration string     `yaml:"configuration"` // application configuration that holds the toolkit's properties
	Channels      int        `yaml:"channels"`      // fragments of its state that the toolkit replicates, 0: it replicates none
	Endpoints     Endpoints  `yaml:"endpoints"`     // Data Exchange endpoints that it has
	Traffic       *Traffic   `yaml:"traffic"`       // how events go in; none: nothing is sent
	Results       *Results   `yaml:"results"`       // how results come out; none: they do not reach us
	Reroutes      string     `yaml:"reroutes"`      // who sends the events of a lost data center to the other one, see Reroutes
	State         string     `yaml:"state"`         // what state can be asked for: StateOfDrill, or nothing
	Serving       []Counter  `yaml:"serving"`       // tuple counters that tell that it serves
	Objectives    Objectives `yaml:"objectives"`    // where the settings give none
	Embedded      Embedded   `yaml:"embedded"`      // how the emulated application is put together

	file     string
	document *strictyaml.Document
}

// Endpoints are operators of the application that the Data Exchange service offers, "Operator" or "Operator/Port"; empty: it has none.
type Endpoints struct {
	Events   string `yaml:"events"`   // takes numbered events of the drill application
	Control  string `yaml:"control"`  // takes state requests and special messages
	Results  string `yaml:"results"`  // one tuple per processed event of the drill application
	Status   string `yaml:"status"`   // the toolkit's RemoteDataCenterStatus
	Takeover string `yaml:"takeover"` // one tuple per replicated fragment that was taken over
	State    string `yaml:"state"`    // answers to state requests
}

// Ways are the ways in or out, of both data centers.
type Ways struct {
	Adapter string            `yaml:"adapter"` // see support/traffic/adapter
	With    map[string]string `yaml:"with"`    // parameters for both data centers; see Placeholders
	DC1     map[string]string `yaml:"dc1"`     // what differs for the first data center
	DC2     map[string]string `yaml:"dc2"`     // what differs for the second
	// Shared says that there is one way for both data centers: an upstream of theirs that routes, or a topic that both write to.
	Shared bool `yaml:"shared"`
}

// Traffic is how events go in.
type Traffic struct {
	Ways  `yaml:",inline"`
	Event string `yaml:"event"` // template of an event, see adapter.Template
	Key   string `yaml:"key"`   // template of its key; empty: none
}

// Results is how results come out.
type Results struct {
	Ways   `yaml:",inline"`
	Number string            `yaml:"number"` // where a result holds the number of its event, see adapter.NewExtractor; empty: it does not
	By     string            `yaml:"by"`     // where it says who processed it; empty: whose way it came out of
	Names  map[string]string `yaml:"names"`  // what By finds for dc1 and dc2; empty: the names of the data centers
	// Within is how long after it was due an event's result may come, wall time; later it is late, and what has not come by the end is never.
	Within Length `yaml:"within"`
}

// Who reroutes.
const (
	ReroutedByUs       = "us"       // the suite sends the events of a lost data center to the other one
	ReroutedByUpstream = "upstream" // something of theirs does, so that the suite goes on sending where it did
)

// StateOfDrill says that the application keeps and answers for its state as the drill application does: numbered events, a State
// endpoint, a Takeover endpoint. Traffic and results then go through its endpoints.
const StateOfDrill = "drill"

// Counter is a port of an operator whose tuples are counted.
type Counter struct {
	Operator string `yaml:"operator"`
	Input    *int   `yaml:"input"`  // index of an input port whose processed tuples count; or
	Output   *int   `yaml:"output"` // index of an output port whose submitted tuples count
}

// Objectives of the application, in toolkit time. 0: as they follow from the toolkit's configuration.
type Objectives struct {
	RTO Length `yaml:"rto"`
	RPO Length `yaml:"rpo"`
}

// Embedded is how the emulated application is put together.
type Embedded struct {
	Fused bool   `yaml:"fused"` // all operators in one PE instead of two
	Merge string `yaml:"merge"` // how a replica is merged: keyed or additive
	Load  int    `yaml:"load"`  // events per second of wall time that it makes of its own, instead of taking ours; 0: none
}

// Length is a stretch of time with its unit.
type Length time.Duration

// Error is something that is wrong in a file.
type Error = strictyaml.Error

var kind = strictyaml.Kind{Name: "description of an application", Needs: "name and composite"}

// Load reads a file. Paths in it are relative to its folder.
func Load(path string) (*Description, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the description of the application: %w", err)
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read the description of the application: %s is no regular file", path)
	}
	data, err := io.ReadAll(io.LimitReader(file, strictyaml.MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the description of the application: %w", err)
	}
	d, err := Parse(path, data)
	if err != nil {
		return nil, err
	}
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("find the folder of %s: %w", path, err)
	}
	d.settle(folder)
	return d, nil
}

// Parse reads a description. The error joins an *Error for each thing that is wrong. Files that it names are not looked at.
func Parse(file string, data []byte) (*Description, error) {
	d := &Description{file: file}
	var err error
	if d.document, err = kind.Decode(file, data, d); err != nil {
		return nil, err
	}
	if problems := d.check(); len(problems) > 0 {
		slices.SortFunc(problems, byLine)
		return nil, errors.Join(problems...)
	}
	d.fill()
	return d, nil
}

// byLine orders what is wrong as it stands in the file.
func byLine(a, b error) int {
	var one, two *Error
	if errors.As(a, &one) && errors.As(b, &two) {
		return cmp.Or(cmp.Compare(one.Line, two.Line), cmp.Compare(one.Text, two.Text))
	}
	return cmp.Compare(a.Error(), b.Error())
}

// fill gives what was left out its default.
func (d *Description) fill() {
	set := func(text *string, value string) {
		if *text == "" {
			*text = value
		}
	}
	set(&d.Invocation, "CrossDCFailover")
	set(&d.Configuration, "CrossDCFailover")
	set(&d.Reroutes, ReroutedByUs)
	set(&d.Embedded.Merge, "keyed")
	if d.Results != nil && d.Results.Within == 0 {
		d.Results.Within = Length(DefaultWithin)
	}
}

// DefaultWithin is how long after it was due the result of an event may come, wall time.
const DefaultWithin = 10 * time.Second

// File is where the description was read from.
func (d *Description) File() string { return d.file }

//go:embed drill.yaml
var drill []byte

// DrillFile is the name that errors and reports give the file of the drill application.
const DrillFile = "support/application/drill.yaml"

// Drill is the drill application, which the emulated data centers run.
func Drill() *Description {
	d, err := Parse(DrillFile, drill)
	if err != nil {
		panic(err) // it is part of the program, and a test reads it
	}
	return d
}
