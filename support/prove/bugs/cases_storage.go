package main

// Steps that catch, of the scenarios of storage.
const (
	keepsRows = "keeps a row for every fragment"
	heldBack  = "holds snapshots back: what waits fills its queue, and senders give up"
	beatsOn   = "goes on to hear every heartbeat"
	rowsAgain = "stores every fragment again once its database is back"
	allWait   = "receives replicas that wait, and calls none of them stored or failed"
	noneYet   = "hands nothing over yet"
	rowsStay  = "keeps every row, and hands them over or forgets them as toolkit 1.x does (Q34)"
	inRows    = "loses nothing that is not in those rows"
	saysNone  = "calls no replica stored, and none failed"
	losesOne  = "loses that fragment, and of the rest no more than the RPO allows"
	goesOn    = "hands everything over once its storage goes on, each fragment once"
	skipsOne  = "hands over every other fragment once, and traces an error for this one (Q24)"
	rejectsIt = "rejects the replica with an error, or dies of it once as toolkit 1.x does (Q27)"
	allAtOnce = "hands everything over once its database answers, each fragment once"
)

// storageControls are the specs of storageProofs without any bug. Without PostgreSQL those of a database prove nothing.
var storageControls = []proof{{suite: "replication", id: "S35"}, {suite: "replication", id: "S34"}, {suite: "replication", id: "S32"}}

// storageProofs are the proofs of these scenarios.
var storageProofs = []proof{
	{"loses-a-row", "dc2", "replication", "S35", keepsRows, "one row is deleted and not inserted"},
	{"never-reconnects", "dc2", "replication", "S35", rowsAgain, "a connection that broke is never opened again"},
	{"beats-with-storage", "dc2", "replication", "S35", beatsOn, "no heartbeat is sent while replicas cannot be stored"},
	{"answers-unwritten", "dc2", "replication", "S35", allWait, "a row is said to be inserted before it is"},
	{"deletes-unread-rows", "dc2", "replication", "S35", rowsStay, "rows that could not be read are deleted"},
	{"corrupts-results", "dc2", "replication", "S35", inRows, "results carry what was not sent"},
	{"hands-over-known", "dc2", "replication", "S35", noneYet, "replicas are handed over without the database"},
	{"doubles-fragment", "dc2", "replication", "S35", allAtOnce, "one fragment is handed over twice"},
	// Its peer declares it DOWN and sends nothing more, so that its queue never fills.
	{"beats-with-storage", "dc2", "replication", "S34", heldBack, "no heartbeat is sent while replicas cannot be stored"},
	{"stores-replicas-twice", "dc2", "replication", "S34", storedOnce, "every snapshot that arrives is stored twice"},
	{"answers-unwritten", "dc2", "replication", "S34", saysNone, "a replica is said to be stored before it is"},
	{"hands-over-known", "dc2", "replication", "S34", noneYet, "replicas are handed over without the storage"},
	{"doubles-fragment", "dc2", "replication", "S34", goesOn, "one fragment is handed over twice"},
	{"loses-acknowledged-events", "dc2", "replication", "S32", losesOne, "some events are accepted and then forgotten"},
	{"doubles-fragment", "dc2", "replication", "S32", skipsOne, "one fragment is handed over twice"},
	{"hides-corruption", "dc2", "replication", "S32", rejectsIt, "a replica that cannot be read is thrown away without a trace"},
}
