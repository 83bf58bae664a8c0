package environment

import (
	"errors"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// stopPoll is how often it is looked whether the file is there: a file system tells nobody that it appears on another machine.
const stopPoll = 200 * time.Millisecond

// stopFile ends this process like Ctrl-C once the file of CROSSDC_STOP_FILE appears: everything heals, and the run ends as interrupted.
type stopFile struct {
	done  chan struct{}
	ended chan struct{}
	once  sync.Once
}

// watchStopFile refuses to begin while the file is there, and watches for it otherwise. An empty path watches nothing.
func watchStopFile(path string, progress func(string, ...any), interrupt func() error) (*stopFile, error) {
	if path == "" {
		return nil, nil
	}
	there, err := exists(path)
	switch {
	case err != nil:
		return nil, &Obstacle{model.Cause{Kind: model.CauseSettings, Setting: "CROSSDC_STOP_FILE", Problem: "the file that stops everything cannot be looked for: " + err.Error()}, err}
	case there:
		return nil, &Obstacle{model.Cause{Kind: model.CauseSettings, Setting: "CROSSDC_STOP_FILE", Object: path, Problem: "the file that stops everything is there", Remedy: "remove it once things may be broken again"}, nil}
	}
	s := &stopFile{done: make(chan struct{}), ended: make(chan struct{})}
	go s.watch(path, progress, interrupt)
	return s, nil
}

func (s *stopFile) watch(path string, progress func(string, ...any), interrupt func() error) {
	defer close(s.ended)
	ticker := time.NewTicker(stopPoll)
	defer ticker.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-ticker.C:
		}
		if there, err := exists(path); err == nil && there {
			progress("%s (CROSSDC_STOP_FILE) appeared: everything is healed, and the run ends", path)
			if err := interrupt(); err != nil {
				progress("the run could not be interrupted: %v", err)
			}
			return
		}
	}
}

// close stops watching; twice is no error, nor is watching nothing.
func (s *stopFile) close() {
	if s == nil {
		return
	}
	s.once.Do(func() { close(s.done) })
	<-s.ended
}

// interruptSelf is Ctrl-C.
func interruptSelf() error { return syscall.Kill(os.Getpid(), syscall.SIGINT) }

func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
