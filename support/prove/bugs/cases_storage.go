package main

// Steps that catch, of the scenarios of storage.
const (
	keepsRows = "keeps a row for every fragment"
	beatsOn   = "goes on to hear every heartbeat"
	rowsAgain = "stores every fragment again once its database is back"
	allWait   = "receives replicas that wait, and calls none of them stored or failed"
	noneYet   = "hands nothing over yet"
	rowsStay  = "keeps every row, and hands them over or forgets them as toolkit 1.x does (Q34)"
	inRows    = "loses nothing that is not in those rows"
	allAtOnce = "hands everything over once its database answers, each fragment once"
)

// storageControls are the specs of storageProofs without any bug. Without PostgreSQL those of a database prove nothing.
var storageControls = []proof{
	{suite: "replication", id: "database-well"},
	{suite: "replication", id: "database-down"},
	{suite: "replication", id: "database-slow"},
	{suite: "replication", id: "database-down-at-takeover"},
	{suite: "replication", id: "database-slow-at-takeover"},
}

// storageProofs are the proofs of these scenarios.
var storageProofs = []proof{
	{"loses-a-row", "dc2", "replication", "database-well", keepsRows, "one row is deleted and not inserted"},
	{"never-reconnects", "dc2", "replication", "database-down", rowsAgain, "a connection that broke is never opened again"},
	{"beats-with-storage", "dc2", "replication", "database-down", beatsOn, "no heartbeat is sent while replicas cannot be stored"},
	{"answers-unwritten", "dc2", "replication", "database-slow", allWait, "a row is said to be inserted before it is"},
	{"deletes-unread-rows", "dc2", "replication", "database-down-at-takeover", rowsStay, "rows that could not be read are deleted"},
	{"corrupts-results", "dc2", "replication", "database-down-at-takeover", inRows, "results carry what was not sent"},
	{"hands-over-known", "dc2", "replication", "database-slow-at-takeover", noneYet, "replicas are handed over without the database"},
	{"doubles-fragment", "dc2", "replication", "database-slow-at-takeover", allAtOnce, "one fragment is handed over twice"},
}
