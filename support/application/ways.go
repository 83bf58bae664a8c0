package application

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/crossdc/failover/support/traffic/adapter"
)

// Placeholders stand in the parameters of ways for what a run knows of a data center:
//
//	${name}           its name
//	${host}           the host of its management REST API
//	${data}           the address of its Data Exchange service, without a / at its end
//	${job}            the id of the application's job when the way is opened
//	${user}           the login that the settings give for it; with it
//	${password_file}  the file of its password
//	${ca_file}        the file of the authority that signed its certificate
//
// A way that both share knows none of a data center.
var placeholders = []string{"name", "host", "data", "job", "user", "password_file", "ca_file"}

// Placeholders lists the names that may stand between ${ and }.
func Placeholders() []string { return slices.Clone(placeholders) }

var placeholder = regexp.MustCompile(`\$\{([^}]*)(\}?)`)

func checkPlaceholders(value string, shared bool) error {
	for _, found := range placeholder.FindAllStringSubmatch(value, -1) {
		switch {
		case found[2] == "":
			return fmt.Errorf("${%.20s is not closed by }", found[1])
		case !slices.Contains(placeholders, found[1]):
			return fmt.Errorf("${%.20s} is unknown; want one of %s", found[1], strings.Join(placeholders, ", "))
		case shared:
			return fmt.Errorf("${%s} belongs to one data center, and this way is shared", found[1])
		}
	}
	return nil
}

// values are the parameters of the way of one data center, 0 or 1, as they stand in the file.
func (w Ways) values(n int) adapter.Values {
	values := adapter.Values{}
	maps.Copy(values, w.With)
	maps.Copy(values, [2]map[string]string{w.DC1, w.DC2}[n])
	return values
}

// Values are the parameters of the way of one data center, 0 or 1, with its placeholders filled from what is known of it. The error names
// what is not known.
func (w Ways) Values(n int, known map[string]string) (adapter.Values, error) {
	values := w.values(n)
	for name, text := range values {
		var lacking string
		values[name] = placeholder.ReplaceAllStringFunc(text, func(found string) string {
			key := found[2 : len(found)-1]
			value := known[key]
			if value == "" {
				lacking = key
			}
			return value
		})
		if lacking != "" {
			return nil, fmt.Errorf("parameter %q: ${%s} is not known of data center dc%d", name, lacking, n+1)
		}
	}
	return values, nil
}

// settle makes the paths of files absolute.
func (d *Description) settle(folder string) {
	for _, w := range []*Ways{d.in(), d.out()} {
		if w == nil {
			continue
		}
		used, err := adapter.Find(w.Adapter)
		if err != nil {
			continue // it was checked
		}
		for _, values := range []map[string]string{w.With, w.DC1, w.DC2} {
			for name, value := range values {
				p, _ := used.Parameter(name)
				if (p.Kind == adapter.File || p.Kind == adapter.Secret) && value != "" && !filepath.IsAbs(value) && !strings.HasPrefix(value, "${") {
					values[name] = filepath.Join(folder, value)
				}
			}
		}
	}
}

func (d *Description) in() *Ways {
	if d.Traffic == nil {
		return nil
	}
	return &d.Traffic.Ways
}

func (d *Description) out() *Ways {
	if d.Results == nil {
		return nil
	}
	return &d.Results.Ways
}

// acknowledges reports whether every way in answers for events.
func (d *Description) acknowledges() bool {
	used, err := adapter.Find(d.Traffic.Adapter)
	return err == nil && used.AcknowledgesWith(d.Traffic.values(0)) && used.AcknowledgesWith(d.Traffic.values(1))
}
