package environment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment/gateway"
	"github.com/crossdc/failover/support/environment/process"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/toolkit/access"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// emulatedPair is the kind of environment whose data centers are processes of the run.
func emulatedPair() kind {
	return kind{
		name: config.Embedded, open: openEmbedded, traps: givenTraps, clocks: oneClock,
		checks: func(settings *config.Config) []Checked {
			speedup := Checked{What: "speedup", Fits: fmt.Sprintf("CROSSDC_SPEEDUP=%g measures finely enough", settings.Speedup)}
			if cause := tooFast(settings); cause != nil {
				speedup.Causes = append(speedup.Causes, *cause)
			}
			return []Checked{speedup, {What: "programs", Fits: "the given ones can be started, the others are built", Causes: programs(settings)}}
		},
		accuracy: func(e *Environment) string {
			return fmt.Sprintf("one machine, one clock: fused intervals of about ±%v wall = ±%.3g s of toolkit time, wider when the machine is busy", measuringError, measuringError.Seconds()*e.Speedup)
		},
	}
}

// embedded is what an environment of emulated data centers owns and must take away again.
type embedded struct {
	folder    *process.Folder
	programs  *Programs
	launcher  *process.Launcher
	block     *process.Block
	running   []*processes
	relay     *process.Process
	proxies   []*gateway.Gateway // between us and the data centers, where a scenario asked for them
	databases []*database        // in which data centers keep replicas, where a scenario asked for them
	orphans   context.CancelFunc // ends the watch for our own parent
	watching  sync.WaitGroup
}

// bootTimeout bounds the start of one emulated process, in wall time.
const bootTimeout = 30 * time.Second

// relayReady is the relay's ready line.
type relayReady struct {
	Control string `json:"control"`
}

// openEmbedded starts two emulated data centers with a relay between them, and submits the application to both the way
// anybody would: application configuration, bundle, job, over the management API.
func openEmbedded(ctx context.Context, settings *config.Config, options Options) (_ *Environment, err error) {
	own := &embedded{launcher: process.NewLauncher()}
	env := &Environment{Speedup: settings.Speedup, own: own}
	defer func() {
		if err != nil {
			err = errors.Join(err, env.Close(context.WithoutCancel(ctx)))
		}
	}()
	watching, stop := context.WithCancel(context.Background())
	own.orphans = stop
	own.watching.Go(func() { process.ExitWithParent(watching, func() { os.Exit(1) }) }) // the kernel and the sweeper do the rest
	if own.folder, err = process.NewFolder(); err != nil {
		return nil, noFolder(err)
	}
	random := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) // addresses need not repeat with the seed
	if own.block, err = process.ReserveBlock(random); err != nil {
		return nil, err
	}
	if own.programs, err = Build(Programs{Emulator: settings.Emulator.Path, Relay: settings.Emulator.Relay}); err != nil {
		return nil, err
	}
	if err := portsFree(ctx, own.block, settings); err != nil {
		return nil, err
	}
	if err := own.startRelay(ctx, env, settings, own.programs.Relay); err != nil {
		return nil, err
	}
	for n := 1; n <= 2; n++ {
		if n == 2 {
			if err := anyPhase(ctx, settings); err != nil {
				return nil, err
			}
		}
		dc, err := own.startDataCenter(ctx, n, settings, options, own.programs.Emulator)
		if err != nil {
			return nil, err
		}
		if n == 1 {
			env.DC1 = dc
		} else {
			env.DC2 = dc
		}
	}
	if counters := serving(settings); len(counters) > 0 {
		for n, dc := range []*DataCenter{env.DC1, env.DC2} {
			if passive(settings, n+1) {
				continue // nothing of the application runs there yet
			}
			if _, err := dc.countersPresent(ctx, counters, settings.Described().File()); err != nil {
				return nil, err
			}
		}
	}
	options.progress("two data centers at %s and %s, speedup %g", own.block.DataCenter(1), own.block.DataCenter(2), settings.Speedup)
	return env, nil
}

// anyPhase waits for a part of a heartbeat interval that is drawn from the seed. Started one right after the other, the two
// data centers would beat almost in step every time, and detection would only ever be seen at that phase of it.
func anyPhase(ctx context.Context, settings *config.Config) error {
	part := rand.New(rand.NewPCG(uint64(settings.Seed), 2)).Float64()
	timer := time.NewTimer(time.Duration(part * float64(settings.Wall(settings.Toolkit.HeartbeatInterval))))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("start the second data center: %w", context.Cause(ctx))
	}
}

