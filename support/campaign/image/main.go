// Command image builds the image that shards of a campaign run in, without a container daemon: the static suites, emulator,
// relay and shard, and nothing else. The same sources give the same digest.
//
//	go run ./support/campaign/image -o .bin/image.tar                                 an OCI layout in an archive
//	go run ./support/campaign/image -o .bin/image.tar -push registry.example/failover:1    and pushed, with the logins of docker or podman
package main

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/crossdc/failover/support/campaign/programs"
)

// nobody runs the programs.
const nobody = "65532:65532"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	flags.SetOutput(stderr)
	output := flags.String("o", ".bin/image.tar", "archive to write")
	push := flags.String("push", "", "reference to push to as well; empty = none")
	suites := flags.String("suites", "", "families to build, comma separated; empty = all")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	var reference name.Reference
	if *push != "" {
		if reference, err = name.ParseReference(*push); err != nil {
			return fmt.Errorf("-push %q: %w", *push, err)
		}
	}
	list := strings.FieldsFunc(*suites, func(r rune) bool { return r == ',' })
	if len(list) == 0 {
		if list, err = programs.Suites("."); err != nil {
			return err
		}
	}
	folder, err := os.MkdirTemp("", "image-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := programs.Build(ctx, ".", filepath.Join(folder, "programs"), list); err != nil {
		return err
	}
	image, err := imageOf(filepath.Join(folder, "programs"))
	if err != nil {
		return err
	}
	digest, err := image.Digest()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(*output), 0o755); err != nil {
		return err
	}
	if err := archive(image, filepath.Join(folder, "layout"), *output); err != nil {
		return fmt.Errorf("write %s: %w", *output, err)
	}
	fmt.Fprintf(stdout, "%s %s\n", digest, *output)
	if reference != nil {
		pushed, err := upload(ctx, reference, image)
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "pushed to %s\n", pushed)
	}
	return nil
}

// upload pushes the image with the logins of docker or podman, and returns the name by which exactly this image is pulled again:
// by its digest, which no later push can change.
func upload(ctx context.Context, to name.Reference, image v1.Image) (name.Digest, error) {
	digest, err := image.Digest()
	if err != nil {
		return name.Digest{}, err
	}
	if err := remote.Write(to, image, remote.WithAuthFromKeychain(authn.DefaultKeychain), remote.WithContext(ctx)); err != nil {
		return name.Digest{}, fmt.Errorf("push to %s: %w; log in to %s with docker or podman where it asks for that", to, err, to.Context().RegistryStr())
	}
	return to.Context().Digest(digest.String()), nil
}

// imageOf is an image of the folder's files. Nothing in it depends on when or where it is made.
func imageOf(folder string) (v1.Image, error) {
	content, err := content(folder)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	if image, err = mutate.AppendLayers(image, layer); err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Created = "linux", runtime.GOARCH, v1.Time{Time: time.Unix(0, 0).UTC()}
	file.Config = v1.Config{User: nobody, Entrypoint: []string{"/programs/shard"}, WorkingDir: "/work", Env: []string{"TMPDIR=/work", "HOME=/work"}}
	return mutate.ConfigFile(image, file)
}

// content is the file system: the programs, and an empty folder that they may write to.
func content(folder string) ([]byte, error) {
	var b bytes.Buffer
	out := tar.NewWriter(&b)
	write := func(header *tar.Header, from string) error {
		header.ModTime, header.Format = time.Unix(0, 0), tar.FormatPAX
		if err := out.WriteHeader(header); err != nil || from == "" {
			return err
		}
		file, err := os.Open(from)
		if err != nil {
			return err
		}
		defer file.Close() //nolint:errcheck // only read from
		_, err = io.Copy(out, file)
		return err
	}
	if err := write(&tar.Header{Typeflag: tar.TypeDir, Name: "work/", Mode: 0o1777}, ""); err != nil {
		return nil, err
	}
	err := filepath.WalkDir(folder, func(at string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(folder, at)
		if err != nil {
			return err
		}
		to := path.Join("programs", filepath.ToSlash(inside))
		if entry.IsDir() {
			return write(&tar.Header{Typeflag: tar.TypeDir, Name: to + "/", Mode: 0o755}, "")
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return write(&tar.Header{Typeflag: tar.TypeReg, Name: to, Mode: 0o555, Size: info.Size()}, at)
	})
	if err := errors.Join(err, out.Close()); err != nil { // closing writes its end: only then is it whole
		return nil, err
	}
	return b.Bytes(), nil
}

// archive writes an OCI layout as one file, the same bytes for the same image.
func archive(image v1.Image, folder, output string) (err error) {
	at, err := layout.Write(folder, empty.Index)
	if err != nil {
		return err
	}
	if err := at.AppendImage(image); err != nil {
		return err
	}
	file, err := os.Create(output)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var paths []string
	if err := filepath.WalkDir(folder, func(at string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			paths = append(paths, at)
		}
		return err
	}); err != nil {
		return err
	}
	slices.Sort(paths)
	out := tar.NewWriter(file)
	for _, at := range paths {
		inside, err := filepath.Rel(folder, at)
		if err != nil {
			return err
		}
		raw, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		if err := out.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: filepath.ToSlash(inside), Mode: 0o644, Size: int64(len(raw)), ModTime: time.Unix(0, 0), Format: tar.FormatPAX}); err != nil {
			return err
		}
		if _, err := out.Write(raw); err != nil {
			return err
		}
	}
	return out.Close()
}
