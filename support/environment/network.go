package environment

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment/distance"
	"github.com/crossdc/failover/support/fault"
)

// Distance is how far it is from one place to another.
type Distance struct {
	Where string // "from here to dc1", "from dc1 to dc2"
	// Between says that both ends are data centers, so that it is the link itself that was measured.
	Between bool
	Means   string // what was asked there
	Way     distance.Way
}

// Handshakes are made for each distance, with a pause between them so that they do not share one short trouble of the network.
const (
	handshakes     = 100
	handshakePause = 50 * time.Millisecond
)

// Distances measures the network as far as it can be asked with these settings: the link itself, from the hosts of one data center to the
// listeners of the other, where hosts are reached; else our own ways to both. Nothing is sent that the toolkit counts, and nothing is broken.
func Distances(ctx context.Context, settings *config.Config, env *Environment) ([]Distance, error) {
	if timing, ok := env.Link().(fault.Timing); ok {
		return between(ctx, env, timing)
	}
	var list [2]Distance
	var problems [2]error
	var asking sync.WaitGroup
	for i, dc := range []*DataCenter{env.DC1, env.DC2} {
		asking.Go(func() {
			address, means, err := dc.nearest(settings)
			if err != nil {
				problems[i] = err
				return
			}
			list[i] = Distance{Where: "from here to " + dc.Name(), Means: means}
			if list[i].Way, err = distance.Measure(ctx, address, handshakes, handshakePause); err != nil {
				problems[i] = &Obstacle{model.Cause{Kind: model.CauseUnreachable, DataCenter: dc.Name(), Object: address, Problem: "could not be measured", Remedy: "see the lines above"}, err}
			}
		})
	}
	asking.Wait()
	for _, err := range problems {
		if err != nil {
			return nil, err
		}
	}
	return list[:], nil
}

// nearest is what can be reached of a data center that is nearest to the other: the toolkit's listener, else its management.
func (dc *DataCenter) nearest(settings *config.Config) (address, means string, err error) {
	if dc.reach.Toolkit != "" {
		return toolkitListener(dc.reach.Toolkit, settings.Toolkit.Port, 0), "the toolkit's listener", nil
	}
	root, err := url.Parse(dc.reach.Root)
	if err != nil {
		return "", "", fmt.Errorf("find the host of %s: %w", dc.Name(), err)
	}
	port := root.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[root.Scheme]
	}
	return net.JoinHostPort(root.Hostname(), port), "the management API", nil
}

// between measures the link itself, in both directions: a probe is a handshake, a request and its answer, which takes two round trips.
func between(ctx context.Context, env *Environment, timing fault.Timing) ([]Distance, error) {
	var list []Distance
	for _, way := range []struct {
		from, to  *DataCenter
		direction string
	}{{env.DC1, env.DC2, fault.ToDC2}, {env.DC2, env.DC1, fault.ToDC1}} {
		d := Distance{Where: fmt.Sprintf("from %s to %s", way.from.Name(), way.to.Name()), Between: true, Means: "a request to the toolkit's listener, sent by a host; half of what it took"}
		d.Way.Blind = true
		var last error
		for range handshakes {
			if ctx.Err() != nil {
				return nil, fmt.Errorf("measure the way %s: %w", d.Where, context.Cause(ctx))
			}
			d.Way.Tried++
			took, err := timing.ProbeTook(ctx, way.direction, env.HeartbeatPort)
			if err != nil {
				d.Way.Failed, last = d.Way.Failed+1, err
				continue
			}
			d.Way.RTT = append(d.Way.RTT, took/2)
		}
		slices.Sort(d.Way.RTT)
		if d.Way.Failed == d.Way.Tried {
			return nil, fmt.Errorf("measure the way %s: none of %d requests was answered: %w", d.Where, d.Way.Tried, last)
		}
		list = append(list, d)
	}
	return list, nil
}
