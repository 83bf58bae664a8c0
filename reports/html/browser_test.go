package html

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/crossdc/failover/reports/internal/sample"
)

// browser is a real one that is told what to do over its own protocol: Chromium's DevTools, Firefox's WebDriver BiDi. Neither
// is held back by the page's content security policy.
type browser struct {
	t        *testing.T
	ctx      context.Context
	conn     *websocket.Conn
	chromium bool
	target   string // session (Chromium) or context (Firefox) of the one page
	last     int
}

// browsers are those that are tested, by the names of their programs.
var browsers = map[string][]string{"chromium": {"chromium", "chromium-browser", "google-chrome"}, "firefox": {"firefox-esr", "firefox"}}

var listening = regexp.MustCompile(`listening on (ws://\S+)`)

// start starts a browser of its own profile and ends it with the test, which it skips, with the reason, where there is none.
func start(t *testing.T, name string) *browser { return startIn(t, name, false) }

// startIn starts a browser whose system has light or dark colors.
func startIn(t *testing.T, name string, dark bool) *browser {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: the page was not opened in a browser")
	}
	binary := ""
	for _, program := range browsers[name] {
		if path, err := exec.LookPath(program); err == nil {
			binary = path
			break
		}
	}
	if binary == "" {
		t.Skipf("there is no %s on this machine: the page was not opened in it", name)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	t.Cleanup(cancel)
	profile := t.TempDir()
	if name == "firefox" && dark {
		const preference = `user_pref("layout.css.prefers-color-scheme.content-override", 0);`
		if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(preference), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	arguments := []string{"--headless", "--remote-debugging-port=0", "--no-remote", "--profile", profile, "about:blank"}
	if name == "chromium" {
		arguments = []string{"--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
			"--disable-sync", "--remote-debugging-port=0", "--user-data-dir=" + profile, "about:blank"}
	}
	command := exec.CommandContext(ctx, binary, arguments...)
	command.Env = append(os.Environ(), "HOME="+profile)
	output, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatalf("start %s: %v", binary, err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // killed
	})
	b := &browser{t: t, ctx: ctx, chromium: name == "chromium"}
	address := ""
	lines := bufio.NewScanner(output)
	for address == "" && lines.Scan() {
		if found := listening.FindStringSubmatch(lines.Text()); found != nil {
			address = found[1]
		}
	}
	if address == "" {
		t.Fatalf("%s does not say where it listens", binary)
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines.Scan() {
		}
	}()
	t.Cleanup(func() { _ = command.Process.Kill(); <-drained })
	if !b.chromium {
		address += "/session"
	}
	b.conn, _, err = websocket.Dial(ctx, address, nil)
	if err != nil {
		t.Fatalf("connect to %s: %v", address, err)
	}
	b.conn.SetReadLimit(64 << 20)
	t.Cleanup(func() { _ = b.conn.CloseNow() })
	if b.chromium {
		page := b.call("Target.createTarget", map[string]any{"url": "about:blank"})
		b.target = b.call("Target.attachToTarget", map[string]any{"targetId": page["targetId"], "flatten": true})["sessionId"].(string)
		if dark {
			b.media("screen", "dark")
		}
	} else {
		b.call("session.new", map[string]any{"capabilities": map[string]any{}})
		tree := b.call("browsingContext.getTree", map[string]any{})
		b.target = tree["contexts"].([]any)[0].(map[string]any)["context"].(string)
	}
	return b
}

// call waits for the answer and ignores events.
func (b *browser) call(method string, parameters map[string]any) map[string]any {
	b.t.Helper()
	b.last++
	request := map[string]any{"id": b.last, "method": method, "params": parameters}
	if b.chromium && b.target != "" {
		request["sessionId"] = b.target
	}
	if err := wsjson.Write(b.ctx, b.conn, request); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	for {
		var answer struct {
			ID     int            `json:"id"`
			Result map[string]any `json:"result"`
			Error  any            `json:"error"`
			Say    string         `json:"message"`
		}
		if err := wsjson.Read(b.ctx, b.conn, &answer); err != nil {
			b.t.Fatalf("%s: %v", method, err)
		}
		if answer.ID != b.last {
			continue
		}
		if answer.Error != nil {
			b.t.Fatalf("%s: %v %s", method, answer.Error, answer.Say)
		}
		return answer.Result
	}
}

