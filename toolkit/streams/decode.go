package streams

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/crossdc/failover/toolkit/access"
)

func decodeRoot(path string, raw json.RawMessage) (Root, error) {
	f := object(path, raw)
	f.require("resources")
	entries, err := array(f.at("resources"), f.raw["resources"])
	if f.err == nil {
		f.err = err
	}
	root := Root{Entries: map[string]string{}}
	for i, entry := range entries {
		e := object(fmt.Sprintf("%s[%d]", f.at("resources"), i), entry)
		e.require("name", "resource")
		name, link := e.text("name"), e.text("resource")
		if e.err != nil {
			return Root{}, e.err
		}
		root.Entries[name] = link
	}
	return root, f.err
}

func decodeDomain(path string, raw json.RawMessage) (Domain, error) {
	f := object(path, raw)
	d := Domain{Element: f.element(), Status: f.state("status"), CreationTime: f.millis("creationTime"), CreationUser: f.text("creationUser")}
	f.identified(d.Element)
	return d, f.err
}

func decodeInstance(path string, raw json.RawMessage) (Instance, error) {
	f := object(path, raw)
	i := Instance{
		Element: f.element(), Status: f.state("status"), Health: f.state("health"),
		ProductVersion: f.text("productVersion"), Owner: f.text("owner"),
		CreationTime: f.millis("creationTime"), StartTime: f.millis("startTime"),
	}
	if active, ok := f.get("activeVersion"); ok && i.ProductVersion == "" { // 4.x (contract 2.2)
		v := object(f.at("activeVersion"), active)
		i.ProductVersion = v.text("productVersion")
		if f.err == nil {
			f.err = v.err
		}
	}
	f.identified(i.Element)
	f.require("status")
	return i, f.err
}

func decodeJob(path string, raw json.RawMessage) (Job, error) {
	f := object(path, raw)
	j := Job{
		Element: f.element(), Name: f.text("name"), ApplicationName: f.text("applicationName"), ApplicationVersion: f.text("applicationVersion"),
		Status: f.state("status"), Health: f.state("health"), Group: groupName(f.text("jobGroup")), StartedBy: f.text("startedBy"),
		SubmitTime: f.millis("submitTime"), GenerationID: f.integer("generationId"), ProductVersion: f.text("productVersion"),
	}
	f.identified(j.Element)
	entries, err := array(f.at("submitParameters"), f.raw["submitParameters"])
	if f.err == nil {
		f.err = err
	}
	for i, entry := range entries {
		p := object(fmt.Sprintf("%s[%d]", f.at("submitParameters"), i), entry)
		j.Parameters = append(j.Parameters, SubmitParameter{
			Composite: p.text("composite"), Name: p.text("name"), Kind: p.text("parameterKind"), Required: p.flag("required"),
			Default: p.scalar("defaultValue"), Value: p.scalar("value"), Values: p.texts("values"),
		})
		if f.err == nil {
			f.err = p.err
		}
	}
	return j, f.err
}

// groupName normalises a job group, name or URI, to its name (contract 7).
func groupName(group string) string {
	if !isLink(group) {
		return group
	}
	u, err := url.Parse(group)
	if err != nil {
		return group
	}
	escaped := strings.TrimRight(u.EscapedPath(), "/")
	name, err := url.PathUnescape(escaped[strings.LastIndexByte(escaped, '/')+1:])
	if err != nil {
		return group
	}
	return name
}

func decodePE(path string, raw json.RawMessage) (PE, error) {
	f := object(path, raw)
	p := PE{
		Element: f.element(), IndexWithinJob: f.integer("indexWithinJob"), Status: f.state("status"), StatusReason: f.state("statusReason"),
		Health: f.state("health"), LaunchCount: f.integer("launchCount"), ProcessID: f.id("processId"),
		Relocatable: f.flag("relocatable"), Restartable: f.flag("restartable"),
		RequiredConnections: f.state("requiredConnections"), OptionalConnections: f.state("optionalConnections"),
		TracingLevel: f.state("tracingLevel"), ResourceTags: f.texts("resourceTags"), WorkingPath: f.text("currentWorkingPath"),
	}
	f.identified(p.Element)
	f.require("status")
	return p, f.err
}

func decodeOperator(path string, raw json.RawMessage) (Operator, error) {
	f := object(path, raw)
	f.require("name")
	o := Operator{
		Element: f.element(), Name: f.text("name"), LogicalName: f.text("logicalName"), Kind: f.text("operatorKind"),
		Channel: f.integerOr("channel", -1), IndexWithinJob: f.integer("indexWithinJob"),
	}
	return o, f.err
}

func decodePort(direction Direction) func(string, json.RawMessage) (Port, error) {
	return func(path string, raw json.RawMessage) (Port, error) {
		f := object(path, raw)
		f.require("indexWithinOperator")
		p := Port{
			Element: f.element(), Direction: direction, Index: f.integer("indexWithinOperator"), Name: f.text("name"), StreamName: f.text("streamName"),
		}
		return p, f.err
	}
}

func decodeMetric(path string, raw json.RawMessage) (Metric, error) {
	f := object(path, raw)
	f.require("name", "value")
	m := Metric{
		Name: f.text("name"), Description: f.text("description"), Kind: f.state("metricKind"), Type: f.state("metricType"),
		Value: f.integer("value"), Sampled: f.millis("lastTimeRetrieved"),
	}
	return m, f.err
}

func decodeResource(path string, raw json.RawMessage) (Resource, error) {
	f := object(path, raw)
	r := Resource{
		Element: f.element(), DisplayName: f.text("displayName"), IPAddress: f.text("ipAddress"), Status: f.state("status"), Tags: f.texts("tags"),
	}
	f.identified(r.Element)
	return r, f.err
}

func decodeConfiguration(path string, raw json.RawMessage) (ApplicationConfiguration, error) {
	f := object(path, raw)
	f.require("name")
	a := ApplicationConfiguration{
		Element: f.element(), Name: f.text("name"), Description: f.text("description"), Owner: f.text("owner"),
		Created: f.millis("creationTime"), LastModified: f.millis("lastModifiedTime"), Properties: map[string]string{},
	}
	if properties, ok := f.get("properties"); ok {
		p := object(f.at("properties"), properties)
		for name, raw := range p.raw {
			value, ok := scalarText(raw)
			if !ok && kind(raw) != "null" && p.err == nil { // the value is not quoted: properties hold passwords
				p.err = fmt.Errorf("%w: %s: want a string, number or boolean, got %s", access.ErrMalformed, p.at(name), kind(raw))
			}
			a.Properties[name] = value
		}
		if f.err == nil {
			f.err = p.err
		}
	}
	return a, f.err
}

// identified requires id or restid.
func (f *fields) identified(e Element) {
	if f.err == nil && e.ID == "" {
		f.err = fmt.Errorf("%w: %s is missing", access.ErrMalformed, f.at("id"))
	}
}
