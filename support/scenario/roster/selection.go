package roster

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"
)

// Selected returns the drills of which a run takes at least one step, judged by Ginkgo's own rules for label filters,
// --focus, --skip and their files. What the sources focus (FIt, FDescribe) is known to Ginkgo alone, whose account of the
// run prevails.
func (r *Roster) Selected(report types.Report) ([]Drill, error) {
	takes, err := selection(report)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(r.Drills(), func(e Drill) bool {
		return !slices.ContainsFunc(e.Steps, func(s Step) bool {
			s.Labels = append(slices.Clone(s.Labels), KeyLabel(e.Key))
			return takes(s)
		})
	}), nil
}

// selection makes a function that says whether the run takes a step.
func selection(report types.Report) (takes func(Step) bool, err error) {
	config := report.SuiteConfig
	label := func([]string) bool { return true }
	if config.LabelFilter != "" {
		parsed, err := types.ParseLabelFilter(config.LabelFilter)
		if err != nil {
			return nil, fmt.Errorf("read the label filter %q: %w", config.LabelFilter, err)
		}
		label = parsed
	}
	focus, err := pattern("--focus", config.FocusStrings)
	if err != nil {
		return nil, err
	}
	skip, err := pattern("--skip", config.SkipStrings)
	if err != nil {
		return nil, err
	}
	focusFiles, err := types.ParseFileFilters(config.FocusFiles)
	if err != nil {
		return nil, fmt.Errorf("read --focus-file: %w", err)
	}
	skipFiles, err := types.ParseFileFilters(config.SkipFiles)
	if err != nil {
		return nil, fmt.Errorf("read --skip-file: %w", err)
	}
	return func(s Step) bool {
		text := report.SuiteDescription + " " + strings.Join(s.Texts, " ")
		return label(append(slices.Clone(report.SuiteLabels), s.Labels...)) &&
			(focus == nil || focus.MatchString(text)) && (skip == nil || !skip.MatchString(text)) &&
			(len(config.FocusFiles) == 0 || focusFiles.Matches(s.Locations)) && (len(config.SkipFiles) == 0 || !skipFiles.Matches(s.Locations))
	}, nil
}

func pattern(flag string, texts []string) (*regexp.Regexp, error) {
	if joined := strings.Join(texts, "|"); joined != "" {
		compiled, err := regexp.Compile(joined)
		if err != nil {
			return nil, fmt.Errorf("read %s %q: %w", flag, joined, err)
		}
		return compiled, nil
	}
	return nil, nil
}

// filterWord is a label in a label filter, or a whole regular expression between slashes.
var filterWord = regexp.MustCompile(`/(?:[^/\\]|\\.)*/|[^&|!,()\s](?:[^&|!,()]*[^&|!,()\s])?`)

// Unknown returns the labels that a label filter asks for and that are not among the known ones, ignoring case as Ginkgo
// does. Regular expressions and sets ("key: ...") ask for what may be, and a label that is excluded asks for nothing.
func Unknown(filter string, known []string) []string {
	var unknown []string
	for _, at := range filterWord.FindAllStringIndex(filter, -1) {
		word := filter[at[0]:at[1]]
		excluded := strings.HasSuffix(strings.TrimSpace(filter[:at[0]]), "!")
		if excluded || strings.HasPrefix(word, "/") || strings.Contains(word, ":") || slices.Contains(unknown, word) {
			continue
		}
		if !slices.ContainsFunc(known, func(label string) bool { return strings.EqualFold(label, word) }) {
			unknown = append(unknown, word)
		}
	}
	return unknown
}

// Known are all labels that any step of the suite has, selected or not.
func (r *Roster) Known() []string {
	known := map[string]bool{}
	for _, e := range r.Drills() {
		known[KeyLabel(e.Key)] = true
		for _, s := range e.Steps {
			for _, label := range s.Labels {
				known[label] = true
			}
		}
	}
	var list []string
	for label := range known {
		list = append(list, label)
	}
	slices.Sort(list)
	return list
}
