package html

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/model"
)

// chromium runs a headless browser on a page and returns its standard output and error. It skips the test, with the reason,
// on machines without one.
func chromium(t *testing.T, arguments ...string) (stdout, stderr string) {
	t.Helper()
	binary := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			binary = path
			break
		}
	}
	if binary == "" {
		t.Skip("there is no chromium on this machine: the page was not opened in a browser")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	arguments = append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr", "--user-data-dir=" + t.TempDir()}, arguments...)
	command := exec.CommandContext(ctx, binary, arguments...)
	command.WaitDelay = 5 * time.Second
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	if err := command.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", binary, err, problems.String())
	}
	return out.String(), problems.String()
}

func saved(t *testing.T, run model.Run, change func(string) string) string {
	t.Helper()
	page := write(t, run, richOptions(t))
	if change != nil {
		page = change(page)
	}
	path := filepath.Join(t.TempDir(), "index.html")
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestInARealBrowser opens the page and expects no console message and the script to have run: it makes buttons of the
// table's heads, and counts the rows.
func TestInARealBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the page was not opened in a browser")
	}
	for name, run := range map[string]model.Run{"rich": sample.Rich(), "sixty": sample.Many(60, 3)} {
		dom, problems := chromium(t, "--dump-dom", "file://"+saved(t, run, nil))
		if strings.Contains(problems, "CONSOLE") {
			t.Errorf("%s: the console says %s", name, problems)
		}
		if !strings.Contains(dom, `<button type="button">detection</button>`) || !strings.Contains(dom, "of "+map[string]string{"rich": "10", "sixty": "60"}[name]+"</output>") {
			t.Errorf("%s: the script did not run:\n%.3000s", name, dom)
		}
	}
}

// TestTheScriptSortsAndFilters adds a script that clicks and types, allowed by a policy of its own, and looks at the result.
func TestTheScriptSortsAndFilters(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the page was not opened in a browser")
	}
	path := saved(t, sample.Rich(), func(page string) string {
		start := strings.Index(page, `<meta http-equiv="Content-Security-Policy"`)
		end := start + strings.Index(page[start:], ">") + 1
		page = page[:start] + page[end:]
		return strings.Replace(page, "</body>", `<script>
const visible = () => [...document.querySelectorAll("#table tbody tr")].filter((r) => !r.hidden).length;
const fold = document.getElementById("fold");
const before = visible(), label = fold.textContent, expanded = fold.getAttribute("aria-expanded");
fold.click();
const after = visible();
fold.click();
const again = visible();
const heads = document.querySelectorAll("#table thead button");
heads[2].click(); heads[2].click();
const first = document.querySelector("#table tbody tr th a").textContent;
const verdict = document.getElementById("verdict");
verdict.value = "failed"; verdict.dispatchEvent(new Event("change"));
const rows = [...document.querySelectorAll("#table tbody tr")].filter((r) => !r.hidden).length;
const sections = [...document.querySelectorAll("details.scenario")].filter((r) => !r.hidden).length;
verdict.value = ""; verdict.dispatchEvent(new Event("change"));
const find = document.getElementById("find");
const found = ["Q1", "packet", "partition", "outage fast", "nonsense"].map((words) => { find.value = words; find.dispatchEvent(new Event("input")); return [...document.querySelectorAll("#table tbody tr")].filter((r) => !r.hidden).length; });
document.title = "folded " + before + ", " + after + ", " + again + " by " + label + " " + expanded + "; found " + found + "; sorted first: " + first + "; rows " + rows + "; sections " + sections;
</script></body>`, 1)
	})
	dom, _ := chromium(t, "--dump-dom", "file://"+path)
	want := "<title>folded 8, 10, 8 by Show the 2 that passed false; found 1,1,3,3,0; sorted first: S07 An instance is stopped without orderly shutdown; rows 1; sections 1</title>"
	if !strings.Contains(dom, want) {
		t.Errorf("the title is not %s:\n%.400s", want, dom)
	}
}

// TestEachWidthShowsOnePicture: phones have a picture of their own, and no width has none or two.
func TestEachWidthShowsOnePicture(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the page was not opened in a browser")
	}
	path := saved(t, sample.Rich(), func(page string) string {
		start := strings.Index(page, `<meta http-equiv="Content-Security-Policy"`)
		end := start + strings.Index(page[start:], ">") + 1
		page = page[:start] + page[end:]
		return strings.Replace(page, "</body>", `<script>
document.querySelectorAll("details").forEach((d) => { d.open = true; });
const counts = [...document.querySelectorAll(".failover")].map((f) => [...f.querySelectorAll("svg")].filter((s) => getComputedStyle(s).display !== "none").length);
document.title = innerWidth + " wide, pictures " + Math.min(...counts) + " to " + Math.max(...counts);
</script></body>`, 1)
	})
	for _, width := range []string{"500", "1280"} {
		dom, _ := chromium(t, "--window-size="+width+",900", "--dump-dom", "file://"+path)
		if !strings.Contains(dom, "<title>"+width+" wide, pictures 1 to 1</title>") {
			t.Errorf("at %s: %.400s", width, dom)
		}
	}
}
