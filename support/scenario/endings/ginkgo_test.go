package endings

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/record"
)

// patience bounds every wait for something that a healthy machine shows within seconds.
const patience = 60 * time.Second

// suiteFolder is the throw-away suite, from this folder.
const suiteFolder = "./testdata/endings"

// ginkgoRun is "go tool ginkgo" as a child, in a process group of its own as a shell starts it.
type ginkgoRun struct {
	t       *testing.T
	command *exec.Cmd
	output  *tail
	exited  chan error
	temp    string // TMPDIR of everything it starts: whatever is ours has it in its environment
	reports string
}

// ginkgo starts the scenarios with a label, from sources (then ginkgo compiles the suite, and the suite its programs) or
// from what was compiled once for all tests.
func ginkgo(t *testing.T, label string, fromSources bool, more ...string) *ginkgoRun {
	t.Helper()
	target, environ := suiteFolder, []string{}
	if !fromSources {
		target, environ = compiled(t)
	}
	return start(t, environ, more, "--label-filter="+label, target)
}

// start runs "go tool ginkgo" with arguments of its own.
func start(t *testing.T, environ, more []string, arguments ...string) *ginkgoRun {
	t.Helper()
	return run(t, exec.Command("go", append([]string{"tool", "ginkgo", "--no-color"}, arguments...)...), environ, more)
}

// direct runs a compiled suite by itself, as go test does.
func direct(t *testing.T, suite string, environ []string, label string) *ginkgoRun {
	t.Helper()
	return run(t, exec.Command(suite, "-ginkgo.no-color", "-ginkgo.label-filter="+label), environ, nil)
}

// run starts a command that runs a suite, with folders of its own.
func run(t *testing.T, command *exec.Cmd, environ, more []string) *ginkgoRun {
	t.Helper()
	r := &ginkgoRun{t: t, command: command, output: &tail{}, exited: make(chan error, 1), temp: shortTemp(t), reports: t.TempDir()}
	r.command.Env = append(clean(), "TMPDIR="+r.temp, "CROSSDC_REPORTS="+r.reports, "CROSSDC_JOURNAL="+filepath.Join(r.reports, "journal"), "CROSSDC_HISTORY=-",
		"CROSSDC_RATE=200", "CROSSDC_MINIMUM_LOAD=0.1") // endings are looked at, not load: a busy machine must not matter
	r.command.Env = append(append(r.command.Env, environ...), more...)
	r.command.Stdout, r.command.Stderr = r.output, r.output
	r.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := r.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { r.exited <- r.command.Wait() }()
	t.Cleanup(func() {
		for pid := range r.ours() { // only what carries our TMPDIR
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		if t.Failed() {
			t.Logf("output:\n%s", r.output)
		}
	})
	return r
}

// shortTemp is a temporary folder with a short path: unix sockets live below it.
func shortTemp(t *testing.T) string {
	t.Helper()
	path, err := os.MkdirTemp("", "e-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(path) })
	return path
}

// clean is our own environment without settings and without our own temporary folder.
func clean() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, "CROSSDC_") || strings.HasPrefix(entry, "TMPDIR=")
	})
}

// ours lists the living processes that were started with our TMPDIR or below it, with their command lines.
func (r *ginkgoRun) ours() map[int]string {
	found := map[int]string{}
	entries, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, entry := range entries {
		raw, err := os.ReadFile(entry)
		if err != nil || !bytes.Contains(raw, []byte("TMPDIR="+r.temp)) {
			continue
		}
		command, _ := os.ReadFile(filepath.Join(filepath.Dir(entry), "cmdline"))
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(entry)))
		if err == nil && len(command) > 0 { // a zombie has no command line
			found[pid] = strings.TrimSpace(strings.ReplaceAll(string(command), "\x00", " "))
		}
	}
	return found
}

// process waits for one of our processes whose command line satisfies a condition.
func (r *ginkgoRun) process(what string, is func(command string) bool) int {
	r.t.Helper()
	pid := 0
	r.until(what, func() bool {
		for candidate, command := range r.ours() {
			if is(command) {
				pid = candidate
				return true
			}
		}
		return false
	})
	return pid
}

// says waits until the run has printed a text.
func (r *ginkgoRun) says(text string) {
	r.t.Helper()
	r.until("it says "+text, func() bool { return strings.Contains(r.output.String(), text) })
}

