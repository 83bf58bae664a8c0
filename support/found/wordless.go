package found

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/crossdc/failover/toolkit/crossdc/model"
)

// Wordless says why a case that was written as JSON is no declared scenario, and so cannot be played on real processes.
func Wordless(content []byte) (string, error) {
	var doc document
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&doc); err != nil {
		return "", fmt.Errorf("read a found case: %w", err)
	}
	if doc.Wordless != "" {
		return doc.Wordless, nil
	}
	var reasons []string
	add := func(reason string) {
		for _, known := range reasons {
			if known == reason {
				return
			}
		}
		reasons = append(reasons, reason)
	}
	if doc.Bug != "" {
		add("the toolkit of one data center is wrapped by the bug " + doc.Bug)
	}
	for _, t := range doc.Traits {
		add("the pair is set up so: " + t)
	}
	if len(doc.Actions) == 0 {
		add("nothing is done, and a declared scenario needs a fault")
	}
	for _, a := range doc.Actions {
		one := model.Action{What: model.What(a.What), Text: a.Text}
		if a.Ports != "" {
			add("it concerns the " + a.Ports + " port of one direction")
		} else if _, err := fault(one); err != nil {
			add("no fault is called " + a.What)
		}
	}
	if len(reasons) == 0 {
		add("declared scenarios have no words for when or how long something is done here")
	}
	return "declared scenarios have no words for it: " + strings.Join(reasons, "; "), nil
}
