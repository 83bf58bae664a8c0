package fault

import (
	"context"
	"fmt"
)

// Database is where a data center's toolkit keeps the replicas of its peer, if not in a folder. All calls may be repeated.
type Database interface {
	// Stop ends it as a crash would; Start brings it back with what it held, and returns when it answers.
	Stop(ctx context.Context) error
	Start(ctx context.Context) error
	// Answers says whether it takes statements.
	Answers(ctx context.Context) (bool, error)
	// Hold has every statement on the replicas wait until Release; it ends with whoever holds.
	Hold(ctx context.Context) error
	Release(ctx context.Context) error
	// Held says whether statements on the replicas wait.
	Held(ctx context.Context) (bool, error)
}

// Databased is a DataCenter whose database can be reached; Database is nil where it has none, or cannot be reached.
type Databased interface {
	Database() Database
}

// StopDatabase ends the database in which a data center's toolkit keeps replicas (S35).
func StopDatabase(dc string) Fault {
	return newFault("stop-database", dc+" (database)", fmt.Sprintf("the database of %s is down", dc), Parameters{DC: dc}, footprint{dc: dc},
		stored(dc, func(dc DataCenter, d Database) action { return &stopDatabase{dc, d} }))
}

// HoldDatabase has the database in which a data center's toolkit keeps replicas answer no statement until it is healed: what is asked
// meanwhile waits, and is answered then (S35).
func HoldDatabase(dc string) Fault {
	return newFault("hold-database", dc+" (database)", fmt.Sprintf("the database of %s keeps statements waiting", dc), Parameters{DC: dc}, footprint{dc: dc},
		stored(dc, func(dc DataCenter, d Database) action { return &holdDatabase{dc, d} }))
}

// stored binds a fault to a data center's database.
func stored(dc string, make func(DataCenter, Database) action) func(Fault, Environment) (action, string) {
	return func(_ Fault, env Environment) (action, string) {
		on, reason := side(env, dc)
		if reason != "" {
			return nil, reason
		}
		if databased, ok := on.(Databased); ok {
			if database := databased.Database(); database != nil {
				return make(on, database), ""
			}
		}
		return nil, dc + " keeps its replicas in no database that can be reached from here"
	}
}

// asked is a question about a database with the answer that is wanted.
func asked(ctx context.Context, question func(context.Context) (bool, error), want bool, what, otherwise string) (string, error) {
	is, err := question(ctx)
	if err == nil && is != want {
		err = fmt.Errorf("%s", otherwise)
	}
	return what, err
}

type stopDatabase struct {
	dc       DataCenter
	database Database
}

func (*stopDatabase) recall(string) {}

// prepare demands a database that answers, and a toolkit that runs.
func (s *stopDatabase) prepare(ctx context.Context) (string, error) {
	if _, err := serving(ctx, s.dc); err != nil {
		return "", err
	}
	_, err := asked(ctx, s.database.Answers, true, "", "the database of "+s.dc.Name()+" is down already")
	return "", err
}

func (s *stopDatabase) act(ctx context.Context) error { return s.database.Stop(ctx) }

func (s *stopDatabase) bite(ctx context.Context) (string, error) {
	return asked(ctx, s.database.Answers, false, "the database of "+s.dc.Name()+" does not answer", "the database of "+s.dc.Name()+" still answers")
}

func (s *stopDatabase) heal(ctx context.Context) error { return s.database.Start(ctx) }

func (s *stopDatabase) gone(ctx context.Context) (string, error) {
	return asked(ctx, s.database.Answers, true, "the database of "+s.dc.Name()+" answers", "the database of "+s.dc.Name()+" does not answer")
}

type holdDatabase struct {
	dc       DataCenter
	database Database
}

func (*holdDatabase) recall(string) {}

// prepare demands a database that answers at once, and a toolkit that runs.
func (h *holdDatabase) prepare(ctx context.Context) (string, error) {
	if _, err := serving(ctx, h.dc); err != nil {
		return "", err
	}
	_, err := asked(ctx, h.database.Held, false, "", "the database of "+h.dc.Name()+" keeps statements waiting already")
	return "", err
}

func (h *holdDatabase) act(ctx context.Context) error { return h.database.Hold(ctx) }

func (h *holdDatabase) bite(ctx context.Context) (string, error) {
	return asked(ctx, h.database.Held, true, "statements on the replicas of "+h.dc.Name()+" wait", "nothing keeps statements on the replicas of "+h.dc.Name()+" waiting")
}

func (h *holdDatabase) heal(ctx context.Context) error { return h.database.Release(ctx) }

func (h *holdDatabase) gone(ctx context.Context) (string, error) {
	return asked(ctx, h.database.Held, false, "no statement on the replicas of "+h.dc.Name()+" waits", "statements on the replicas of "+h.dc.Name()+" still wait")
}
