package crossdc

import "testing"

func database(c *Config) { c.StorageDirectory, c.JDBCURL = "", "jdbc:db2://host/db" }

func TestC8PurgeAsksForTheDirectoryFirst(t *testing.T) {
	for _, x := range []struct {
		directory, url string
		want           Store // 0: no purge
	}{
		{"/storage", "", Files},
		{"", "jdbc:x", Database},
		{"/storage", "jdbc:x", Files}, // although replicas go to the database
		{"", "", 0},
	} {
		cfg := Shipped()
		cfg.StorageDirectory, cfg.JDBCURL = x.directory, x.url
		_, out := NewPreparer(Options{}).Step(&cfg, Event{Kind: Tick}, 0, nil)
		var got Store
		if out[0].Kind == PurgeStored {
			got = out[0].Store
		}
		if got != x.want {
			t.Errorf("directory %q, URL %q: purge of store %d, want %d", x.directory, x.url, got, x.want)
		}
	}
}

func TestSnapshotReturnFromADatabase(t *testing.T) {
	cfg := Shipped()
	database(&cfg)
	cfg.SendSnapshotsToOriginDC = true
	p, out := NewPreparer(Options{}).Step(&cfg, Event{Kind: StatusChanged, Up: true}, 0, nil)
	if len(out) != 1 || out[0].Kind != ReturnStored || out[0].Store != Database {
		t.Errorf("%+v, want the rows read; they are purged only after the last one", out)
	}
	if m := ReturnRow(&cfg, []byte("row")); m.Type != ReturnedData || m.Count != 1234567 || m.DataCenter != "dc1" || string(m.Snapshot) != "row" || m.Origin != "" {
		t.Errorf("returned row %+v", m)
	}
	p, _ = p.Step(&cfg, Event{Kind: StatusChanged}, 0, nil)
	if _, out = p.Step(&cfg, Event{Kind: StatusChanged, Up: true}, 0, nil); len(out) != 0 {
		t.Errorf("%+v at the second contact, want nothing", out)
	}
}

func TestClosingPreparerIgnoresTheStatus(t *testing.T) {
	cfg := Shipped()
	cfg.SendSnapshotsToOriginDC = true
	p, _ := NewPreparer(Options{}).Step(&cfg, Event{Kind: SpecialMessage, Text: OrderlyShutdownText}, 0, nil)
	p, out := p.Step(&cfg, Event{Kind: StatusChanged, Up: true}, 0, nil)
	if p.Active || p.Sensed || len(out) != 0 {
		t.Errorf("%+v, %+v: want the status ignored", p, out)
	}
}

func TestReaderAnalyzer(t *testing.T) {
	cfg := Shipped()
	database(&cfg)
	body := Marshal(LittleEndian, &Message{Type: Snapshot, DataCenter: "dc2", Origin: "0", Snapshot: []byte("state")})
	for name, x := range map[string]struct {
		ev   Event
		o    Options
		want []ActionKind
	}{
		"trigger":            {Event{Kind: StoredTrigger}, Options{}, []ActionKind{ReadStored}},
		"row":                {Event{Kind: StoredRead, OK: true, Body: body}, Options{}, []ActionKind{Deliver, RemoveReplica}},
		"empty row":          {Event{Kind: StoredRead, OK: true}, Options{}, []ActionKind{RemoveReplica}},
		"failed read":        {Event{Kind: StoredRead}, Options{}, nil},
		"truncated":          {Event{Kind: StoredRead, OK: true, Body: body[:9]}, Options{}, []ActionKind{Abort}},
		"truncated, told so": {Event{Kind: StoredRead, OK: true, Body: body[:9]}, Options{Malformed: RejectOnMalformed}, []ActionKind{Trace, RemoveReplica}},
	} {
		_, out := NewStoredSender(x.o).Step(&cfg, x.ev, 0, nil)
		if len(out) != len(x.want) {
			t.Errorf("%s: %+v, want %v", name, out, x.want)
			continue
		}
		for i, a := range out {
			if a.Kind != x.want[i] || a.Kind != Deliver && a.Kind != Trace && a.Kind != Abort && a.Store != Database {
				t.Errorf("%s: action %d is %+v, want kind %d on the database", name, i, a, x.want[i])
			}
		}
	}
}

func TestOrderlyShutdownDeletesRows(t *testing.T) {
	cfg := Shipped()
	database(&cfg)
	w := NewRemoteWatchdog(Options{})
	for _, origin := range []string{"1", "0"} {
		body := Marshal(LittleEndian, &Message{Type: Snapshot, DataCenter: "dc2", Origin: origin, Snapshot: []byte("state")})
		w, _ = w.Step(&cfg, Event{Kind: SnapshotBody, Body: body}, 0, nil)
	}
	w, out := w.Step(&cfg, Event{Kind: SnapshotBody, Body: Marshal(LittleEndian, &Message{Type: OrderlyShutdown})}, 0, nil)
	if len(out) != 2 || out[0].Name != "dc2-0" || out[1].Name != "dc2-1" || out[0].Kind != RemoveReplica || out[0].Store != Database || len(w.Names()) != 0 {
		t.Errorf("%+v, names %v: want both rows deleted and forgotten", out, w.Names())
	}
}

func TestMissCounterSaturates(t *testing.T) {
	c := newCenter(t, "dc1")
	c.ticks(300)
	if got := c.side.Watchdog.Missed; got != 5 {
		t.Errorf("%d missed, want it to stop at N+1 = 5", got)
	}
}
