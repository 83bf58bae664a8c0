package junit

import (
	"bufio"
	"math"
	"strconv"
	"strings"
)

// writer writes XML piece by piece: a file of many thousand test cases never stands in memory as a whole. Texts have been
// through package plain, so that only markup is left to be escaped.
type writer struct {
	w   *bufio.Writer
	err error
}

// property is one name and value.
type property struct{ name, value string }

var (
	attributes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "\n", "&#10;", "\t", "&#9;")
	contents   = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
)

func (w *writer) raw(s string) {
	if w.err == nil {
		_, w.err = w.w.WriteString(s)
	}
}

func (w *writer) text(s string) {
	if w.err == nil {
		_, w.err = contents.WriteString(w.w, s)
	}
}

func (w *writer) attr(name, value string) {
	w.raw(" " + name + `="`)
	if w.err == nil {
		_, w.err = attributes.WriteString(w.w, value)
	}
	w.raw(`"`)
}

func (w *writer) properties(indent string, list []property) {
	if len(list) == 0 {
		return
	}
	w.raw(indent + "<properties>\n")
	for _, p := range list {
		w.raw(indent + "  <property")
		w.attr("name", p.name)
		w.attr("value", p.value)
		w.raw("></property>\n")
	}
	w.raw(indent + "</properties>\n")
}

// seconds is a duration as the schema wants it: not negative, three decimals.
func seconds(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
		v = 0
	}
	return strconv.FormatFloat(v, 'f', 3, 64)
}
