package crossdc

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// C2
func selfContact(k *knowledge) []Finding {
	var found []Finding
	finding := func(name, effect string, possible bool) {
		found = append(found, Finding{
			Trap: C2, Key: keyMachines, Value: name, Effect: effect, Possible: possible,
			Remedy: "name the machines of the other data center",
		})
	}
	const permanent = "this data center talks to itself: permanent UP, its own snapshots stored here, and a failure of the real peer goes unseen"
	for _, name := range k.local.RemoteMachines() {
		switch own := strings.ToLower(strings.TrimSpace(name)); {
		case own == "":
		case k.machines[own] || k.machines[strings.TrimSpace(name)]:
			finding(name, permanent, false)
		case k.remote != nil && slices.Contains(k.remote.RemoteMachines(), name):
			finding(name, "both data centers name it as their peer, so one of the two talks to itself: permanent UP there, and a failure of the real peer goes unseen", true)
		}
	}
	return found
}

// C3
func differentPorts(k *knowledge) []Finding {
	if k.remote == nil || k.local.HTTPPort == k.remote.HTTPPort {
		return nil
	}
	return []Finding{{
		Trap: C3, Key: keyPort, Value: both(fmt.Sprint(k.local.HTTPPort), fmt.Sprint(k.remote.HTTPPort)),
		Effect: "each side sends to the other at its own port: connection refused for ever, no UP and hence no DOWN ever",
		Remedy: "set the same port in both data centers",
	}}
}

// C11
func differentPairs(k *knowledge) []Finding {
	if k.remote == nil || k.local.HTTPSenderReceiverPairs == k.remote.HTTPSenderReceiverPairs {
		return nil
	}
	l, r := k.local.HTTPSenderReceiverPairs, k.remote.HTTPSenderReceiverPairs
	effect := "at least one side sends to ports nobody listens on"
	if r > 0 && l > r {
		effect = fmt.Sprintf("round robin sends %d of %d messages to ports nobody listens on; the state loss grows by %d/%d", l-r, l, l, r)
	} else if l > 0 && r > l {
		effect = fmt.Sprintf("the peer's round robin sends %d of %d messages to ports nobody listens on here; its state loss grows by %d/%d", r-l, r, r, l)
	}
	return []Finding{{
		Trap: C11, Key: "numberOfHttpSenderReceiverPairs", Value: both(fmt.Sprint(l), fmt.Sprint(r)),
		Effect: effect, Remedy: "submit both jobs with the same number",
	}}
}

// C12
func malformedMachines(k *knowledge) []Finding {
	list := k.local.RemoteMachineNames
	finding := func(effect string) []Finding {
		return []Finding{{Trap: C12, Key: keyMachines, Value: list, Effect: effect, Remedy: "write the names separated by commas alone: host1,host2"}}
	}
	names := k.local.RemoteMachines()
	switch {
	case strings.Trim(list, ", ") == "":
		return finding("no host to send to: every send fails, or none is tried")
	case slices.ContainsFunc(names, func(n string) bool { return n != strings.TrimSpace(n) }):
		return finding("white space becomes part of a host name: unknown host at every attempt")
	case slices.Contains(names, ""):
		return finding("an empty host name between two commas fails at every attempt")
	}
	return nil
}

// C13
func foreignPrefix(k *knowledge) []Finding {
	var found []Finding
	for _, key := range Keys() {
		if _, ok := k.properties[k.prefix+key.Name]; ok {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(k.properties)) {
			// Another application's complete configuration may stand beside ours; only a key that ours lacks is suspicious.
			if !strings.HasSuffix(name, "_"+key.Name) {
				continue
			}
			found = append(found, Finding{
				Trap: C13, Key: name, Value: key.shown(k.properties[name]), Possible: true,
				Effect: fmt.Sprintf("the property carries another application's prefix, so %s is not set for this one and stays at %q", key.Name, key.Code()),
				Remedy: "name it " + k.prefix + key.Name,
			})
		}
	}
	return found
}
