package store

import (
	"cmp"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/crossdc/failover/reports/html"
)

// pagesFolder of the history holds the pages of its newest runs, which the verdicts in the grid lead to: the results folder is
// cleared by the next run.
const pagesFolder = "pages"

// maxPages is how many pages are kept: more than a page's history shows.
const maxPages = html.HistoryRuns + 20

// pageName is a run ID that can be a file's name everywhere, and an address in a page as it stands.
var pageName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// pages are the kept pages of runs, as addresses relative to the results folder.
func (f Folder) pages() map[string]string {
	if f.History == "" {
		return nil
	}
	base, err := filepath.Rel(f.Dir, filepath.Join(f.History, pagesFolder))
	if err != nil {
		return nil
	}
	pages := map[string]string{}
	entries, err := os.ReadDir(filepath.Join(f.History, pagesFolder))
	if err != nil {
		return nil // there are none yet
	}
	for _, entry := range entries {
		if id, ok := strings.CutSuffix(entry.Name(), ".html"); ok && pageName.MatchString(id) {
			pages[id] = filepath.ToSlash(filepath.Join(base, entry.Name()))
		}
	}
	return pages
}

// keepPage keeps the page of a run beside the history, with addresses that fit there, and removes the oldest. A page that
// cannot be kept is no reason to fail a run: its verdicts lead nowhere.
func (f Folder) keepPage(id string, page []byte, pages map[string]string) {
	if f.History == "" || !pageName.MatchString(id) {
		return
	}
	folder := filepath.Join(f.History, pagesFolder)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return
	}
	text := string(page)
	for other, address := range pages { // an address stands in quotes: a text cannot hold it
		text = strings.ReplaceAll(text, `href="`+address+`#`, `href="`+other+`.html#`)
	}
	if err := replace(filepath.Join(folder, id+".html"), func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
		return
	}
	type file struct {
		path string
		at   int64
	}
	var kept []file
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() && strings.HasSuffix(entry.Name(), ".html") {
			kept = append(kept, file{filepath.Join(folder, entry.Name()), info.ModTime().UnixNano()})
		}
	}
	slices.SortFunc(kept, func(a, b file) int { return cmp.Compare(b.at, a.at) })
	for _, old := range kept[min(maxPages, len(kept)):] {
		if content, err := os.ReadFile(old.path); err == nil && isPage(content) {
			_ = os.Remove(old.path)
		}
	}
}
