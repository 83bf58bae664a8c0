package crossdc

// C8
func twoStores(k *knowledge) []Finding {
	if k.local.StorageDirectory == "" || k.local.JDBCURL == "" {
		return nil
	}
	return []Finding{{
		Trap: C8, Key: keyJDBCURL, Value: withoutParameters(k.local.JDBCURL),
		Effect: "with " + keyDirectory + " set as well the purge at the start cleans the directory while replicas go to the database: stale rows survive",
		Remedy: "set one of the two",
	}}
}

// C9
func noStore(k *knowledge) []Finding {
	if k.local.StorageDirectory != "" || k.local.JDBCURL != "" || !k.snapshotsArrive() {
		return nil
	}
	return []Finding{{
		Trap: C9, Key: keyDirectory, Value: "",
		Effect: "replicas are written to the root of the file system: permission error, or the root is polluted",
		Remedy: "set " + keyDirectory + " to a directory that exists, or " + keyJDBCURL,
	}}
}

// snapshotsArrive says whether the peer will send snapshots; the local cadence stands in for an unknown peer's.
func (k *knowledge) snapshotsArrive() bool {
	if k.remote == nil {
		return k.local.SnapshotInterval < offSnapshotInterval
	}
	return k.remote.OperationMode == 1 && k.remote.SnapshotInterval < offSnapshotInterval
}

// C10. The configuration cannot show whether two hosts see the same directory under the same name, or whether two
// host names in a URL are the same.
func sharedStore(k *knowledge) []Finding {
	if k.remote == nil {
		return nil
	}
	const effect = "if both data centers see the same one, the purge at the start of each deletes the other's replicas"
	l, r := k.local, k.remote
	var found []Finding
	if l.StorageDirectory != "" && l.StorageDirectory == r.StorageDirectory {
		found = append(found, Finding{
			Trap: C10, Key: keyDirectory, Value: l.StorageDirectory, Possible: true,
			Effect: effect, Remedy: "use a directory per data center, on its own storage",
		})
	}
	if l.JDBCURL != "" && l.JDBCURL == r.JDBCURL && l.TableName == r.TableName {
		found = append(found, Finding{
			Trap: C10, Key: "dataSnapshotTableName", Value: l.TableName, Possible: true,
			Effect: effect, Remedy: "use a table per data center",
		})
	}
	return found
}
