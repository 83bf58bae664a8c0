package scenario

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega/format"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/scenario/command"
	"github.com/crossdc/failover/support/scenario/record"
)

// progress tells a person who waits what is going on. Ginkgo shows its own writer only for failing specs, unless it was told
// to be verbose; with several processes it holds back everything, so there it is left to Ginkgo.
func progress(format string, values ...any) {
	line := fmt.Sprintf(format, values...)
	fmt.Fprintln(ginkgo.GinkgoWriter, line)
	if suite, reporter := ginkgo.GinkgoConfiguration(); suite.ParallelTotal == 1 && reporter.Verbosity().LT(types.VerbosityLevelVerbose) {
		if colored() {
			line += "\x1b[K" // takes the place of a living line
		}
		fmt.Fprintln(os.Stdout, "  "+line)
	}
}

// announce names the step that begins, so that a person sees what is awaited.
func announce(report ginkgo.SpecReport) {
	if report.LeafNodeType != types.NodeTypeIt || report.State != types.SpecStateInvalid {
		return
	}
	progress("%s › %s", strings.Join(report.ContainerHierarchyTexts, " › "), report.LeafNodeText)
}

// lament says where a step that failed stands in its author's file. Where the step is a whole function of this package,
// Ginkgo itself names a line of its own that called it.
func lament(report ginkgo.SpecReport) {
	if report.LeafNodeType == types.NodeTypeIt && report.Failed() {
		progress("failed: %s › %s, at %s", strings.Join(report.ContainerHierarchyTexts, " › "), report.LeafNodeText, record.Location(report))
	}
}

// plainly makes failures say what an error says, not how it is laid out in memory, and Ginkgo print without colors where nobody
// looks at a terminal, or where NO_COLOR (no-color.org) asks for it. Ginkgo pipes the output of its suites, so the terminal is that
// of the command which started this one.
func plainly() {
	format.RegisterCustomFormatter(func(value any) (string, bool) {
		err, is := value.(error)
		if !is {
			return "", false
		}
		return err.Error(), true
	})
	if !colored() {
		_ = os.Setenv("GINKGO_NO_COLOR", "TRUE") // fails for malformed names only
	}
}

// colored reports whether output may hold colors.
func colored() bool {
	if os.Getenv("NO_COLOR") != "" {
		return false
	}
	for _, output := range []string{"/proc/self/fd/1", filepath.Join("/proc", fmt.Sprint(os.Getppid()), "fd/1")} {
		target, err := os.Readlink(output)
		if err != nil {
			continue
		}
		if strings.HasPrefix(target, "/dev/pts/") || strings.HasPrefix(target, "/dev/tty") || target == "/dev/console" {
			return true
		}
	}
	return false
}

// ordered returns a function that makes the seed of the run that of Ginkgo's order of containers as well, once Ginkgo has
// read its flags and before it puts its specs in order: the order decides, for example, how long load has run before a
// fault. An order that somebody asked for (--seed) without giving CROSSDC_SEED is theirs.
func (s *Suite) ordered() func() {
	done := false // Ginkgo builds its tree in one goroutine
	return func() {
		if done || !flag.Parsed() {
			return
		}
		done = true
		settings, err := config.Load()
		if err != nil {
			return // reported when the suite begins
		}
		seed := settings.Seed
		if settings.RandomSeed() {
			line, err := command.Of(os.Getppid())
			if err != nil || line.Gives("seed") || line.Gives("ginkgo.seed") {
				return
			}
			runID := settings.RunID
			if runID == "" {
				if runID, err = record.RunID(); err != nil {
					return
				}
			}
			seed = seedOf(runID)
		}
		if err := flag.Set("ginkgo.seed", fmt.Sprint(seed)); err != nil {
			panic("ginkgo has no flag for its seed any more: " + err.Error()) // TestTheSeedDecidesTheOrder
		}
	}
}
