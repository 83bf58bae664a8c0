package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// keySetting names the file with the key that signs.
const keySetting = "CROSSDC_EVIDENCE_KEY"

// signerOf reads the key; no path is no signature. Neither the key nor any of its content is ever shown.
func signerOf(path string) (ed25519.PrivateKey, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key that signs (%s): %w", keySetting, err)
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, fmt.Errorf("%s=%q holds no PEM; make a key: openssl genpkey -algorithm ed25519 -out key.pem", keySetting, path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	signer, ok := key.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("%s=%q holds no Ed25519 private key (PKCS #8); make one: openssl genpkey -algorithm ed25519 -out key.pem", keySetting, path)
	}
	return signer, nil
}

const howToVerify = `How this is verified, offline

    sha256sum -c SHA256SUMS

says OK for each file, or which one was changed after it was written.
`

const howToVerifySignature = `
SHA256SUMS is signed with an Ed25519 key. Compare public-key.pem with the key that you were given by another way, then

    openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig

says "Signature Verified Successfully".
`

// seal adds how to verify, the hashes, and the signature.
func (a *archive) seal(signer ed25519.PrivateKey) {
	verify := howToVerify
	if signer != nil {
		verify += howToVerifySignature
		der, err := x509.MarshalPKIXPublicKey(signer.Public())
		if err == nil {
			a.add("public-key.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
		}
	}
	a.add("VERIFY.txt", []byte(verify))
	slices.SortFunc(a.files, func(x, y part) int { return cmp.Compare(x.name, y.name) })
	var sums bytes.Buffer
	for _, f := range a.files {
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(f.data), f.name)
	}
	a.add("SHA256SUMS", sums.Bytes())
	if signer != nil {
		if signature, err := signer.Sign(nil, sums.Bytes(), crypto.Hash(0)); err == nil { // Ed25519 cannot fail without options
			a.add("SHA256SUMS.sig", signature)
		}
	}
}

// write makes the archive, whole or not at all.
func (a *archive) write(path string) (err error) {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".evidence-*")
	if err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write the archive %s: %w", path, err), os.Remove(temporary.Name()))
		}
	}()
	zip := gzip.NewWriter(temporary) // without a name and a time: the same results give the same bytes
	tape := tar.NewWriter(zip)
	for _, f := range a.files {
		header := &tar.Header{Name: a.name + "/" + f.name, Mode: 0o644, Size: int64(len(f.data)), ModTime: a.run.Finished.UTC().Truncate(1e9), Format: tar.FormatUSTAR}
		if err := tape.WriteHeader(header); err != nil {
			return errors.Join(err, temporary.Close())
		}
		if _, err := tape.Write(f.data); err != nil {
			return errors.Join(err, temporary.Close())
		}
	}
	if err := errors.Join(tape.Close(), zip.Close(), temporary.Sync(), temporary.Chmod(0o644), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
