package streams

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestTheJobThatIsWanted(t *testing.T) {
	job := func(id, name, application string, submitted int64) Job {
		return Job{Element: Element{ID: id}, Name: name, ApplicationName: application, SubmitTime: time.Unix(submitted, 0)}
	}
	jobs := []Job{job("1", "drill", "a::Drill", 5), job("2", "drill", "a::Drill", 9), job("3", "a::Only", "b::Other", 1), job("4", "x", "a::Only", 7)}
	for name, test := range map[string]struct {
		wanted Wanted
		id     string
		class  error
		says   string
	}{
		"by name, the last one":               {Wanted{Name: "drill", Application: "a::Only"}, "2", nil, ""},
		"by the name of its application":      {Wanted{Name: "b::Other"}, "3", nil, ""},
		"a job's own name first":              {Wanted{Name: "a::Only"}, "3", nil, ""},
		"without a name, by its application":  {Wanted{Application: "a::Only"}, "4", nil, ""},
		"without a name, several":             {Wanted{Application: "a::Drill"}, "", ErrRejected, "2 jobs run it, name the one that is meant: drill, drill"},
		"a name that does not exist":          {Wanted{Name: "dril", Application: "a::Only"}, "", ErrNotFound, "named dril: listed are a::Only, drill, drill, x"},
		"an application that does not exist":  {Wanted{Application: "c::None"}, "", ErrNotFound, "of application c::None"},
		"nothing named is not the first best": {Wanted{}, "", ErrNotFound, "listed are"},
	} {
		got, err := test.wanted.In(jobs)
		if got.ID != test.id || !errors.Is(err, test.class) || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: job %q, %v", name, got.ID, err)
		}
	}
	if _, err := (Wanted{Name: "x"}).In(nil); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "no job is listed") {
		t.Error(err)
	}
	if _, err := (Wanted{Name: "y"}).In(make([]Job, 100)); err == nil || !strings.Contains(err.Error(), "80 more") {
		t.Error(err)
	}
}
