package lease

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit/access"
	"github.com/crossdc/failover/toolkit/streams"
)

// instance keeps application configurations as the contract says (2.12), and nothing else.
type instance struct {
	mu      sync.Mutex
	objects map[string]map[string]string // name -> properties
	refuses int                          // status of every request that changes something; 0: none is refused
	busy    int                          // so many requests more are answered by 503
	shown   int                          // so many more that read an object see it, and then status hidden is the answer
	hidden  int                          // 0: every one sees it
	patched chan struct{}                // told of every PATCH, where somebody listens
}

func (i *instance) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if i.busy > 0 {
		i.busy--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if i.refuses != 0 && r.Method != http.MethodGet {
		w.WriteHeader(i.refuses)
		return
	}
	if i.hidden != 0 && r.Method == http.MethodGet {
		if i.shown == 0 {
			w.WriteHeader(i.hidden)
			return
		}
		i.shown--
	}
	_, name, one := strings.Cut(r.URL.Path, "/applicationconfigurations/")
	var body struct {
		Name       string             `json:"name"`
		Properties map[string]*string `json:"properties"`
	}
	if r.Body != nil {
		_ = json.NewDecoder(r.Body).Decode(&body)
	}
	if r.Method == http.MethodPost {
		name = body.Name
		if i.objects[name] != nil {
			w.WriteHeader(http.StatusConflict)
			return
		}
		i.objects[name] = map[string]string{}
	} else if !one || i.objects[name] == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	for key, value := range body.Properties {
		i.objects[name][key] = *value
	}
	switch r.Method {
	case http.MethodDelete:
		delete(i.objects, name)
		w.WriteHeader(http.StatusNoContent)
		return
	case http.MethodPost:
		w.WriteHeader(http.StatusCreated)
	case http.MethodPatch:
		select {
		case i.patched <- struct{}{}:
		default:
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"name": name, "properties": i.objects[name], "self": "http://" + r.Host + "/i/applicationconfigurations/" + name, "resourceType": "applicationConfiguration"})
}

func (i *instance) holder() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.objects[Name][holderProperty]
}

func (i *instance) put(holder, process string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.objects[Name] = map[string]string{holderProperty: holder, processProperty: process, sinceProperty: "long ago", countProperty: "7"}
}

