package refusal

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/crossdc/failover/reports/model"
)

// writable creates a folder with the given mode if need be and writes a file into it; the cause says what to set where that fails.
func writable(folder string, mode os.FileMode, setting, remedy string) *model.Cause {
	err := os.MkdirAll(folder, mode)
	if err == nil {
		var file *os.File
		if file, err = os.CreateTemp(folder, ".writable-*"); err == nil {
			err = errors.Join(file.Close(), os.Remove(file.Name()))
		}
	}
	if err == nil {
		return nil
	}
	return &model.Cause{Kind: model.CauseMachine, Setting: setting, Problem: fmt.Sprintf("%s=%q cannot be written (%s)", setting, folder, reason(err)), Remedy: remedy}
}

// startable starts a program from a folder: the suite builds the emulated data centers into the folder for temporary files,
// and a file system that is mounted noexec starts nothing.
func startable(folder string) *model.Cause {
	cause := &model.Cause{Kind: model.CauseMachine, Setting: "TMPDIR", Remedy: "set TMPDIR to a folder that can be written and that programs may be started from"}
	file, err := os.CreateTemp(folder, ".startable-*")
	if err != nil {
		cause.Problem = fmt.Sprintf("the folder for temporary files %q cannot be written (%s)", folder, reason(err))
		return cause
	}
	defer os.Remove(file.Name()) //nolint:errcheck // it is empty but for one line
	_, err = file.WriteString("#!/bin/sh\nexit 0\n")
	if err = errors.Join(err, file.Chmod(0o700), file.Close()); err != nil {
		cause.Problem = fmt.Sprintf("the folder for temporary files %q cannot be written (%s)", folder, reason(err))
		return cause
	}
	if err := exec.Command(filepath.Clean(file.Name())).Run(); errors.Is(err, syscall.EACCES) {
		cause.Problem = fmt.Sprintf("no program can be started from the folder for temporary files %q: it is mounted noexec", folder)
		return cause
	}
	return nil // whatever else a shell may have against it is not about the folder
}

func reason(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
