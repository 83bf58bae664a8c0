package fault

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Corruption is what has become of the content of a replica.
type Corruption string

// The corruptions of toolkit contract 10, S32.
const (
	ZeroLength  Corruption = "zero-length" // nothing is left of it
	Truncated   Corruption = "truncated"   // its second half is missing
	WrongLength Corruption = "length"      // one bit of the length of its snapshot is another
	Garbage     Corruption = "garbage"     // every byte is another
)

// Corruptions are all of them.
func Corruptions() []Corruption { return []Corruption{ZeroLength, Truncated, WrongLength, Garbage} }

func (c Corruption) orGarbage() Corruption {
	if c == "" {
		return Garbage
	}
	return c
}

// CorruptibleStorage is a Storage whose replicas can be corrupted. Both calls may be repeated.
type CorruptibleStorage interface {
	Storage
	// Corrupt spoils a replica, named "<data center>-<origin>", which must be there.
	Corrupt(ctx context.Context, replica string, how Corruption) error
	// Restore gives it its content back. A replica that was removed or replaced in the meantime is left as it is.
	Restore(ctx context.Context, replica string) error
	// Corrupted says whether the replica is there as Corrupt left it.
	Corrupted(ctx context.Context, replica string) (bool, error)
}

// CorruptReplica spoils the replica of one fragment of the other data center, as a disk or a crash in the middle of a write does (S32). The
// next round of snapshots replaces it. fragment is the index of the channel, from 0; how is garbage where it is empty.
func CorruptReplica(dc string, fragment int, how Corruption) Fault {
	how = how.orGarbage()
	return newFault("corrupt-replica", dc+" (storage)", fmt.Sprintf("the replica of fragment %d at %s is corrupt (%s)", fragment, dc, how),
		Parameters{DC: dc, Fragment: fragment, Corruption: how}, footprint{dc: dc},
		func(_ Fault, env Environment) (action, string) {
			on, reason := side(env, dc)
			switch {
			case reason != "":
				return nil, reason
			case fragment < 0:
				return nil, fmt.Sprintf("fragment %d: give its index, from 0", fragment)
			case !slices.Contains(Corruptions(), how):
				return nil, fmt.Sprintf("corruption %q: give one of %s", how, inWords(Corruptions()))
			}
			one, other := env.DataCenters()
			if other.Name() == dc {
				other = one
			}
			if storer, ok := on.(Storer); ok {
				if storage, ok := storer.Storage().(CorruptibleStorage); ok {
					return &corruptReplica{on, storage, fmt.Sprintf("%s-%d", other.Name(), fragment), how}, ""
				}
			}
			return nil, dc + ": its replicas cannot be reached: the environment did not make its snapshot folder"
		})
}

func inWords(all []Corruption) string {
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = string(c)
	}
	return strings.Join(names, ", ")
}

type corruptReplica struct {
	dc      DataCenter
	storage CorruptibleStorage
	replica string
	how     Corruption
}

func (c *corruptReplica) recall(string) {}

// prepare demands a toolkit that runs, and a replica that nobody has corrupted.
func (c *corruptReplica) prepare(ctx context.Context) (string, error) {
	if _, err := serving(ctx, c.dc); err != nil {
		return "", err
	}
	corrupt, err := c.storage.Corrupted(ctx, c.replica)
	if err == nil && corrupt {
		err = fmt.Errorf("the replica %s at %s is corrupt already", c.replica, c.dc.Name())
	}
	return "", err
}

func (c *corruptReplica) act(ctx context.Context) error {
	return c.storage.Corrupt(ctx, c.replica, c.how)
}

func (c *corruptReplica) bite(ctx context.Context) (string, error) {
	corrupt, err := c.storage.Corrupted(ctx, c.replica)
	if err == nil && !corrupt {
		err = fmt.Errorf("the replica %s at %s is not what was made of it: it may have been replaced at once", c.replica, c.dc.Name())
	}
	return fmt.Sprintf("the replica %s at %s is corrupt (%s)", c.replica, c.dc.Name(), c.how), err
}

func (c *corruptReplica) heal(ctx context.Context) error { return c.storage.Restore(ctx, c.replica) }

func (c *corruptReplica) gone(ctx context.Context) (string, error) {
	corrupt, err := c.storage.Corrupted(ctx, c.replica)
	if err == nil && corrupt {
		err = fmt.Errorf("the replica %s at %s is still corrupt", c.replica, c.dc.Name())
	}
	return fmt.Sprintf("the replica %s at %s is none of ours any more", c.replica, c.dc.Name()), err
}
