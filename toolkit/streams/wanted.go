package streams

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Wanted says which job of an instance is the application's. It is the one place where that is decided, for those who observe a
// job and for those who cancel it.
type Wanted struct {
	Name        string // of the job, or of its application; empty: the only job of Application
	Application string // "ns::Main"
}

// String names what is wanted, for errors.
func (w Wanted) String() string {
	if w.Name == "" {
		return "of application " + w.Application
	}
	return "named " + w.Name
}

// In picks the job from a list. Of several with that name the one submitted last counts. ErrNotFound: none is it. ErrRejected: no
// name is given, and several jobs run the application.
func (w Wanted) In(jobs []Job) (Job, error) {
	of := func(is func(Job) bool) []Job {
		return slices.DeleteFunc(slices.Clone(jobs), func(job Job) bool { return !is(job) })
	}
	var found []Job
	if w.Name != "" {
		if found = of(func(job Job) bool { return job.Name == w.Name }); len(found) == 0 {
			found = of(func(job Job) bool { return job.ApplicationName == w.Name })
		}
	} else if found = of(func(job Job) bool { return job.ApplicationName == w.Application }); len(found) > 1 {
		return Job{}, &Error{
			Op: "find the job " + w.String(), Method: http.MethodGet, Class: ErrRejected,
			Message: fmt.Sprintf("%d jobs run it, name the one that is meant: %s", len(found), names(found)),
		}
	}
	if len(found) == 0 {
		listed := "no job is listed"
		if len(jobs) > 0 {
			listed = "listed are " + names(jobs)
		}
		return Job{}, &Error{Op: "find the job " + w.String(), Method: http.MethodGet, Class: ErrNotFound, Message: listed}
	}
	return slices.MaxFunc(found, func(a, b Job) int { return a.SubmitTime.Compare(b.SubmitTime) }), nil
}

// namesShown bounds a list of jobs in an error.
const namesShown = 20

func names(jobs []Job) string {
	all := make([]string, 0, len(jobs))
	for _, job := range jobs {
		all = append(all, job.Name)
	}
	slices.Sort(all)
	if more := len(all) - namesShown; more > 0 {
		all = append(all[:namesShown], fmt.Sprintf("%d more", more))
	}
	return strings.Join(all, ", ")
}
