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
	shown := f.decoration()
	d := Domain{Element: f.element(), Status: shown.state("status"), CreationTime: shown.millis("creationTime"), CreationUser: shown.text("creationUser")}
	f.identified(d.Element)
	return d, f.err
}

func decodeInstance(path string, raw json.RawMessage) (Instance, error) {
	f := object(path, raw)
	shown := f.decoration()
	i := Instance{
		Element: f.element(), Status: f.state("status"), Health: f.state("health"),
		ProductVersion: shown.text("productVersion"), Owner: shown.text("owner"),
		CreationTime: shown.millis("creationTime"), StartTime: shown.millis("startTime"),
	}
	if active, ok := f.get("activeVersion"); ok && i.ProductVersion == "" { // 4.x (contract 2.2)
		i.ProductVersion = object(f.at("activeVersion"), active).decoration().text("productVersion")
	}
	f.identified(i.Element)
	f.require("status")
	return i, f.err
}

func decodeJob(path string, raw json.RawMessage) (Job, error) {
	f := object(path, raw)
	shown := f.decoration()
	j := Job{
		Element: f.element(), Name: f.text("name"), ApplicationName: f.text("applicationName"), ApplicationVersion: shown.text("applicationVersion"),
		Status: f.state("status"), Health: f.state("health"), Group: groupName(shown.text("jobGroup")), StartedBy: shown.text("startedBy"),
		SubmitTime: f.millis("submitTime"), GenerationID: f.integer("generationId"), ProductVersion: shown.text("productVersion"),
	}
	f.identified(j.Element)
	entries, _ := array(f.at("submitParameters"), f.raw["submitParameters"]) // shown only: without them where they are no array
	for i, entry := range entries {
		if kind(entry) != "object" {
			continue
		}
		p := object(fmt.Sprintf("%s[%d]", f.at("submitParameters"), i), entry).decoration()
		j.Parameters = append(j.Parameters, SubmitParameter{
			Composite: p.text("composite"), Name: p.text("name"), Kind: p.text("parameterKind"), Required: p.flag("required"),
			Default: p.text("defaultValue"), Value: p.text("value"), Values: p.texts("values"),
		})
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
	shown := f.decoration()
	p := PE{
		Element: f.element(), IndexWithinJob: f.integer("indexWithinJob"), Status: f.state("status"), StatusReason: shown.state("statusReason"),
		Health: f.state("health"), LaunchCount: f.integer("launchCount"), ProcessID: f.id("processId"),
		Relocatable: shown.flag("relocatable"), Restartable: shown.flag("restartable"),
		RequiredConnections: shown.state("requiredConnections"), OptionalConnections: shown.state("optionalConnections"),
		TracingLevel: shown.state("tracingLevel"), ResourceTags: shown.texts("resourceTags"), WorkingPath: shown.text("currentWorkingPath"),
	}
	f.identified(p.Element)
	f.require("status")
	return p, f.err
}

func decodeOperator(path string, raw json.RawMessage) (Operator, error) {
	f := object(path, raw)
	f.require("name")
	shown := f.decoration()
	o := Operator{
		Element: f.element(), Name: f.text("name"), LogicalName: shown.text("logicalName"), Kind: shown.text("operatorKind"),
		Channel: shown.integer("channel", -1), IndexWithinJob: shown.integer("indexWithinJob", 0),
	}
	return o, f.err
}

func decodePort(direction Direction) func(string, json.RawMessage) (Port, error) {
	return func(path string, raw json.RawMessage) (Port, error) {
		f := object(path, raw)
		f.require("indexWithinOperator")
		shown := f.decoration()
		p := Port{
			Element: f.element(), Direction: direction, Index: f.integer("indexWithinOperator"), Name: shown.text("name"), StreamName: shown.text("streamName"),
		}
		return p, f.err
	}
}

func decodeMetric(path string, raw json.RawMessage) (Metric, error) {
	f := object(path, raw)
	f.require("name", "value")
	shown := f.decoration()
	m := Metric{
		Name: f.text("name"), Description: shown.text("description"), Kind: shown.state("metricKind"), Type: shown.state("metricType"),
		Value: f.integer("value"), Sampled: shown.millis("lastTimeRetrieved"),
	}
	return m, f.err
}

func decodeResource(path string, raw json.RawMessage) (Resource, error) {
	f := object(path, raw)
	shown := f.decoration()
	r := Resource{
		Element: f.element(), DisplayName: shown.text("displayName"), IPAddress: shown.text("ipAddress"), Status: shown.state("status"), Tags: shown.texts("tags"),
	}
	f.identified(r.Element)
	return r, f.err
}

func decodeConfiguration(path string, raw json.RawMessage) (ApplicationConfiguration, error) {
	f := object(path, raw)
	f.require("name")
	a := ApplicationConfiguration{
		Element: f.element(), Name: f.text("name"), Description: f.decoration().text("description"), Owner: f.decoration().text("owner"),
		Created: f.decoration().millis("creationTime"), LastModified: f.decoration().millis("lastModifiedTime"), Properties: map[string]string{},
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
