package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// sweep removes the folder when its standard input ends, which it does when the suite dies, however it dies. When the
// test runner died too (kill -9 of ginkgo), it also removes the test binaries that the runner left beside the suites.
// What was started with the folder as its TMPDIR and is still there is killed first: compilers of a build that was cut
// short, which nothing binds to the suite. It is a shell because it must outlive this program.
const sweep = `
trap '' INT TERM HUP
folder=$1; runner=$2; binaries=$3
read -r word
tries=0
while [ "$word" != done ] && [ $tries -lt 5 ]; do
  left=$(grep -lsa -- "TMPDIR=$folder" /proc/[0-9]*/environ | cut -d/ -f3)
  [ -z "$left" ] && break
  for process in $left; do [ "$process" != $$ ] && kill -KILL "$process" 2>/dev/null; done
  sleep 0.05; tries=$((tries+1))
done
if [ "$word" != done ]; then
  tries=0
  while [ -e "/proc/$4" ] && [ $tries -lt 10 ]; do sleep 0.1; tries=$((tries+1)); done
  if [ -n "$binaries" ] && ! kill -0 "$runner" 2>/dev/null; then
    for file in "$binaries"/../*/*.test; do [ -f "$file" ] && rm -f -- "$file"; done
  fi
fi
rm -rf -- "$folder"
`

// shell that runs the sweeper.
const shell = "/bin/sh"

// Folder is a temporary folder that goes away with the suite, whatever ends it.
type Folder struct {
	Path string

	sweeper *exec.Cmd
	word    io.WriteCloser
}

// NewFolder creates the folder and its sweeper.
func NewFolder() (*Folder, error) {
	path, err := os.MkdirTemp("", "crossdc-")
	if err != nil {
		return nil, fmt.Errorf("create the temporary folder of the environment: %w", err)
	}
	if _, err := os.Stat(shell); errors.Is(err, fs.ErrNotExist) {
		return &Folder{Path: path}, nil // an image with nothing but our programs: its folders and processes end with the container
	}
	binaries := ""
	if executable, err := os.Executable(); err == nil && leftByRunner(executable) {
		binaries = filepath.Dir(executable)
	}
	sweeper := exec.Command(shell, "-c", sweep, "sweeper", path, strconv.Itoa(parentAtStart), binaries, strconv.Itoa(os.Getpid()))
	sweeper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C in the terminal is not for it
	word, err := sweeper.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start the sweeper of %s: %w", path, err)
	}
	if err := sweeper.Start(); err != nil {
		return nil, fmt.Errorf("start the sweeper of %s: %w", path, err)
	}
	return &Folder{Path: path, sweeper: sweeper, word: word}, nil
}

// leftByRunner reports whether the executable is a test binary that ginkgo compiled into the package's own folder; one
// in a folder of "go test" belongs to the go command.
func leftByRunner(executable string) bool {
	_, err := os.Stat(filepath.Join(filepath.Dir(executable), "README.md"))
	sources, globErr := filepath.Glob(filepath.Join(filepath.Dir(executable), "*_test.go"))
	return strings.HasSuffix(executable, ".test") && (err == nil || globErr == nil && len(sources) > 0)
}

// Close removes the folder.
func (f *Folder) Close() error {
	if f.sweeper == nil {
		return os.RemoveAll(f.Path)
	}
	if _, err := io.WriteString(f.word, "done\n"); err != nil {
		return fmt.Errorf("tell the sweeper of %s to finish: %w", f.Path, err)
	}
	if err := f.word.Close(); err != nil {
		return fmt.Errorf("tell the sweeper of %s to finish: %w", f.Path, err)
	}
	if err := f.sweeper.Wait(); err != nil {
		return fmt.Errorf("remove %s: %w", f.Path, err)
	}
	return nil
}

// parentPoll is how often an orphaned suite notices that its runner is gone.
const parentPoll = 200 * time.Millisecond

// parentAtStart is who started this process: asked at once, because a parent that dies while we compile must be noticed
// afterwards.
var parentAtStart = os.Getppid()

// ExitWithParent calls orphaned when the process that started this one has died, for instance ginkgo by SIGKILL: the
// kernel then gives us another parent. It returns when ctx ends.
func ExitWithParent(ctx context.Context, orphaned func()) {
	ticker := time.NewTicker(parentPoll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if os.Getppid() != parentAtStart {
				orphaned()
				return
			}
		}
	}
}
