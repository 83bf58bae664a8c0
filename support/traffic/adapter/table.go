package adapter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/toolkit/exchange"
)

// Way is a direction: into the application, or out of it.
type Way int

// The two ways.
const (
	WayIn Way = 1 << iota
	WayOut
	BothWays = WayIn | WayOut
)

// Acknowledgement is what an adapter's way in can be told about an event that arrived.
type Acknowledgement int

const (
	// Never: the protocol has none. Every event is sent, and loss is an upper bound.
	Never Acknowledgement = iota
	// Always: the other side answers for every event.
	Always
	// Depends: a parameter decides; see Adapter.Acknowledges.
	Depends
)

// Adapter is one protocol. Adding one touches its file, its test and one line of Table.
type Adapter struct {
	Name    string // as application files name it
	Summary string // one sentence
	// Parameters that its ways take, in the order in which they are documented.
	Parameters []Parameter
	// Acknowledgement is what its way in can be told at best; Acknowledges says it for given values.
	Acknowledgement Acknowledgement
	// Acknowledges tells for checked values whether events are acknowledged; nil: by Acknowledgement alone.
	Acknowledges func(Values) bool
	// In opens a way in, Out a way out; nil: the protocol has none. They may contact the other side, but an application that cannot be reached now
	// is no error: data centers are lost and come back. Errors are about the parameters.
	In  func(context.Context, Opening) (In, error)
	Out func(context.Context, Opening) (Out, error)
}

// Opening is what opens one way.
type Opening struct {
	Site   string // the data center's name; empty: the way is one for both
	Values Values // parameters, by name; see Values.Check
	// Exchange is the data service of the data center, for the adapter data-exchange; nil: none.
	Exchange *exchange.Client
	// Job is the name or id of the application's job, for the adapter data-exchange; empty: any job.
	Job string
	// Run is a word that differs from run to run: the default group of a Kafka consumer and the name of an MQTT client carry it, so that two runs
	// never share one.
	Run string
	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

func (o Opening) now() func() time.Time {
	if o.Now == nil {
		return time.Now
	}
	return o.Now
}

// at names the way in errors: "tcp way into dc1".
func (o Opening) at(way Way, adapter string) string {
	preposition := "into"
	if way == WayOut {
		preposition = "out of"
	}
	site := o.Site
	if site == "" {
		site = "both data centers"
	}
	return fmt.Sprintf("%s way %s %s", adapter, preposition, site)
}

// Table lists the adapters.
func Table() []Adapter {
	return []Adapter{httpInjection(), httpPoll(), serverSentEvents(), tcp(), tcpListen(), lineFile(), program(), kafka(), mqtt(), dataExchange()}
}

// Find gives the adapter of a name. The error lists the names that exist.
func Find(name string) (Adapter, error) {
	table := Table()
	i := slices.IndexFunc(table, func(a Adapter) bool { return a.Name == name })
	if i < 0 {
		names := make([]string, len(table))
		for i, a := range table {
			names[i] = a.Name
		}
		return Adapter{}, fmt.Errorf("adapter %q does not exist: known are %s", name, strings.Join(names, ", "))
	}
	return table[i], nil
}

// AcknowledgesWith tells whether the way in answers for events, given its values.
func (a Adapter) AcknowledgesWith(values Values) bool {
	if a.Acknowledges != nil {
		return a.Acknowledges(a.filled(values))
	}
	return a.Acknowledgement == Always
}

// OpenIn checks the values and opens the way in.
func (a Adapter) OpenIn(ctx context.Context, o Opening) (In, error) {
	if a.In == nil {
		return nil, fmt.Errorf("open a %s: the adapter has no way in", o.at(WayIn, a.Name))
	}
	if err := a.Check(WayIn, o.Values); err != nil {
		return nil, fmt.Errorf("open a %s: %w", o.at(WayIn, a.Name), err)
	}
	o.Values = a.filled(o.Values)
	in, err := a.In(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("open a %s: %w", o.at(WayIn, a.Name), err)
	}
	return in, nil
}

// OpenOut checks the values and opens the way out.
func (a Adapter) OpenOut(ctx context.Context, o Opening) (Out, error) {
	if a.Out == nil {
		return nil, fmt.Errorf("open a %s: the adapter has no way out", o.at(WayOut, a.Name))
	}
	if err := a.Check(WayOut, o.Values); err != nil {
		return nil, fmt.Errorf("open a %s: %w", o.at(WayOut, a.Name), err)
	}
	o.Values = a.filled(o.Values)
	out, err := a.Out(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("open a %s: %w", o.at(WayOut, a.Name), err)
	}
	return out, nil
}
