package scenario

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"
)

// modulePath is this module's, as other repositories require it.
const modulePath = "github.com/crossdc/failover"

// version of this suite: the release that another repository required, else the commit. The Go command stamps the commit into
// programs, but not into test binaries; there it is read from the checkout that holds root. Empty when nothing tells.
func version(info *debug.BuildInfo, root string) string {
	root, err := filepath.Abs(root)
	if err != nil {
		root = ""
	}
	if info != nil {
		for _, module := range info.Deps {
			if module.Path == modulePath {
				if module.Replace != nil {
					module = module.Replace
				}
				return module.Version
			}
		}
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				return short(setting.Value)
			}
		}
	}
	return short(checkedOut(root))
}

// short is a commit as people write it.
func short(commit string) string { return commit[:min(len(commit), 12)] }

// checkedOut is the commit of the checkout at or above dir, or empty.
func checkedOut(dir string) string {
	for ; ; dir = filepath.Dir(dir) {
		at := filepath.Join(dir, ".git")
		if info, err := os.Stat(at); err == nil {
			if !info.IsDir() { // a worktree: a file that names the folder
				text, found := strings.CutPrefix(read(at), "gitdir: ")
				if !found {
					return ""
				}
				if at = text; !filepath.IsAbs(at) {
					at = filepath.Join(dir, at)
				}
			}
			return head(at)
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// head resolves HEAD in a .git folder: a commit, or a branch that is a file or packed.
func head(git string) string {
	text := read(filepath.Join(git, "HEAD"))
	branch, symbolic := strings.CutPrefix(text, "ref: ")
	if !symbolic {
		return text
	}
	if !filepath.IsLocal(branch) {
		return ""
	}
	folders := []string{git}
	if common := read(filepath.Join(git, "commondir")); common != "" {
		if !filepath.IsAbs(common) {
			common = filepath.Join(git, common)
		}
		folders = append(folders, common)
	}
	for _, folder := range folders {
		if commit := read(filepath.Join(folder, branch)); commit != "" {
			return commit
		}
		for line := range strings.Lines(read(filepath.Join(folder, "packed-refs"))) {
			if commit, name, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name == branch {
				return commit
			}
		}
	}
	return ""
}

func read(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

// built is when this program was built: the time of its file.
func built() time.Time {
	path, err := os.Executable()
	if err != nil {
		return time.Time{}
	}
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime().UTC().Truncate(time.Second)
}
