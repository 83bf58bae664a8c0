package streams

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/crossdc/failover/toolkit/access"
)

// Everything about addresses that the contract marks as inferred, and every path that stands in for a missing link.
// Nothing outside of this file builds a path.

// rootPaths are tried in this order when only a host is configured (contract 7 [I]).
var rootPaths = []string{"/streams/resources", "/streams/rest/resources", "/streams/v1/roots"}

// Actions have no link (contract 2.2 and 2.7 [I]; unknown 2 in section 8).
const actionsSegment = "actions"

type action struct {
	Type  string `json:"type"`
	Force *bool  `json:"force,omitempty"`
}

var (
	startAction   = action{Type: "start"}
	stopAction    = action{Type: "stop"}
	restartAction = action{Type: "restart"}
)

// snapshotQuery asks a metrics snapshot for its values (contract 2.6).
var snapshotQuery = url.Values{"includeStatistics": {"true"}}

// segments of contract 2.0 by the link they stand in for.
var segments = map[string]string{
	"instances": "instances", "jobs": "jobs", "pes": "pes", "operators": "operators", "metrics": "metrics",
	"inputPorts": "inputports", "outputPorts": "outputports", "applicationConfigurations": "applicationconfigurations",
	"applicationBundles": "applicationbundles", "applicationTrace": "applicationtrace", "consoleLog": "consolelog",
	"applicationLogTrace": "applicationlogtrace", "resources": "resources",
}

// linkOr gives the element's link, or the path below the element that the contract names for it.
func linkOr(e Element, name string) (string, error) {
	if link, ok := e.Link(name); ok {
		return link, nil
	}
	segment, known := segments[name]
	if !known {
		return "", fmt.Errorf("%w: %s %s has no link %s", access.ErrMalformed, e.ResourceType, e.key(), name)
	}
	if e.Self == "" {
		return "", fmt.Errorf("%w: %s %s has neither a link %s nor self", access.ErrMalformed, e.ResourceType, e.key(), name)
	}
	return below(e.Self, segment)
}

// below appends path segments, percent-encoded (contract 1.3), and drops a query.
func below(base string, names ...string) (string, error) {
	u, err := url.Parse(base)
	if err != nil {
		return "", fmt.Errorf("%w: link is not a URL", access.ErrMalformed)
	}
	u.RawQuery, u.Fragment = "", ""
	escaped := strings.TrimRight(u.EscapedPath(), "/")
	for _, name := range names {
		segment := url.PathEscape(name)
		if name == "" || name == "." || name == ".." {
			return "", fmt.Errorf("%w: %q cannot be a path segment", access.ErrRejected, name)
		}
		escaped += "/" + segment
	}
	u.RawPath = escaped
	if u.Path, err = url.PathUnescape(escaped); err != nil {
		return "", fmt.Errorf("%w: link has a bad escape", access.ErrMalformed)
	}
	return u.String(), nil
}

// sibling is the collection next to the root collection: R in contract 2.
func sibling(root, name string) (string, error) {
	u, err := url.Parse(root)
	if err != nil {
		return "", fmt.Errorf("%w: root is not a URL", access.ErrMalformed)
	}
	u.RawQuery = ""
	u.RawPath = ""
	u.Path = u.Path[:strings.LastIndexByte(strings.TrimRight(u.Path, "/"), '/')+1]
	return below(u.String(), name)
}

// actionsOf is where actions on an element are posted.
func actionsOf(e Element) (string, error) {
	if e.Self == "" {
		return "", fmt.Errorf("%w: %s %s has no self", access.ErrMalformed, e.ResourceType, e.key())
	}
	return below(e.Self, actionsSegment)
}
