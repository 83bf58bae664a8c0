package config

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestWhatIsBrokenOnPurposeIsForEmulatedDataCentersOnly(t *testing.T) {
	broken := map[string]string{
		"CROSSDC_EMULATOR_SWITCHES_DC1": "mute-after-restart",
		"CROSSDC_EMULATOR_SWITCHES_DC2": "never-notices,drops-fragment",
		"CROSSDC_PROOF_SENSES":          "skewed-clock",
	}
	set(t, broken)
	c := mustLoad(t)
	if !slices.Equal(c.Emulator.Switches.DC2, []string{"never-notices", "drops-fragment"}) || len(c.Emulator.Switches.DC1) != 1 || len(c.Proof.Senses) != 1 {
		t.Errorf("%+v %+v", c.Emulator.Switches, c.Proof)
	}
	for name, value := range broken {
		set(t, map[string]string{"CROSSDC_ENVIRONMENT": "remote", name: value})
		if _, err := Load(); err == nil || !strings.Contains(err.Error(), "CROSSDC_PROOF_SENSES") {
			t.Errorf("%s against remote data centers: %v", name, err)
		}
	}
}

func TestATypoInWhatIsBrokenOnPurposeIsRefusedByName(t *testing.T) {
	for variable, want := range map[string]string{
		"CROSSDC_EMULATOR_SWITCHES_DC1": `CROSSDC_EMULATOR_SWITCHES_DC1: "never-notice" is not known; did you mean never-notices? allowed: never-notices, `,
		"CROSSDC_EMULATOR_SWITCHES_DC2": `CROSSDC_EMULATOR_SWITCHES_DC2: "never-notice" is not known; did you mean never-notices? `,
		"CROSSDC_PROOF_SENSES":          `CROSSDC_PROOF_SENSES: "never-notice" is not known; did you mean `,
	} {
		set(t, map[string]string{variable: "never-notice"})
		_, err := Load()
		var refused *Refused
		if !errors.As(err, &refused) || len(refused.Problems) != 1 || refused.Problems[0].Variable != variable || !strings.HasPrefix(refused.Problems[0].Text, want) {
			t.Errorf("%s: %v, want %q", variable, err, want)
		}
	}
}

// TestTheBugSwitchesAreThoseOfTheEmulator reads them from the emulator's source, because its packages must not be imported here.
func TestTheBugSwitchesAreThoseOfTheEmulator(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "fixtures", "emulator", "pe", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var there []string
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			list, ok := node.(*ast.CompositeLit)
			if !ok {
				return true
			}
			array, ok := list.Type.(*ast.ArrayType)
			if !ok {
				return true
			}
			if element, ok := array.Elt.(*ast.Ident); !ok || element.Name != "bugSwitch" {
				return true
			}
			for _, row := range list.Elts {
				if name, is := row.(*ast.CompositeLit).Elts[0].(*ast.BasicLit); is {
					text, err := strconv.Unquote(name.Value)
					if err != nil {
						t.Fatal(err)
					}
					there = append(there, text)
				}
			}
			return false
		})
	}
	if len(there) == 0 || !slices.Equal(slices.Sorted(slices.Values(there)), slices.Sorted(slices.Values(bugSwitches))) {
		t.Errorf("the emulator has the bug switches %q, bugSwitches in support/config/purpose.go must list the same, and lists %q", there, bugSwitches)
	}
}
