package environment

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestTheStopFileInterruptsTheRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stop")
	interrupted := make(chan struct{})
	s, err := watchStopFile(path, t.Logf, func() error { close(interrupted); return nil })
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	select {
	case <-interrupted:
		t.Fatal("interrupted before the file was there")
	case <-time.After(3 * stopPoll):
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	<-interrupted
	var obstacle *Obstacle
	if _, err := watchStopFile(path, t.Logf, nil); !errors.As(err, &obstacle) || obstacle.Cause.Setting != "CROSSDC_STOP_FILE" {
		t.Errorf("a run began although the file was there: %v", err)
	}
	if none, err := watchStopFile("", t.Logf, nil); err != nil || none != nil {
		t.Errorf("%v, %v", none, err)
	}
}
