package roster

import (
	"regexp"
	"slices"
	"strings"

	"github.com/crossdc/failover/reports/model"
)

var (
	// numbered is an id of a catalogue: capital letters and a number, such as S03 of the toolkit contract (section 10), or a
	// team's own DR-7 or PAY12.
	numbered = regexp.MustCompile(`^[A-Z]{1,8}-?[0-9]{1,4}$`)
	// named are the ids of scenarios of this suite that have no number.
	named = []string{"control", "preflight", "endurance"}
)

// ID is what a scenario is called in policies, the history and reports: the first of its labels that is capital letters
// and a number (S03, DR-7), else control, preflight or endurance, else its first label, else its name in lower case with
// hyphens.
func ID(labels []string, name string) string {
	for _, label := range labels {
		if numbered.MatchString(label) {
			return label
		}
	}
	for _, label := range labels {
		if slices.Contains(named, label) {
			return label
		}
	}
	for _, label := range labels {
		if _, isKey := KeyOf([]string{label}); !isKey && label != model.SuiteID {
			return label
		}
	}
	return Slug(name)
}

// keyLabel begins the label that carries a drill's key.
const keyLabel = "drill="

// KeyLabel is the label of all steps of the drill with this key; as a label filter it selects just this drill.
func KeyLabel(key string) string { return keyLabel + key }

// KeyOf finds a drill's key among the labels of one of its steps.
func KeyOf(labels []string) (key string, found bool) {
	for _, label := range labels {
		if key, found = strings.CutPrefix(label, keyLabel); found {
			return key, true
		}
	}
	return "", false
}

// WithoutKey returns the labels that the author of a scenario gave: all but the one that carries its key.
func WithoutKey(labels []string) []string {
	return slices.DeleteFunc(slices.Clone(labels), func(label string) bool { return strings.HasPrefix(label, keyLabel) })
}

const maxSlug = 60

// Slug is a text in lower case with hyphens: safe in a file's name, in a label and in a shell.
func Slug(text string) string {
	var out strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			out.WriteRune(r)
		case out.Len() > 0 && !strings.HasSuffix(out.String(), "-"):
			out.WriteByte('-')
		}
	}
	short := out.String()
	if len(short) > maxSlug {
		short = short[:maxSlug]
	}
	if short = strings.Trim(short, "-"); short == "" {
		return "unnamed"
	}
	return short
}