func (o *embedded) startRelay(ctx context.Context, env *Environment, settings *config.Config, program string) error {
	ports := make([]int, settings.Toolkit.Pairs+1)
	for i := range ports {
		ports[i] = settings.Toolkit.Port + i
	}
	token, tokenFile, err := newSecretFile(filepath.Join(o.folder.Path, relayTokenFile))
	if err != nil {
		return err
	}
	type link struct {
		Direction string `json:"direction"`
		Listen    string `json:"listen"`
		Target    string `json:"target"`
		Ports     []int  `json:"ports"`
	}
	file := filepath.Join(o.folder.Path, "relay.json")
	if err := writeJSON(file, map[string]any{
		"name": "relay", "seed": settings.Seed, "control": o.block.Relay(1, 2) + ":0", "tokenFile": tokenFile,
		"links": []link{
			{fault.ToDC2, o.block.Relay(1, 2), o.block.DataCenter(2), ports},
			{fault.ToDC1, o.block.Relay(2, 1), o.block.DataCenter(1), ports},
		},
	}); err != nil {
		return err
	}
	booting, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()
	if o.relay, err = o.launcher.Start(booting, "the relay", program, []string{"--config", file}, childEnvironment(o.folder.Path)); err != nil {
		return notStarted("the relay", program, "CROSSDC_EMULATOR_RELAY", err)
	}
	var ready relayReady
	if err := json.Unmarshal(o.relay.Ready, &ready); err != nil || ready.Control == "" {
		return notStarted("the relay", program, "CROSSDC_EMULATOR_RELAY", fmt.Errorf("its ready line %q names no control address (%v)", o.relay.Ready, err))
	}
	env.link = newRelay(ready.Control, token, map[string]string{
		fault.ToDC2: o.block.Relay(1, 2), fault.ToDC1: o.block.Relay(2, 1),
	}, settings.Toolkit.Port)
	return nil
}

func (o *embedded) startDataCenter(ctx context.Context, n int, settings *config.Config, options Options, program string) (*DataCenter, error) {
	name, place := settings.Sites()[n-1].Name, "dc"+strconv.Itoa(n)
	site := &emulated{name: name, place: place, address: o.block.DataCenter(n), peer: o.block.Relay(n, 3-n), direct: o.block.DataCenter(3 - n), folder: filepath.Join(o.folder.Path, place)}
	if err := site.prepare(instanceConfig{
		Speedup: settings.Speedup, Refresh: "3s", Seed: uint64(settings.Seed) + uint64(n), Merge: settings.Application.Merge,
		Truth: options.truth(place), Switches: options.Switches[place],
	}); err != nil {
		return nil, err
	}
	start := func(ctx context.Context) (*process.Process, error) {
		booting, cancel := context.WithTimeout(ctx, bootTimeout)
		defer cancel()
		return o.launcher.Start(booting, name, program, []string{"instance", "--config", site.config}, childEnvironment(o.folder.Path))
	}
	started, err := start(ctx)
	if err != nil {
		return nil, notStarted(name, program, "CROSSDC_EMULATOR_PATH", err)
	}
	running := &processes{start: start}
	running.now.Store(started)
	o.running = append(o.running, running)
	var ready instanceReady
	if err := json.Unmarshal(started.Ready, &ready); err != nil || ready.Root == "" {
		return nil, notStarted(name, program, "CROSSDC_EMULATOR_PATH", fmt.Errorf("its ready line %q is not understood (%v)", started.Ready, err))
	}
	submission := Submission{JobName: "FailoverDrill", Tracing: "info", Parameters: map[string]string{
		"numberOfHttpSenderReceiverPairs": strconv.Itoa(settings.Toolkit.Pairs), "mergePolicy": settings.Application.Merge,
		"clockFile": filepath.Join(site.folder, "clock"), "storageHeld": folder{site.storage()}.hung(),
	}}
	if load := settings.Described().Embedded.Load; load > 0 {
		submission.Parameters["source"], submission.Parameters["sourceAddress"] = "beacon", strconv.Itoa(load)
	}
	if settings.Application.Fused {
		submission.PEs = 1
	}
	if options.File != nil {
		if submission.Parameters["configFileName"], err = site.configurationFile(options.File(place)); err != nil {
			return nil, err
		}
	}
	if options.Submit != nil {
		options.Submit(place, &submission)
	}
	if submission.Fragments > 0 {
		submission.Parameters["fragments"] = strconv.Itoa(submission.Fragments)
	}
	application := submission.JobName
	if passive(settings, n) {
		if submission, err = site.guard(program, ready, submission); err != nil {
			return nil, err
		}
	}
	var store *database
	if options.Database == place {
		if store, err = o.startDatabase(ctx, name, n, program); err != nil {
			return nil, err
		}
	}
	reach := Reach{
		Name: name, Root: ready.Root, Data: ready.Data, Metrics: ready.Metrics, Instance: instanceID, Toolkit: site.address,
		Access:      access.Config{User: emulatedUser, Password: access.NewSecret(site.password), CAFile: ready.CA, Timeout: settings.CallTimeout},
		Application: settings.Application.Composite, Submission: submission, Endpoints: application,
	}
	var proxy *gateway.Gateway
	if options.Obscurable == place {
		if reach, proxy, err = o.between(ctx, place, reach); err != nil {
			return nil, err
		}
	}
	dc, err := connect(reach, endpointNames(settings))
	if err != nil {
		return nil, err
	}
	dc.proxy = proxy
	if passive(settings, n) {
		dc.standby = dc.newStandby(application, site.scriptLog())
	}
	dc.processes, running.dc, dc.folder, dc.clockFile = running, dc, site.storage(), submission.Parameters["clockFile"]
	if dc.database = store; store != nil {
		dc.folder = ""
	}
	return dc, dc.configure(ctx, settings, site, options)
}

