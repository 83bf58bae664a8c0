package scenario

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/onsi/gomega"
)

// A failure with an error says what the error says: fields and addresses of its parts are nothing to anybody.
func TestFailuresDumpNoErrors(t *testing.T) {
	plainly()
	err := fmt.Errorf("heal dc1: %w", errors.Join(errors.New("refused (401)"), errors.New("and nothing else")))
	for name, fail := range map[string]func(g gomega.Gomega){
		"succeed":  func(g gomega.Gomega) { g.Expect(err).To(gomega.Succeed()) },
		"occurred": func(g gomega.Gomega) { g.Expect(err).NotTo(gomega.HaveOccurred()) },
		"nil":      func(g gomega.Gomega) { g.Expect(err).To(gomega.BeNil()) },
	} {
		var said string
		fail(gomega.NewGomega(func(message string, _ ...int) { said = message }))
		if !strings.Contains(said, "heal dc1: refused (401)") || strings.Contains(said, "{") || strings.Contains(said, "msg:") {
			t.Errorf("%s: %s", name, said)
		}
	}
}
