package environment

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment/process"
)

// portsFree says, before anything is started, whether somebody else listens where the emulated data centers and the relay
// will: a process that listens on every address does, and what it takes would only be missed half a minute later.
func portsFree(ctx context.Context, block *process.Block, settings *config.Config) error {
	type place struct {
		host    string
		port    int
		setting string
	}
	var places []place
	for n := 1; n <= 2; n++ {
		places = append(places, place{block.DataCenter(n), restPort, ""}, place{block.DataCenter(n), dataPort, ""})
		for offset := 0; offset <= settings.Toolkit.Pairs; offset++ {
			port := settings.Toolkit.Port + offset
			places = append(places, place{block.DataCenter(n), port, "CROSSDC_TOOLKIT_PORT"}, place{block.Relay(n, 3-n), port, "CROSSDC_TOOLKIT_PORT"})
		}
	}
	for _, p := range places {
		address := net.JoinHostPort(p.host, strconv.Itoa(p.port))
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", address)
		switch {
		case err == nil:
			if err := listener.Close(); err != nil {
				return fmt.Errorf("try whether port %d is free: %w", p.port, err)
			}
		case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, syscall.EACCES):
			cause := model.Cause{Kind: model.CausePort, Problem: fmt.Sprintf("port %d is taken by another program", p.port), Object: address, Setting: p.setting,
				Remedy: fmt.Sprintf("end it (ss -ltnp 'sport = :%d' names it)", p.port), Detail: err.Error()}
			if errors.Is(err, syscall.EACCES) {
				cause.Problem, cause.Remedy = fmt.Sprintf("port %d may not be listened on by this user", p.port), "use one above 1023"
			}
			if p.setting != "" {
				cause.Remedy += ", or set " + p.setting + " to another one"
			}
			return &Obstacle{cause, err}
		default:
			return fmt.Errorf("try whether port %d is free: %w", p.port, err)
		}
	}
	return nil
}

// notStarted is the obstacle of a program that did not come up; program is its path.
func notStarted(name, program, setting string, err error) error {
	return &Obstacle{model.Cause{Kind: model.CauseBuild, Setting: setting, Problem: fmt.Sprintf("%s did not start (%s)", name, program), Detail: err.Error(),
		Remedy: "see what it says, and check " + setting}, err}
}