// instanceID of an emulated instance.
const instanceID = "StreamsInstance"

// configure gives the application its toolkit configuration the documented way and submits it.
func (dc *DataCenter) configure(ctx context.Context, settings *config.Config, site *emulated, options Options) error {
	instance, err := dc.management.currentInstance(ctx)
	if err != nil {
		return fmt.Errorf("configure %s: %w", dc.Name(), err)
	}
	values := ToolkitConfig(settings)
	values.LocalDataCenterName = dc.Name()
	values.RemoteMachineNames = site.peer
	if options.Machines != nil {
		values.RemoteMachineNames = options.Machines(site.place, site.peer, site.direct)
	}
	values.StorageDirectory = site.storage()
	if dc.database != nil {
		dc.database.tell(&values)
	}
	if options.Configure != nil {
		options.Configure(site.place, site.address, &values)
	}
	dc.given = &values
	properties := values.Properties(settings.Application.Composite)
	if dc.standby != nil {
		properties = monitored(properties, values)
	}
	if _, err := dc.management.client.CreateApplicationConfiguration(ctx, instance, settings.Application.Configuration,
		"Cross-DC Failover toolkit", properties); err != nil {
		return fmt.Errorf("configure %s: %w", dc.Name(), err)
	}
	submitting, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()
	_, err = dc.management.SubmitJob(submitting)
	return err
}

// configurationFile leaves a data center the toolkit's configuration file and names it; an empty text leaves none.
func (e *emulated) configurationFile(text string) (string, error) {
	path := filepath.Join(e.folder, "crossdc-config.txt")
	if text == "" {
		return path, nil
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("leave %s its configuration file: %w", e.name, err)
	}
	return path, nil
}

// ToolkitConfig is the toolkit's configuration that the settings stand for; names, machines and storage are each side's own.
func ToolkitConfig(settings *config.Config) crossdc.Config {
	t := settings.Toolkit
	c := crossdc.Shipped()
	c.HTTPPort = int32(t.Port)
	c.InitDelay = t.InitDelay.Seconds()
	c.HeartbeatInterval = t.HeartbeatInterval.Seconds()
	c.MissesAllowed = t.Misses
	c.SnapshotInterval = t.SnapshotInterval.Seconds()
	c.HTTPConnectionTimeout = int32(t.ConnectTimeout / time.Second)
	c.HTTPReadTimeout = int32(t.ReadTimeout / time.Second)
	c.SendToAllRemoteMachines = t.SendToAll
	c.RetainOlderSnapshots = t.RetainSnapshots
	c.SendSnapshotsToOriginDC = t.ReturnSnapshots
	c.AlwaysLogHTTPErrors = t.LogHTTPErrors
	c.HTTPSenderReceiverPairs = int32(t.Pairs)
	return c
}

// close ends every process, removes the folder and gives the addresses back.
func (o *embedded) close(ctx context.Context) error {
	var problems []error
	for _, p := range o.running {
		problems = append(problems, p.now.Load().Kill(ctx))
	}
	if o.relay != nil {
		problems = append(problems, o.relay.Terminate(ctx))
	}
	o.launcher.Close()
	for _, proxy := range o.proxies {
		problems = append(problems, proxy.Close())
	}
	for _, store := range o.databases {
		problems = append(problems, store.close(ctx))
	}
	if o.programs != nil {
		problems = append(problems, o.programs.Close())
	}
	if o.folder != nil {
		problems = append(problems, o.folder.Close())
	}
	if o.block != nil {
		problems = append(problems, o.block.Release())
	}
	if o.orphans != nil {
		o.orphans()
		o.watching.Wait()
	}
	return errors.Join(problems...)
}