// served is a place, and what serves it.
func served(t *testing.T, name string) (Place, *instance) {
	t.Helper()
	i := &instance{objects: map[string]map[string]string{}, patched: make(chan struct{}, 1)}
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	client, err := streams.New(streams.Config{Config: access.Config{User: "u", Password: access.NewSecret("p"), AllowPlainHTTP: true, Timeout: 5 * time.Second}, Root: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return Place{Name: name, Client: client, Instance: func(context.Context) (streams.Instance, error) {
		return streams.Instance{Element: streams.Element{Self: server.URL + "/i", ID: "i"}}, nil
	}}, i
}

const (
	long  = 20 * time.Second       // longer than any test needs
	short = 200 * time.Millisecond // a lease that a test waits for the end of
)

func options(holder string, lasts time.Duration) Options {
	return Options{Holder: holder, Lasts: lasts, Look: 10 * time.Millisecond, Lost: func(error) {}}
}

func given(t *testing.T, l *Lease) {
	t.Helper()
	t.Cleanup(func() {
		if err := l.Give(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestOneRunAtATime(t *testing.T) {
	one, first := served(t, "dc1")
	two, second := served(t, "dc2")
	l, err := Take(t.Context(), []Place{one, two}, options("run one", 600*time.Millisecond))
	if err != nil || first.holder() != "run one" || second.holder() != "run one" || len(l.Without()) != 0 {
		t.Fatalf("%q %q %v", first.holder(), second.holder(), err)
	}
	// The first run goes on counting, so that the second is refused long before it might take it for dead.
	_, err = Take(t.Context(), []Place{one, two}, options("run two", long))
	var held *HeldError
	if !errors.As(err, &held) || held.Holder != "run one" || held.Place != "dc1" || held.Since == "" {
		t.Errorf("%v", err)
	}
	if err := l.Give(t.Context()); err != nil || first.holder() != "" || second.holder() != "" {
		t.Errorf("%q %q %v", first.holder(), second.holder(), err)
	}
	again, err := Take(t.Context(), []Place{one, two}, options("run two", long))
	if err != nil {
		t.Fatal(err)
	}
	given(t, again)
}

// A run that is refused by the second place keeps nothing of the first.
func TestARunThatIsRefusedKeepsNothing(t *testing.T) {
	one, first := served(t, "dc1")
	two, _ := served(t, "dc2")
	l, err := Take(t.Context(), []Place{two}, options("run one", 600*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	given(t, l)
	if _, err := Take(t.Context(), []Place{one, two}, options("run two", long)); err == nil || first.holder() != "" {
		t.Errorf("%v; dc1 is held by %q", err, first.holder())
	}
}

func TestTheObjectOfADeadRunIsReplaced(t *testing.T) {
	for name, c := range map[string]struct {
		lasts time.Duration
		dead  bool
	}{"that stands still": {short, false}, "whose process is known to be gone": {long, true}} {
		t.Run(name, func(t *testing.T) {
			place, i := served(t, "dc1")
			i.put("a dead run", "p")
			o := options("run two", c.lasts)
			o.Dead = func(string) bool { return c.dead }
			l, err := Take(t.Context(), []Place{place}, o)
			if err != nil || i.holder() != "run two" {
				t.Fatalf("%q %v", i.holder(), err)
			}
			given(t, l)
		})
	}
}

// What could not be looked at is no run that stood still: its object stays.
func TestARunThatCannotBeLookedAtIsNotDead(t *testing.T) {
	place, i := served(t, "dc1")
	i.put("run one", "p")
	i.shown, i.hidden = 1, http.StatusForbidden
	_, err := Take(t.Context(), []Place{place}, options("run two", short))
	if !errors.Is(err, streams.ErrUnauthorized) || !strings.Contains(err.Error(), "whether the run lives that has taken dc1 (run one)") || i.holder() != "run one" {
		t.Errorf("held by %q: %v", i.holder(), err)
	}
}

// That a name is taken is known, and nobody can say by whom: a run that may live is not passed by.
func TestANameThatIsTakenByWhomNobodyMaySee(t *testing.T) {
	place, i := served(t, "dc1")
	i.put("somebody", "")
	i.hidden = http.StatusForbidden
	if _, err := Take(t.Context(), []Place{place}, options("run", long)); err == nil || !strings.Contains(err.Error(), "whether another one has it is not known") || i.holder() != "somebody" {
		t.Errorf("held by %q: %v", i.holder(), err)
	}
}

// A service that refuses a name and shows nobody who has it is asked some times, and not for ever.
func TestANameThatIsTakenByNobodyIsAnError(t *testing.T) {
	place, i := served(t, "dc1")
	i.put("somebody", "")
	i.hidden = http.StatusNotFound
	_, err := Take(t.Context(), []Place{place}, options("run", long))
	if !errors.Is(err, streams.ErrConflict) || !strings.Contains(err.Error(), "could not be made in 5 attempts") || i.holder() != "somebody" {
		t.Errorf("held by %q: %v", i.holder(), err)
	}
}

// Where nobody may make such an object, or the platform has none, the run goes on and says so.
func TestAPlaceThatCannotBeTakenIsNamed(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented} {
		place, i := served(t, "dc1")
		i.refuses = status
		l, err := Take(t.Context(), []Place{place}, options("run", long))
		if err != nil || l.Without()["dc1"] == nil {
			t.Errorf("%d: %v", status, err)
			continue
		}
		if err := l.Give(t.Context()); err != nil {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestAServiceThatIsBusyForAMomentIsAskedAgain(t *testing.T) {
	place, i := served(t, "dc1")
	i.busy = 2
	l, err := Take(t.Context(), []Place{place}, options("run", long))
	if err != nil || len(l.Without()) > 0 {
		t.Fatalf("%v", err)
	}
	given(t, l)
}

func TestAnObjectThatIsGoneIsMadeAgain(t *testing.T) {
	place, i := served(t, "dc1")
	l, err := Take(t.Context(), []Place{place}, options("run", short))
	if err != nil {
		t.Fatal(err)
	}
	given(t, l)
	i.mu.Lock()
	delete(i.objects, Name) // its instance was made anew
	i.mu.Unlock()
	<-i.patched // it was made again before
	if i.holder() != "run" {
		t.Errorf("held by %q", i.holder())
	}
}

func TestARunIsToldThatItLostThePlace(t *testing.T) {
	place, i := served(t, "dc1")
	lost := make(chan error, 1)
	o := options("run one", short)
	o.Lost = func(err error) { lost <- err }
	l, err := Take(t.Context(), []Place{place}, o)
	if err != nil {
		t.Fatal(err)
	}
	i.put("run two", "")
	var held *HeldError
	if err := <-lost; !errors.As(err, &held) || held.Holder != "run two" {
		t.Error(err)
	}
	if err := l.Give(t.Context()); err != nil || i.holder() != "run two" {
		t.Errorf("%v; what another has taken must stay: %q", err, i.holder())
	}
}

func TestTakingEndsWithItsContext(t *testing.T) {
	place, i := served(t, "dc1")
	i.put("a dead run", "")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Take(ctx, []Place{place}, options("run", long)); !errors.Is(err, context.DeadlineExceeded) || i.holder() != "a dead run" {
		t.Errorf("%v, held by %q", err, i.holder())
	}
}

func TestAProcessIsKnownToBeGoneOnlyWhereItRan(t *testing.T) {
	here := ThisProcess()
	if here == "" {
		t.Skip("this system does not tell when a process began")
	}
	if GoneHere(here) || GoneHere("") || GoneHere("another boot/pid:[1]/1/1") || GoneHere("a/b") {
		t.Error("a process that lives, or of which nothing is known, is called gone")
	}
	program := exec.Command("sleep", "60")
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	name := processOf(program.Process.Pid)
	if name == "" || GoneHere(name) {
		t.Errorf("%q lives", name)
	}
	_ = program.Process.Kill()
	_ = program.Wait()
	if !GoneHere(name) {
		t.Errorf("%q is gone", name)
	}
}
