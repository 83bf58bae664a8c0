package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A secret is found wherever it stands, and what is said of it does not repeat it.
func TestSecretsAreFound(t *testing.T) {
	const arguments, environment, file, output, key = "planted-in-arguments", "planted-in-environment", "planted-in-a-file", "planted-in-output", "planted-nowhere-else"
	folder := t.TempDir()
	for name, text := range map[string]string{"1": arguments + "\n", "2": environment + "\n", "key": "begin\nfirst lines are alike\n" + key + "\nend\n", "short": "no\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("CROSSDC_DC1_PASSWORD_FILE", filepath.Join(folder, "1"))
	t.Setenv("CROSSDC_DC2_PASSWORD_FILE", filepath.Join(folder, "2"))
	s, err := planted(filepath.Join(folder, "key"))
	if err != nil {
		t.Fatal(err)
	}
	s.look()
	if err := s.kept().verdict(); err != nil {
		t.Errorf("nothing is planted yet: %v", err)
	}
	s.values["of a file"], s.values["of output"] = file, output
	child := exec.Command("sh", "-c", "echo; read -r _", arguments)
	child.Env = append(os.Environ(), "HIDDEN="+environment)
	input, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(said, make([]byte, 1)); err != nil { // it is the program that it is to be
		t.Fatal(err)
	}
	s.look()
	_ = input.Close()
	_ = child.Wait() // read fails at its end
	results := filepath.Join(folder, "results", "runs")
	if err := os.MkdirAll(results, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(results, "run.json"), []byte(`{"a":"`+file+`"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.files(filepath.Join(folder, "results")); err != nil {
		t.Fatal(err)
	}
	w := s.output("the output", io.Discard)
	for _, piece := range []string{"before " + output[:7], output[7:] + " after"} {
		if _, err := io.WriteString(w, piece); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"of a file in the file " + filepath.Join(results, "run.json"), "of output in the output",
		"the password of CROSSDC_DC1_PASSWORD_FILE in the arguments of sh", "the password of CROSSDC_DC2_PASSWORD_FILE in the environment of sh",
	}
	if got := s.kept(); !slices.Equal(got.Found, want) || got.verdict() == nil || strings.Contains(got.verdict().Error(), "planted-") {
		t.Errorf("%q\nwant %q\n%v", got.Found, want, got.verdict())
	}
	if (&kept{}).verdict() == nil {
		t.Error("nobody looked")
	}
	t.Setenv("CROSSDC_DC2_PASSWORD_FILE", filepath.Join(folder, "short"))
	if _, err := planted(filepath.Join(folder, "key")); err == nil {
		t.Error("a secret of two bytes is found everywhere")
	}
}
