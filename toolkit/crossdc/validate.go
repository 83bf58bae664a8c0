package crossdc

// Validate reports the traps C1-C14 of toolkit contract 2.3 that local has stepped into by itself and, if remote is
// not nil, that the two have stepped into together. The toolkit itself checks none of this. Swap the two for the other
// side. Findings come in the order of their numbers; a trap with several causes may occur more than once.
func Validate(local, remote *Config, known ...Known) []Finding {
	k := knowledge{machines: map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true}}
	for _, tell := range known {
		tell(&k)
	}
	k.local, k.remote = local, remote
	var findings []Finding
	for _, check := range []func(*knowledge) []Finding{
		nothingConfigured, selfContact, differentPorts, differentCadence, shortInterval, shortSnapshotInterval, unevenSnapshotInterval,
		twoStores, noStore, sharedStore, differentPairs, malformedMachines, foreignPrefix, noInterval,
	} {
		findings = append(findings, check(&k)...)
	}
	return findings
}

// Known adds to Validate what the keys do not show.
type Known func(*knowledge)

type knowledge struct {
	local, remote *Config
	machines      map[string]bool
	prefix        string
	properties    map[string]string
}

// LocalMachines gives the names and addresses of the local data center's own machines, for C2. Without it only
// "localhost", its addresses, and names in both remote lists are recognised.
func LocalMachines(names ...string) Known {
	return func(k *knowledge) {
		for _, name := range names {
			k.machines[name] = true
		}
	}
}

// Properties gives the application configuration that the local values came from and the application they are for,
// "<namespace>::<Main>", for C13.
func Properties(application string, properties map[string]string) Known {
	return func(k *knowledge) { k.prefix, k.properties = application+"_", properties }
}
