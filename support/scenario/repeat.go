package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/scenario/record"
	"github.com/crossdc/failover/support/scenario/roster"
)

// repeats is the command that repeats just one drill, from the root of the module that its suite belongs to: with that seed,
// with the settings that shape a run and were set, and with the label that only its steps have where its id is not enough.
func repeats(d roster.Drill, all []roster.Drill, seed int64) string {
	filter := roster.KeyLabel(d.Key)
	if same := slices.DeleteFunc(slices.Clone(all), func(other roster.Drill) bool { return !slices.Contains(other.Labels, d.ID) }); len(same) == 1 && slices.Contains(d.Labels, d.ID) {
		filter = d.ID
	}
	words := append([]string{fmt.Sprintf("CROSSDC_SEED=%d", seed)}, config.Shaping()...)
	for i, word := range words {
		name, value, _ := strings.Cut(word, "=")
		words[i] = name + "=" + quoted(value)
	}
	folder, err := os.Getwd()
	if err != nil {
		folder = "."
	}
	place := "./" + shortened(folder, folder)
	if hasGinkgo(folder) {
		words = append(words, "go tool ginkgo", "--label-filter="+quoted(filter), quoted(place))
	} else {
		words = append(words, "go test -count=1 -timeout=0", quoted(place), "-ginkgo.label-filter="+quoted(filter))
	}
	return strings.Join(words, " ")
}

// hasGinkgo reports whether the module around a folder has ginkgo among its tools.
func hasGinkgo(folder string) bool {
	root, found := record.ModuleRoot(folder)
	if !found {
		return false
	}
	path := filepath.Join(root, "go.mod")
	raw, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	file, err := modfile.Parse(path, raw, nil)
	return err == nil && slices.ContainsFunc(file.Tool, func(tool *modfile.Tool) bool { return tool.Path == "github.com/onsi/ginkgo/v2/ginkgo" })
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_=./,:+", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
