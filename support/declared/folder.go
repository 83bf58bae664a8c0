package declared

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"syscall"

	"github.com/crossdc/failover/support/strictyaml"
)

// shippedID is the form of the labels that select what ships: scenarios, declared scenarios and checks of the configuration.
var shippedID = regexp.MustCompile(`^(?i:[SDC]\d+|OB\d+)$`)

// Own reads a team's own folder as Load does, and refuses ids that could select what ships as well.
func Own(folder fs.FS, name string) ([]Scenario, error) {
	list, err := Load(folder, name)
	problems := []error{err}
	var own []Scenario
	for _, s := range list {
		if shippedID.MatchString(s.ID) {
			problems = append(problems, s.wrong("id", "%q is of the form that scenarios which ship are selected by (S01, D01, C1, OB1): give it another name", s.ID))
			continue
		}
		own = append(own, s)
	}
	return own, errors.Join(problems...)
}

// Load reads every .yaml and .yml file of a folder, in the order of their names, but not of folders in it. All that is wrong is in
// the joined error, each with its file. A folder without scenarios is an error as well.
func Load(folder fs.FS, name string) ([]Scenario, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		if errors.Is(err, syscall.ENOTDIR) {
			return nil, fmt.Errorf("%s is not a directory: let CROSSDC_SCENARIOS name the folder that its files are in", name)
		}
		return nil, fmt.Errorf("read the scenarios in %s: let CROSSDC_SCENARIOS name a folder that is there and can be read: %w", name, err)
	}
	var list []Scenario
	var problems []error
	seen := map[string]string{}
	for _, entry := range entries {
		if extension := strings.ToLower(path.Ext(entry.Name())); entry.IsDir() || extension != ".yaml" && extension != ".yml" {
			continue
		}
		file := path.Join(name, entry.Name())
		data, err := content(folder, entry.Name(), file)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		s, err := Parse(file, data)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		id := strings.ToLower(s.ID) // labels of another case would be told apart, and taken for each other by people
		if other, twice := seen[id]; twice {
			problems = append(problems, s.wrong("id", "%q is the id of %s as well; each needs its own", s.ID, other))
			continue
		}
		seen[id] = file
		list = append(list, s)
	}
	if len(list) == 0 && len(problems) == 0 {
		problems = append(problems, fmt.Errorf("%s holds no scenario: put files that end with .yaml there, or unset CROSSDC_SCENARIOS", name))
	}
	return list, errors.Join(problems...)
}

// content is what a file holds. Whatever is no regular file is refused before it is opened: a pipe would be waited for without end.
func content(folder fs.FS, entry, file string) ([]byte, error) {
	info, err := fs.Stat(folder, entry)
	switch {
	case err != nil:
		return nil, &Error{File: file, Text: fmt.Sprintf("cannot be read: %v; mend the link or the file, or take it out of the folder", cause(err))}
	case !info.Mode().IsRegular():
		return nil, &Error{File: file, Text: fmt.Sprintf("is no regular file (%s): take it out of the folder", info.Mode().Type())}
	case info.Size() > strictyaml.MaxFile:
		return nil, &Error{File: file, Text: fmt.Sprintf("%d bytes are more than a scenario may have (%d)", info.Size(), strictyaml.MaxFile)}
	}
	data, err := fs.ReadFile(folder, entry)
	if err != nil {
		return nil, &Error{File: file, Text: fmt.Sprintf("cannot be read: %v; give the right to read it, or take it out of the folder", cause(err))}
	}
	return data, nil
}

// cause is an error without the name of the file, which stands before it already.
func cause(err error) error {
	if of := new(fs.PathError); errors.As(err, &of) {
		return of.Err
	}
	return err
}