// eval runs an expression that gives a string, or a promise of one.
func (b *browser) eval(expression string) string {
	b.t.Helper()
	if b.chromium {
		answer := b.call("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true})
		if problem := answer["exceptionDetails"]; problem != nil {
			b.t.Fatalf("%.200s: %v", expression, problem)
		}
		value, _ := answer["result"].(map[string]any)["value"].(string)
		return value
	}
	answer := b.call("script.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "target": map[string]any{"context": b.target}})
	if answer["type"] != "success" {
		b.t.Fatalf("%.200s: %v", expression, answer)
	}
	value, _ := answer["result"].(map[string]any)["value"].(string)
	return value
}

// open loads a page with a window of that width, in CSS pixels, and waits until it is complete. It returns how long that took
// by the browser's own clock, in milliseconds.
func (b *browser) open(page string, width int) float64 {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "index.html")
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.size(width)
	if b.chromium {
		b.call("Page.navigate", map[string]any{"url": "file://" + path})
	} else {
		b.call("browsingContext.navigate", map[string]any{"context": b.target, "url": "file://" + path, "wait": "complete"})
	}
	took := b.eval(`new Promise((done) => { const look = () => { const e = performance.getEntriesByType("navigation")[0];
		if (location.protocol === "file:" && document.readyState === "complete" && e && e.loadEventEnd > 0) done(String(e.loadEventEnd)); else setTimeout(look, 20); }; look(); })`)
	var ms float64
	if _, err := fmt.Sscan(took, &ms); err != nil {
		b.t.Fatalf("how long it took to open the page: %q", took)
	}
	return ms
}

// size gives the window a width, in CSS pixels.
func (b *browser) size(width int) {
	b.t.Helper()
	if b.chromium {
		b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false})
	} else {
		b.call("browsingContext.setViewport", map[string]any{"context": b.target, "viewport": map[string]any{"width": width, "height": 900}})
	}
}

// axe is the source of axe-core, found where node looks for modules.
func axe(t *testing.T) string {
	t.Helper()
	for _, folder := range filepath.SplitList(os.Getenv("NODE_PATH")) {
		if source, err := os.ReadFile(filepath.Join(folder, "axe-core", "axe.min.js")); err == nil {
			return string(source)
		}
	}
	t.Skip("there is no axe-core in NODE_PATH (npm install axe-core): accessibility was not checked")
	return ""
}

// TestNothingStandsBesideThePage: at no width, nor at 200 % (640 pixels of 1280), does one have to scroll sideways.
func TestNothingStandsBesideThePage(t *testing.T) {
	for name := range browsers {
		t.Run(name, func(t *testing.T) {
			b := start(t, name)
			page := write(t, stored(t), richOptions(t))
			for _, width := range []int{390, 640, 1280} {
				b.open(page, width)
				b.eval(`document.querySelectorAll("details").forEach((d) => { d.open = true; }); ""`)
				if over := b.eval(`String(document.documentElement.scrollWidth - innerWidth)`); !strings.HasPrefix(over, "-") && over != "0" {
					t.Errorf("at %d the page is %s pixels too wide", width, over)
				}
			}
		})
	}
}

// TestThousandsOpenSoon: in less than two seconds of a core, which is what counts on a machine that does other things too.
func TestThousandsOpenSoon(t *testing.T) {
	for name := range browsers {
		t.Run(name, func(t *testing.T) {
			b := start(t, name)
			if b.chromium {
				b.call("Performance.enable", map[string]any{"timeDomain": "threadTicks"})
			}
			t.Logf("2,000 scenarios opened in %.0f ms", b.open(write(t, sample.Many(2000, 5), Options{}), 1280))
			if !b.chromium {
				return // it does not say what it used
			}
			for _, metric := range b.call("Performance.getMetrics", map[string]any{})["metrics"].([]any) {
				m := metric.(map[string]any)
				if m["name"] != "TaskDuration" {
					continue
				}
				used := m["value"].(float64)
				t.Logf("with %.2f s of a core", used)
				if used > 2 {
					t.Errorf("%.2f s of a core, want at most 2", used)
				}
			}
		})
	}
}

// TestALinkIntoFoldedDetailsUnfoldsThem: an objective leads to its formula, which stands in the scenario's details.
func TestALinkIntoFoldedDetailsUnfoldsThem(t *testing.T) {
	for name := range browsers {
		t.Run(name, func(t *testing.T) {
			b := start(t, name)
			b.open(write(t, stored(t), Options{}), 1280)
			got := b.eval(`new Promise((done) => { const link = [...document.querySelectorAll('#table a[href$="-formula"]')].pop(); const target = document.querySelector(link.hash);
				const before = target.closest("details").open; link.click(); setTimeout(() => { const at = target.getBoundingClientRect(); done(before + " " + target.closest("details").open + " " + (at.top >= 0 && at.bottom <= innerHeight)); }, 500); })`)
			if got != "false true true" {
				t.Errorf("open before, open after, in sight: %s", got)
			}
		})
	}
}
