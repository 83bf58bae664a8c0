// Package programs builds what shards run: static programs that need neither a Go toolchain nor a library where they run.
// The same sources give the same bytes.
//
// It imports nothing of ours.
package programs

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// single programs, by the name that shards know them by.
var single = []struct{ name, folder string }{
	{"emulator", "./fixtures/emulator"}, {"relay", "./fixtures/wan"}, {"shard", "./support/campaign/shard"},
}

// Suites are the families that a checkout has.
func Suites(root string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(root, "suites", "*", "*_suite_test.go"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("look for suites in %s: none found (%v); run this from a checkout", root, err)
	}
	var names []string
	for _, file := range files {
		names = append(names, filepath.Base(filepath.Dir(file)))
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Build builds the programs and the suites of a checkout into a folder: emulator, relay, shard, suites/<name>.test.
func Build(ctx context.Context, root, folder string, suites []string) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(folder, "suites"), 0o755); err != nil {
		return fmt.Errorf("build the programs of the shards: %w", err)
	}
	flags := []string{"-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid="}
	for _, program := range single {
		if err := build(ctx, root, append(append([]string{"build"}, flags...), "-o", filepath.Join(folder, program.name), program.folder)); err != nil {
			return err
		}
	}
	for _, suite := range suites {
		if err := build(ctx, root, append(append([]string{"test", "-c"}, flags...), "-o", filepath.Join(folder, "suites", suite+".test"), "./suites/"+suite)); err != nil {
			return err
		}
	}
	return nil
}

func build(ctx context.Context, root string, arguments []string) error {
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w: %s", arguments[len(arguments)-1], err, strings.TrimSpace(string(output)))
	}
	return nil
}

// Selected are those of the built suites in which a label filter selects something.
func Selected(ctx context.Context, folder, labels string) (suites []string, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "suites", "*.test"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		n, err := selected(ctx, file, labels)
		if err != nil {
			return nil, fmt.Errorf("ask %s what %q selects: %w", file, labels, err)
		}
		if n > 0 {
			suites = append(suites, strings.TrimSuffix(filepath.Base(file), ".test"))
		}
	}
	return suites, nil
}

func selected(ctx context.Context, file, labels string) (n int, err error) {
	work, err := os.MkdirTemp("", "selection-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(work) //nolint:errcheck // it holds one report
	if file, err = filepath.Abs(file); err != nil {
		return 0, err
	}
	report := filepath.Join(work, "report.json")
	command := exec.CommandContext(ctx, file, "-ginkgo.dry-run", "-ginkgo.label-filter="+labels, "-ginkgo.json-report="+report)
	command.Dir = work
	if output, err := command.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, strings.TrimSpace(string(output)))
	}
	raw, err := os.ReadFile(report)
	if err != nil {
		return 0, err
	}
	var reports []struct {
		SpecReports []struct{ LeafNodeType, State string }
	}
	if err := json.Unmarshal(raw, &reports); err != nil {
		return 0, err
	}
	for _, one := range reports {
		for _, spec := range one.SpecReports {
			if spec.LeafNodeType == "It" && spec.State == "passed" {
				n++
			}
		}
	}
	return n, nil
}
