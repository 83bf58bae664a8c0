// Package browser opens pages in a real Chromium and a real Firefox, for tests of what reports write. A test is skipped, with the
// reason, where the browser is not installed.
//
// Tests in reports may import it; it imports nothing of this module.
package browser

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// Browser is a real one that is told what to do over its own protocol: Chromium's DevTools, Firefox's WebDriver BiDi. Neither
// is held back by the page's content security policy.
type Browser struct {
	t        *testing.T
	ctx      context.Context
	conn     *websocket.Conn
	Chromium bool   // else Firefox
	target   string // session (Chromium) or context (Firefox) of the one page
	last     int
}

// Names are the browsers that pages are tested in.
func Names() []string { return []string{"chromium", "firefox"} }

// programs are their names as commands.
var programs = map[string][]string{"chromium": {"chromium", "chromium-browser", "google-chrome"}, "firefox": {"firefox-esr", "firefox"}}

var listening = regexp.MustCompile(`listening on (ws://\S+)`)

// Start starts a browser of its own profile and ends it with the test, which it skips, with the reason, where there is none.
func Start(t *testing.T, name string) *Browser {
	t.Helper()
	return StartIn(t, name, false)
}

// StartIn starts a browser whose system has light or dark colors.
func StartIn(t *testing.T, name string, dark bool) *Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: the page was not opened in a browser")
	}
	binary := ""
	for _, program := range programs[name] {
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
	b := &Browser{t: t, ctx: ctx, Chromium: name == "chromium"}
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
	if !b.Chromium {
		address += "/session"
	}
	b.conn, _, err = websocket.Dial(ctx, address, nil)
	if err != nil {
		t.Fatalf("connect to %s: %v", address, err)
	}
	b.conn.SetReadLimit(64 << 20)
	t.Cleanup(func() { _ = b.conn.CloseNow() })
	if b.Chromium {
		page := b.Call("Target.createTarget", map[string]any{"url": "about:blank"})
		b.target = b.Call("Target.attachToTarget", map[string]any{"targetId": page["targetId"], "flatten": true})["sessionId"].(string)
		if dark {
			b.Media("screen", "dark")
		}
	} else {
		b.Call("session.new", map[string]any{"capabilities": map[string]any{}})
		tree := b.Call("browsingContext.getTree", map[string]any{})
		b.target = tree["contexts"].([]any)[0].(map[string]any)["context"].(string)
	}
	return b
}

// Call waits for the answer and ignores events.
func (b *Browser) Call(method string, parameters map[string]any) map[string]any {
	b.t.Helper()
	b.last++
	request := map[string]any{"id": b.last, "method": method, "params": parameters}
	if b.Chromium && b.target != "" {
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

// Eval runs an expression that gives a string, or a promise of one.
func (b *Browser) Eval(expression string) string {
	b.t.Helper()
	if b.Chromium {
		answer := b.Call("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true})
		if problem := answer["exceptionDetails"]; problem != nil {
			b.t.Fatalf("%.200s: %v", expression, problem)
		}
		value, _ := answer["result"].(map[string]any)["value"].(string)
		return value
	}
	answer := b.Call("script.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "target": map[string]any{"context": b.target}})
	if answer["type"] != "success" {
		b.t.Fatalf("%.200s: %v", expression, answer)
	}
	value, _ := answer["result"].(map[string]any)["value"].(string)
	return value
}

// Open loads a page with a window of that width, in CSS pixels, and waits until it is complete. It returns how long that took
// by the browser's own clock, in milliseconds.
func (b *Browser) Open(page string, width int) float64 {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "index.html")
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.Size(width)
	if b.Chromium {
		b.Call("Page.navigate", map[string]any{"url": "file://" + path})
	} else {
		b.Call("browsingContext.navigate", map[string]any{"context": b.target, "url": "file://" + path, "wait": "complete"})
	}
	took := b.Eval(`new Promise((done) => { const look = () => { const e = performance.getEntriesByType("navigation")[0];
		if (location.protocol === "file:" && document.readyState === "complete" && e && e.loadEventEnd > 0) done(String(e.loadEventEnd)); else setTimeout(look, 20); }; look(); })`)
	var ms float64
	if _, err := fmt.Sscan(took, &ms); err != nil {
		b.t.Fatalf("how long it took to open the page: %q", took)
	}
	return ms
}

// Size gives the window a width, in CSS pixels.
func (b *Browser) Size(width int) {
	b.t.Helper()
	if b.Chromium {
		b.Call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false})
	} else {
		b.Call("browsingContext.setViewport", map[string]any{"context": b.target, "viewport": map[string]any{"width": width, "height": 900}})
	}
}

// Media makes Chromium show the page as on a screen or on paper, light or dark.
func (b *Browser) Media(kind, scheme string) {
	b.t.Helper()
	b.Call("Emulation.setEmulatedMedia", map[string]any{"media": kind, "features": []map[string]any{{"name": "prefers-color-scheme", "value": scheme}}})
}

// Print returns the page as a PDF on paper of A4.
func (b *Browser) Print() []byte {
	b.t.Helper()
	var printed map[string]any
	if b.Chromium {
		printed = b.Call("Page.printToPDF", map[string]any{"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": true})
	} else {
		printed = b.Call("browsingContext.print", map[string]any{"context": b.target, "page": map[string]any{"width": 21.0, "height": 29.7}})
	}
	text, _ := printed["data"].(string)
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		b.t.Fatalf("the printed page cannot be read: %v", err)
	}
	return raw
}
