package streams

import (
	"fmt"
	"testing"
)

func TestWhatWasAnsweredBeforeIsNotTakenApartAgain(t *testing.T) {
	var a answers
	first, second := []byte(`{"a":1}`), []byte(`{"a":2}`)
	if got := a.known("x", first); got != nil {
		t.Errorf("nothing was answered yet: %v", got)
	}
	a.remember("x", first, 1)
	for _, c := range []struct {
		address string
		body    []byte
		want    any
	}{{"x", []byte(string(first)), 1}, {"x", second, nil}, {"y", first, nil}} {
		if got := a.known(c.address, c.body); got != c.want {
			t.Errorf("%s %s: %v, want %v", c.address, c.body, got, c.want)
		}
	}
	a.remember("x", second, 2)
	if a.known("x", first) != nil || a.known("x", second) != 2 || a.size != len(second) {
		t.Errorf("the answer before is still known, or the size is wrong: %+v", &a.last)
	}
	a.remember("secret", first, ApplicationConfiguration{Name: "secret"})
	a.remember("secrets", first, page[ApplicationConfiguration]{})
	a.remember("large", make([]byte, rememberedBytes), 3)
	if len(a.last) != 1 {
		t.Errorf("%d answers are remembered, want one", len(a.last))
	}
	for i := range 20 {
		a.remember(fmt.Sprint(i), make([]byte, rememberedBytes/10), i)
		if a.size > rememberedBytes {
			t.Fatalf("%d bytes are remembered", a.size)
		}
	}
	if a.known("19", make([]byte, rememberedBytes/10)) != 19 {
		t.Error("the newest answer is forgotten")
	}
}

// Who reads a list twice gets two lists, and what has changed since.
func TestListsThatWereReadBeforeAreWhole(t *testing.T) {
	s := serve(t)
	s.contract()
	jobs := "/streams/instances/StreamsInstance/jobs"
	answer := func(status string) {
		s.on("GET "+jobs, 200, `{"jobs":[{"id":"1","self":"https://h:9714`+jobs+`/1","status":"`+status+`"}]}`)
	}
	answer("running")
	c := s.client()
	instance := s.instance(c)
	first, err := c.Jobs(t.Context(), instance)
	if err != nil || len(first) != 1 {
		t.Fatalf("%+v, %v", first, err)
	}
	first[0].Status = "spoiled"
	for _, status := range []string{"running", "running", "failed", "running"} {
		answer(status)
		if again, err := c.Jobs(t.Context(), instance); err != nil || len(again) != 1 || string(again[0].Status) != status {
			t.Errorf("%+v, %v, want it %s", again, err, status)
		}
	}
}
