package crossdc

// What a command needs that only its reader knows stands in capital letters; every note says where it is found.
const (
	postHeartbeat = "curl -i -X POST -H 'Content-Type: application/octet-stream' --data-binary heartbeat http://HOST:PORT/crossdcrx/CrossDataCenterReceiverForHB/ports/output/0/inject"
	cancelJob     = "streamtool canceljob -d DOMAIN -i INSTANCE --jobs JOB"
	submitJob     = "streamtool submitjob -d DOMAIN -i INSTANCE APPLICATION.sab"
	submitMonitor = "streamtool submitjob -d DOMAIN -i INSTANCE MONITOR.sab -P shellScriptName=SCRIPT"
	restartPE     = "streamtool restartpe -d DOMAIN -i INSTANCE PE"
	peersOnly     = "nft add rule inet filter input tcp dport PORT-LAST ip saddr != { PEERS } drop"

	again     = "the number of the JOB is in streamtool lsjobs; "
	whichPE   = "the number of the PE is in streamtool lspes; what the restarted operators held in memory is gone, so restart it while the other data center is UP and replicates; "
	specially = "SendMeDataFromSnapshotFiles is a tuple on the toolkit's second input port (toolkit contract 3.1): only the application can submit it, so it needs a way to be told to"
)

// wayOut is what ends what a quirk left: a command and what is to know of it, or no command and why there is none.
type wayOut struct{ command, note string }