func (r *ginkgoRun) until(what string, reached func() bool) {
	r.t.Helper()
	deadline := time.Now().Add(patience)
	for !reached() {
		select {
		case err := <-r.exited:
			r.t.Fatalf("it ended (%v) before %s", err, what)
		default:
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("waited %v for %s", patience, what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// kill sends SIGKILL to ginkgo itself: not to the go command around it, and not to the suite below it.
func (r *ginkgoRun) kill() {
	r.t.Helper()
	r.signal("ginkgo", syscall.SIGKILL)
}

// signal sends a signal to the one process of ours that runs the program with this name.
func (r *ginkgoRun) signal(program string, signal syscall.Signal) {
	r.t.Helper()
	pid := r.process(program, func(command string) bool {
		path, _, _ := strings.Cut(command, " ")
		return filepath.Base(path) == program
	})
	if err := syscall.Kill(pid, signal); err != nil {
		r.t.Fatal(err)
	}
}

// shows runs reports/show over what the run has left.
func (r *ginkgoRun) shows() (exit int, text string) {
	r.t.Helper()
	show := exec.Command("go", "run", "../../../reports/show", r.reports)
	output, err := show.CombinedOutput()
	if err != nil && show.ProcessState == nil {
		r.t.Fatal(err)
	}
	return show.ProcessState.ExitCode(), string(output)
}

// junit returns the test cases of the merged JUnit file as "element type: name", the element "passed" for those without.
func (r *ginkgoRun) junit() []string {
	r.t.Helper()
	raw, err := os.ReadFile(filepath.Join(r.reports, "junit.xml"))
	if err != nil {
		r.t.Fatal(err)
	}
	type problem struct {
		Type string `xml:"type,attr"`
	}
	var file struct {
		Cases []struct {
			Name    string   `xml:"name,attr"`
			Failure *problem `xml:"failure"`
			Error   *problem `xml:"error"`
			Skipped *problem `xml:"skipped"`
		} `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal(raw, &file); err != nil {
		r.t.Fatalf("junit.xml is not valid: %v", err)
	}
	var cases []string
	for _, c := range file.Cases {
		how := "passed"
		switch {
		case c.Failure != nil:
			how = "failure " + c.Failure.Type
		case c.Error != nil:
			how = "error " + c.Error.Type
		case c.Skipped != nil:
			how = "skipped"
		}
		cases = append(cases, how+": "+c.Name)
	}
	return cases
}

// interrupt is Ctrl-C: the terminal sends SIGINT to the whole foreground group.
func (r *ginkgoRun) interrupt() {
	r.t.Helper()
	if err := syscall.Kill(-r.command.Process.Pid, syscall.SIGINT); err != nil {
		r.t.Fatal(err)
	}
}

// wait returns when the run has ended, and says whether its exit code was 0.
func (r *ginkgoRun) wait() (success bool) {
	r.t.Helper()
	select {
	case err := <-r.exited:
		return err == nil
	case <-time.After(patience):
		r.t.Fatalf("the run did not end within %v", patience)
		return false
	}
}

// fails waits, and expects an exit code that a pipeline takes for a failure.
func (r *ginkgoRun) fails() {
	r.t.Helper()
	if r.wait() {
		r.t.Error("a run that ended badly has exit code 0")
	}
}

// vanishes expects that within 2 s nothing is left: no process, no listener, no temporary file, no test binary.
func (r *ginkgoRun) vanishes() {
	r.t.Helper()
	deadline := time.Now().Add(2 * time.Second)
	for {
		left := r.left()
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("2 s later there is still:\n%s", strings.Join(left, "\n"))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (r *ginkgoRun) left() []string {
	var left []string
	for pid, command := range r.ours() {
		left = append(left, fmt.Sprintf("process %d: %s", pid, command))
	}
	files, _ := filepath.Glob(filepath.Join(r.temp, "crossdc-*"))
	binaries, _ := filepath.Glob(filepath.Join(suiteFolder, "*.test"))
	return append(append(left, files...), binaries...)
}

// listeners returns the local addresses of the block in /proc/net/tcp's own notation that listen now. address is any of
// the block's.
func listeners(t *testing.T, address string) []string {
	t.Helper()
	var a, b, c, d int
	if _, err := fmt.Sscanf(address, "%d.%d.%d.%d", &a, &b, &c, &d); err != nil {
		t.Fatalf("address %q: %v", address, err)
	}
	block := fmt.Sprintf("%02X%02X%02X:", c, b, a) // little endian: host byte first
	raw, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(raw)) {
		fields := strings.Fields(line)
		if len(fields) > 3 && fields[3] == "0A" && strings.Contains(fields[1], block) {
			found = append(found, fields[1])
		}
	}
	return found
}

// stored returns the one scenario that the run has left on disk.
func (r *ginkgoRun) stored() model.Scenario {
	r.t.Helper()
	all, err := record.LoadAll(filepath.Join(r.reports, "runs"))
	if err != nil || len(all) != 1 {
		r.t.Fatalf("stored: %d scenarios, %v; want one", len(all), err)
	}
	return all[0].Scenario
}

// published checks that the reports for machines are whole and name the scenario with an outcome.
func (r *ginkgoRun) published(name string, outcome model.Outcome) {
	r.t.Helper()
	raw, err := os.ReadFile(filepath.Join(r.reports, "junit.xml"))
	if err != nil {
		r.t.Fatal(err)
	}
	var junit struct {
		Cases []struct {
			Name string `xml:"name,attr"`
		} `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal(raw, &junit); err != nil {
		r.t.Fatalf("junit.xml is not valid: %v", err)
	}
	if !slices.ContainsFunc(junit.Cases, func(c struct {
		Name string `xml:"name,attr"`
	}) bool {
		return strings.Contains(c.Name, name)
	}) {
		r.t.Errorf("junit.xml has no test case for %q: %s", name, raw)
	}
	if raw, err = os.ReadFile(filepath.Join(r.reports, "summary.json")); err != nil {
		r.t.Fatal(err)
	}
	var summary struct {
		Scenarios []struct{ Name, Verdict string }
	}
	if err := json.Unmarshal(raw, &summary); err != nil {
		r.t.Fatalf("summary.json is not valid: %v", err)
	}
	for _, s := range summary.Scenarios {
		if s.Name == name {
			if s.Verdict != string(outcome) {
				r.t.Errorf("summary.json says of %q: %s, want %s", name, s.Verdict, outcome)
			}
			return
		}
	}
	r.t.Errorf("summary.json has no %q: %s", name, raw)
}

// tail is a buffer that is read while it is written.
type tail struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *tail) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *tail) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
