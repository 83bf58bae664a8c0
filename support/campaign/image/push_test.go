package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// built is an image of two small programs.
func built(t *testing.T) v1.Image {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"shard", "emulator"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("program "+name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	image, err := imageOf(folder)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// served is a registry, and how many blobs were sent to it. Only a client with this login gets past the door, where one is given.
func served(t *testing.T, login string) (host string, blobs func() int64) {
	t.Helper()
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	var sent atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if login != "" && r.Header.Get("Authorization") != "Basic "+base64.StdEncoding.EncodeToString([]byte(login)) {
			w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
			http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"who are you?"}]}`, http.StatusUnauthorized)
			return
		}
		if r.Method == http.MethodPatch {
			sent.Add(1)
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), sent.Load
}

func loginFile(t *testing.T, content string) {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "config.json"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DOCKER_CONFIG", folder)
}

func referenceOf(t *testing.T, text string) name.Reference {
	t.Helper()
	r, err := name.ParseReference(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestWhatIsPushedIsPulledByItsDigest: the tag and the digest lead to the same image, with its content, and a second push of it sends nothing.
func TestWhatIsPushedIsPulledByItsDigest(t *testing.T) {
	loginFile(t, "{}")
	image := built(t)
	host, blobs := served(t, "")
	to := referenceOf(t, host+"/teams/failover:1")
	pushed, err := upload(t.Context(), to, image)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := image.Digest()
	if err != nil || pushed.String() != host+"/teams/failover@"+digest.String() {
		t.Errorf("pushed to %s, want %s, %v", pushed, digest, err)
	}
	for _, by := range []name.Reference{to, pushed} {
		pulled, err := remote.Image(by, remote.WithContext(t.Context()))
		if err != nil {
			t.Fatalf("pull %s: %v", by, err)
		}
		if got, err := pulled.Digest(); got != digest || err != nil {
			t.Errorf("%s has digest %s, want %s, %v", by, got, digest, err)
		}
		if err := validate.Image(pulled); err != nil {
			t.Errorf("%s is not whole: %v", by, err)
		}
		file, err := pulled.ConfigFile()
		if err != nil || file.Config.User != nobody || fmt.Sprint(file.Config.Entrypoint) != "[/programs/shard]" {
			t.Errorf("%s runs %v, %v", by, file, err)
		}
	}
	before := blobs()
	if before != 2 {
		t.Errorf("%d blobs were sent, want its layer and its configuration", before)
	}
	if _, err := upload(t.Context(), to, image); err != nil || blobs() != before {
		t.Errorf("again: %d more blobs, %v", blobs()-before, err)
	}
}

// TestARegistryThatAsksForALoginGetsThatOfDocker: the login comes from its file, and the error without one says whose is missing and
// never what it is.
func TestARegistryThatAsksForALoginGetsThatOfDocker(t *testing.T) {
	const login = "team:geheim-7"
	image := built(t)
	host, _ := served(t, login)
	to := referenceOf(t, host+"/teams/failover:1")
	auth := func(login string) string {
		return fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, host, base64.StdEncoding.EncodeToString([]byte(login)))
	}
	for _, refused := range []string{"{}", auth("team:geheim-8")} {
		loginFile(t, refused)
		_, err := upload(t.Context(), to, image)
		if err == nil || !strings.Contains(err.Error(), "push to "+to.String()) || !strings.Contains(err.Error(), "log in to "+host) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("refused: %v", err)
		}
	}
	loginFile(t, auth(login))
	if _, err := upload(t.Context(), to, image); err != nil {
		t.Error(err)
	}
}
