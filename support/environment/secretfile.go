package environment

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
)

// newSecretFile draws a secret and leaves it in a file that only we can read, for a child process.
func newSecretFile(path string) (secret, file string, err error) {
	raw := make([]byte, 18)
	if _, err := rand.Read(raw); err != nil {
		return "", "", fmt.Errorf("draw a secret: %w", err)
	}
	secret = base64.RawURLEncoding.EncodeToString(raw)
	if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
		return "", "", fmt.Errorf("keep a secret for a child process: %w", err)
	}
	return secret, path, nil
}