func waysOut() map[string]wayOut {
	return map[string]wayOut{
		"Q1":  {postHeartbeat, "HOST is a host of one data center, PORT its crossDCHttpPort; once, in one direction, is enough: both sides declare each other UP within about one heartbeat interval"},
		"Q2":  {cancelJob, again + "cancel it in the data center whose state is given up, before the link heals or events are sent to it again: what only that side processed is lost"},
		"Q3":  {cancelJob + "\n" + submitMonitor, again + "both in the data center that shall be passive again; what only it processed meanwhile is lost"},
		"Q4":  {restartPE, whichPE + "a tick that a clock's step back delays ends by itself once the clock has caught up"},
		"Q5":  {peersOnly, "PORT-LAST is the range from crossDCHttpPort on, PEERS the addresses of the other data center's hosts; on every host that may run the receivers, with a table inet filter that has a chain input"},
		"Q6":  {cancelJob + "\n" + submitJob, again + "correct remoteDataCenterApplicationMachineNames before it is submitted"},
		"Q7":  {"curl -sS http://HOST:PORT/ports/info", "HOST is each of remoteDataCenterApplicationMachineNames, PORT crossDCHttpPort, asked from this data center: where it does not answer, the address is wrong or the peer does not run; once the peer is heard, its loss is noticed from then on"},
		"Q8":  {cancelJob + "\n" + submitJob, again + "correct both intervals before it is submitted"},
		"Q9":  {"", "it is how the toolkit counts: reckon with the real period, or choose S so that the real period is what is wanted"},
		"Q10": {cancelJob + "\n" + submitJob, again + "correct httpConnectionTimeout and httpReadTimeout before it is submitted; a failover that has already happened is ended as Q1 or Q2"},
		"Q11": {"", "a lost heartbeat cannot be sent again; the next one is due within one interval, and resets the count of misses"},

		"Q12": {"streamtool canceljob -d DOMAIN -i INSTANCE --jobs MONITOR", "in the passive data center, before the shutdown is announced; where the failover script has run already, cancel what it submitted there the same way"},
		"Q13": {"rm -- DIRECTORY/NAME-*.snapshot", "at the survivor, before it declares DOWN: DIRECTORY is dataSnapshotStorageDirectory, NAME the data center that was shut down; after the takeover there is none"},
		"Q14": {"rm -- DIRECTORY/NAME-*.snapshot", "at the survivor, before it declares DOWN: DIRECTORY is dataSnapshotStorageDirectory, NAME the data center that was shut down; after the takeover there is none"},
		"Q15": {"rm -- DIRECTORY/NAME-*.snapshot", "at the survivor, once the other job is cancelled: DIRECTORY is dataSnapshotStorageDirectory, NAME the data center that was shut down"},
		"Q16": {cancelJob + "\n" + submitJob, again + "there is no other way back"},

		"Q17": {"", "the state is lost once the next snapshot of the empty side has overwritten its replica; until then copy the replica folder away: the application can be given what it holds, if it has a way to be given it"},
		"Q18": {"", "the replicas are deleted; the peer sends new ones with its next round, if it lives"},
		"Q19": {restartPE, whichPE + "the PE of the heartbeat watchdog, which reports UP again at the next heartbeat: replication starts with it"},
		"Q20": {postHeartbeat, "HOST and PORT are this side's own: it takes the body for the peer's heartbeat, reports UP, and declares DOWN N+1 ticks later if the peer is really gone"},
		"Q21": {"", specially + "; where the peer lives, its next round of snapshots makes the names known again"},
		"Q22": {"", "the replicas are deleted; events since the last state that is kept elsewhere must be sent again"},
		"Q23": {"", "what was merged cannot be taken apart; switch the setting off before the next restart"},
		"Q24": {"", "the only copy is deleted; what was copied from the replica folder before can be put back while the job does not run, and " + specially},
		"Q31": {"", "what was counted twice cannot be told apart afterwards; merge by key and sequence number"},
		"Q32": {"", specially + ". Before that, the job must have been started with retainOlderDataSnapshotsAtStartup=true"},
		"Q36": {"", "the replica is deleted; events since the last state that is kept elsewhere must be sent again"},

		"Q25": {"", "the previous replica is destroyed; the next round of snapshots writes a new one once there is room"},
		"Q26": {"find DIRECTORY -name '*.snapshot' -size 0 -delete", "DIRECTORY is dataSnapshotStorageDirectory; make room first, and the next round of snapshots writes whole ones. After the peer is lost there is none"},
		"Q27": {"", "the PE has restarted and purged what was left, unless retainOlderDataSnapshotsAtStartup was set: then remove the corrupt file while the job does not run, and " + specially},
		"Q28": {"", "one replica overwrote the other; give every fragment an origin of its own and submit the application again on both sides"},
		"Q29": {peersOnly, "PORT-LAST is the range from crossDCHttpPort on, PEERS the addresses of the other data center's hosts; remove by hand what was written outside of the folder"},
		"Q30": {restartPE, whichPE + "the deadlocked one"},
		"Q33": {"", "what was acknowledged and not stored is lost with the receiver; the sender's next round replaces it once the receiver is back"},
		"Q34": {"", specially + ", once the database answers again: the rows are still in its table"},
		"Q35": {restartPE, whichPE + "once the database answers; where the limit of restarts is not spent it starts by itself"},
		"Q37": {"", "it is what receiving costs; smaller or fewer snapshots, or more pairs of sender and receiver, with a new submission on both sides"},

		"Q38": {"", "nothing is to be ended"},
		"Q39": {"", "nothing is to be ended"},
		"Q40": {"", "nothing is to be ended"},
		"Q41": {"", "what was purged or returned is gone; other copies belong outside of the folder"},
		"Q42": {"streamtool canceljob -d DOMAIN -i INSTANCE --jobs MONITOR", "in the data center that took over: the new receivers bind their ports at the next restart of their PEs"},
		"Q43": {"kill PROCESS", "PROCESS is that of the failover script; the tick goes on once the script's output is closed"},
		"Q44": {cancelJob + "\n" + submitJob, again + "correct consecutiveHeartbeatMissesAllowed before it is submitted"},
		"Q45": {restartPE, whichPE + "it is needed only where waiting for the clock to catch up takes too long"},
		"Q46": {"", "nothing is to be ended"},
	}
}
