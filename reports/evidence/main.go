// Command evidence writes one archive of a run for an auditor: the page, JUnit, the stored run, the journal of its faults, the
// configuration without secrets, a record of the recovery test, and hashes of all of them.
//
//	go run ./reports/evidence [-out file] [-journal folder] [folder of results]
//
// The archive is verified offline: tar -xzf, then "sha256sum -c SHA256SUMS" in the folder that comes out. Where
// CROSSDC_EVIDENCE_KEY names a file with an Ed25519 private key (PEM, PKCS #8: openssl genpkey -algorithm ed25519), SHA256SUMS
// is signed; VERIFY.txt in the archive says how the signature is verified. The same results give the same archive, byte for byte.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	os.Exit(run(os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

func run(arguments []string, getenv func(string) string, out, complaints io.Writer) int {
	flags := flag.NewFlagSet("evidence", flag.ContinueOnError)
	flags.SetOutput(complaints)
	file := flags.String("out", "", "the archive to write; by default evidence-<run>.tar.gz in the folder of results")
	journal := flags.String("journal", journalFolder(getenv), "folder of the journals of faults; empty: none is added")
	if err := flags.Parse(arguments); err != nil {
		return 2
	}
	folder := getenv("CROSSDC_REPORTS")
	if folder == "" {
		folder = filepath.Join("reports", "out")
	}
	switch flags.NArg() {
	case 0:
	case 1:
		folder = flags.Arg(0)
	default:
		fmt.Fprintf(complaints, "evidence: %q: give one folder of results\n", flags.Args())
		return 2
	}
	signer, err := signerOf(getenv(keySetting))
	if err != nil {
		fmt.Fprintln(complaints, "evidence:", err)
		return 2
	}
	parts, err := gather(folder, *journal)
	if err != nil {
		fmt.Fprintln(complaints, "evidence:", err)
		return 1
	}
	parts.seal(signer)
	path := *file
	if path == "" {
		path = filepath.Join(folder, parts.name+".tar.gz")
	}
	if err := parts.write(path); err != nil {
		fmt.Fprintln(complaints, "evidence:", err)
		return 1
	}
	signed := "not signed: " + keySetting + " names no key"
	if signer != nil {
		signed = "signed"
	}
	fmt.Fprintf(out, "%s: %d files of run %s, %s\nverify it: tar -xzf %s && cd %s && sha256sum -c SHA256SUMS\n", path, len(parts.files), parts.run.ID, signed, filepath.Base(path), parts.name)
	return 0
}

// journalFolder is where journals are when the settings do not say it, as support/fault finds it.
func journalFolder(getenv func(string) string) string {
	for _, candidate := range []struct{ base, below string }{
		{getenv("CROSSDC_JOURNAL"), ""}, {getenv("XDG_STATE_HOME"), "crossdc-failover"}, {getenv("HOME"), filepath.Join(".local", "state", "crossdc-failover")},
	} {
		if candidate.base != "" && (candidate.below == "" || filepath.IsAbs(candidate.base)) {
			return filepath.Join(candidate.base, candidate.below)
		}
	}
	return ""
}
