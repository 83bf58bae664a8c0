package propose

import (
	"errors"
	"strings"
	"testing"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/environment"
)

// counting is a port that took so many tuples, all of them meanwhile.
func counting(index int, tuples int64) []environment.PortCount {
	return []environment.PortCount{{Index: index, Tuples: tuples, Grew: tuples}}
}

// orders is a job of an application of somebody else's.
func orders(name string, endpoints ...environment.EndpointInventory) environment.JobInventory {
	return environment.JobInventory{
		Name: name, Application: "com.example::Orders", Endpoints: endpoints,
		Operators: []environment.OperatorInventory{
			{Name: "Guard.HeartbeatSignalGenerator"},
			{Name: "Guard.HeartbeatMessagePreparer", Output: counting(2, 4)},
			{Name: "Guard.RemoteDataCenterHeartbeatWatchdog"},
			{Name: "Guard.CrossDataCenterSender2[0]", Input: counting(0, 8)},
			{Name: "Guard.CrossDataCenterSender2[1]", Input: counting(0, 4)},
			{Name: "Parse", Input: counting(0, 900), Output: counting(0, 900)},
			{Name: `Store "it"`, Input: counting(0, 300)},
		},
	}
}

func pair(one, two []environment.JobInventory) [2]environment.Inventory {
	return [2]environment.Inventory{
		{DataCenter: "east", Configurations: []string{"Guard", "other"}, Jobs: one},
		{DataCenter: "west", Configurations: []string{"Guard"}, Jobs: two},
	}
}

var (
	takes  = environment.EndpointInventory{Takes: true, Operator: "Main.In", Port: "In", Type: "tuple<rstring customer, int64 id, float64 sum>"}
	gives  = environment.EndpointInventory{Operator: "Main.Out", Port: "Out", Type: "tuple<int64 id, rstring by>"}
	status = environment.EndpointInventory{Operator: "Main.Stat", Port: "Stat", Type: "tuple<boolean activeOrInactive>"}
)

func TestADraftIsAFileThatARunAccepts(t *testing.T) {
	for name, c := range map[string]struct {
		endpoints []environment.EndpointInventory
		level     application.Level
		holds     []string
	}{
		"one way in and one out": {[]environment.EndpointInventory{takes, gives, status}, application.Numbered,
			[]string{"composite: com.example::Orders", "invocation: Guard", "configuration: Guard", "channels: 3", "status: Stat", "number: json:/id", `"id":{{number}}`}},
		"results without the number": {[]environment.EndpointInventory{takes, {Operator: "Out", Type: "tuple<rstring by>"}}, application.Counted,
			[]string{"raises the level to 2", "No endpoint offers the toolkit's status"}},
		"two ways in": {[]environment.EndpointInventory{takes, {Takes: true, Operator: "Second", Type: takes.Type}}, application.Indicated,
			[]string{"In (tuple<rstring customer, int64 id, float64 sum>); Second"}},
		"a type that is nested":  {[]environment.EndpointInventory{{Takes: true, Operator: "In", Type: "tuple<list<int64> id>"}}, application.Indicated, nil},
		"no endpoints":           {nil, application.Indicated, []string{"Endpoints that take events: none", `- {operator: "Store \"it\"", input: 0} # 300 tuples meanwhile`}},
		"names that break lines": {[]environment.EndpointInventory{{Takes: true, Operator: `In, }: #"ü`, Type: "tuple<int64 id>"}}, application.Counted, []string{`endpoint: "In, }: #\"ü"`}},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := Draft(pair([]environment.JobInventory{orders("job \"1\"\nname: evil", c.endpoints...)}, []environment.JobInventory{orders("2", c.endpoints...)}), "")
			if err != nil {
				t.Fatal(err)
			}
			description, err := application.Parse("draft", []byte(text))
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if description.Level() != c.level || description.Name != "Orders" {
				t.Errorf("it is %q at %s, want %s\n%s", description.Name, description.Level(), c.level, text)
			}
			for _, part := range c.holds {
				if !strings.Contains(text, part) {
					t.Errorf("it lacks %q:\n%s", part, text)
				}
			}
		})
	}
}

func TestTheDrillApplicationIsProposedAsItShips(t *testing.T) {
	job := orders("FailoverDrill")
	drill := application.Drill()
	job.Endpoints = []environment.EndpointInventory{
		{Takes: true, Operator: drill.Endpoints.Events}, {Takes: true, Operator: drill.Endpoints.Control}, {Operator: drill.Endpoints.Results}, {Operator: drill.Endpoints.Takeover},
		{Operator: drill.Endpoints.State}, {Operator: drill.Endpoints.Status, Type: status.Type},
	}
	text, err := Draft(pair([]environment.JobInventory{job}, nil), "com.example::Orders")
	if err != nil {
		t.Fatal(err)
	}
	description, err := application.Parse("draft", []byte(text))
	if err != nil || description.Level() != application.Stated || description.Endpoints != drill.Endpoints {
		t.Errorf("%v\n%s", err, text)
	}
	if !strings.Contains(text, "west does not run it") {
		t.Errorf("nobody is told that one side does not run it:\n%s", text)
	}
}

func TestWhatIsNotClearIsAsked(t *testing.T) {
	plain := environment.JobInventory{Name: "plain", Application: "Plain", Operators: []environment.OperatorInventory{{Name: "Guard.HeartbeatSignalGenerator"}}}
	other := orders("other")
	other.Application = "com.example::Other"
	for name, c := range map[string]struct {
		jobs []environment.JobInventory
		job  string
		none bool
		says string
	}{
		"no job":                     {nil, "", true, "there is: no job at all"},
		"no toolkit in it":           {[]environment.JobInventory{plain}, "", true, "plain (Plain, in east)"},
		"another name":               {[]environment.JobInventory{orders("1")}, "2", true, "in a job or application named 2"},
		"two applications":           {[]environment.JobInventory{orders("1"), other}, "", false, "2 applications have the toolkit in them: 1 (com.example::Orders), other (com.example::Other)"},
		"one application, two jobs":  {[]environment.JobInventory{orders("1"), orders("2")}, "", false, "east runs com.example::Orders twice, as 1 and as 2"},
		"what could not be read all": {[]environment.JobInventory{{Name: "1", Application: "A", Problem: "read operators: 503"}}, "", true, "which could not be read whole: read operators: 503"},
	} {
		_, err := Draft(pair(c.jobs, nil), c.job)
		if err == nil || errors.Is(err, ErrNoToolkit) != c.none || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
