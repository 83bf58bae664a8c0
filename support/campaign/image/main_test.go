package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// TestTheSameProgramsGiveTheSameImage writes the same files at other times and places, and reads what the image holds.
func TestTheSameProgramsGiveTheSameImage(t *testing.T) {
	made := func(age time.Duration, content string) (digest string, whole []byte) {
		t.Helper()
		folder, to := t.TempDir(), t.TempDir()
		if err := os.Mkdir(filepath.Join(folder, "suites"), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"shard", "suites/outage.test"} {
			path := filepath.Join(folder, name)
			if err := os.WriteFile(path, []byte(content+name), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
				t.Fatal(err)
			}
		}
		image, err := imageOf(folder)
		if err != nil {
			t.Fatal(err)
		}
		hash, err := image.Digest()
		if err != nil {
			t.Fatal(err)
		}
		output := filepath.Join(to, "image.tar")
		if err := archive(image, filepath.Join(to, "layout"), output); err != nil {
			t.Fatal(err)
		}
		whole, err = os.ReadFile(output)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for in := tar.NewReader(mutate.Extract(image)); ; {
			header, err := in.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, header.Name)
			if header.Typeflag == tar.TypeReg && (header.Mode != 0o555 || header.Size == 0) {
				t.Errorf("%s has mode %o, %d bytes", header.Name, header.Mode, header.Size)
			}
		}
		for i, name := range names {
			names[i] = filepath.Clean(name)
		}
		if want := []string{"work", "programs", "programs/shard", "programs/suites", "programs/suites/outage.test"}; !reflect.DeepEqual(names, want) {
			t.Errorf("it holds %v, want %v", names, want)
		}
		file, err := image.ConfigFile()
		if err != nil || file.Config.User != nobody {
			t.Errorf("it runs as %q, %v", file.Config.User, err)
		}
		return hash.String(), whole
	}
	one, archiveOne := made(time.Hour, "x")
	two, archiveTwo := made(0, "x")
	other, _ := made(0, "y")
	if one != two || !bytes.Equal(archiveOne, archiveTwo) {
		t.Errorf("the same files give %s and %s", one, two)
	}
	if one == other {
		t.Error("other files give the same image")
	}
}
