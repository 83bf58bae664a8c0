package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestPipelinesInTheReadme parses the YAML, balances the Groovy, and looks for the files that the pipelines name.
func TestPipelinesInTheReadme(t *testing.T) {
	data, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```(yaml|groovy)\n(.*?)```").FindAllStringSubmatch(string(data), -1)
	if len(blocks) != 3 {
		t.Fatalf("%d pipelines, want GitHub, GitLab and Jenkins", len(blocks))
	}
	for _, block := range blocks {
		text := block[2]
		for _, want := range []string{"go tool ginkgo ./suites/...", "go build -o .bin/gate ./reports/gate", ".bin/gate -policy reports/gate/policy.example.yaml", "reports/out/junit.xml"} {
			if !strings.Contains(text, want) {
				t.Errorf("a %s pipeline lacks %q", block[1], want)
			}
		}
		if block[1] == "yaml" {
			var parsed map[string]any
			if err := yaml.Unmarshal([]byte(text), &parsed); err != nil || len(parsed) == 0 {
				t.Errorf("not YAML: %v\n%s", err, text)
			}
			continue
		}
		if problem := unbalanced(text); problem != "" {
			t.Errorf("Groovy: %s", problem)
		}
	}
	if _, err := os.Stat("policy.example.yaml"); err != nil {
		t.Error(err)
	}
}

// unbalanced says which bracket or quote of a Groovy text has no partner.
func unbalanced(text string) string {
	var open []rune
	quoted := false
	pairs := map[rune]rune{')': '(', '}': '{', ']': '['}
	for _, r := range text {
		switch {
		case r == '\'':
			quoted = !quoted
		case quoted:
		case strings.ContainsRune("({[", r):
			open = append(open, r)
		case pairs[r] != 0:
			if len(open) == 0 || open[len(open)-1] != pairs[r] {
				return "unexpected " + string(r)
			}
			open = open[:len(open)-1]
		}
	}
	if quoted {
		return "a quote is not closed"
	}
	if len(open) > 0 {
		return "not closed: " + string(open)
	}
	return ""
}
